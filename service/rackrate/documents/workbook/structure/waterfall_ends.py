"""The ends of a waterfall: anticipated repayment, sale at legal final, balances, books; a whole run."""

from rackrate.deal.sizing_tests import Refinance
from rackrate.documents.workbook.file.charts import COLORS, ROWS, Chart, line_of
from rackrate.documents.workbook.file.styles import NUMBERS
from rackrate.documents.workbook.formulas.addresses import FIRST
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import ENDLESS, Model
from rackrate.documents.workbook.structure.coupon_rows import Coupons
from rackrate.documents.workbook.structure.waterfall_run import Run
from rackrate.documents.workbook.structure.waterfall_sheet import (
    FLAGS,
    write_cash,
    write_cover,
    write_dues,
    write_opening,
    write_shared,
)
from rackrate.documents.workbook.structure.waterfall_steps import write_steps


def write_run(
    model: Model,
    coupons: Coupons,
    name: str,
    title: str,
    purpose: str,
    key: str,
    haircut: str = "",
    *,
    refused: bool = False,
) -> Run:
    """Write a whole run of the waterfall; the first is that which the others read their terms from."""
    paid = model.source.paid
    if paid is None:
        raise ValueError("structure: a waterfall without one")
    periods = paid.run.available.shape[1]
    sheet = model.book.sheet(name, title, purpose, periods)
    sheet.step = coupons.structure.period_months
    run = Run(model, coupons, sheet, paid.terms, key, haircut, refused)
    _ends(run)
    if key == "w":
        write_shared(run)
    write_opening(run)
    write_cash(run)
    write_dues(run)
    write_cover(run)
    write_steps(run)
    _refinance(run)
    _sale(run)
    _close(run)
    sheet.run()
    if key == "w":
        _charts(run)
    return run


def _charts(run: Run) -> None:
    """Balances of the classes; the cover that triggers test beside their levels."""
    rows, sheet = run.model.book.rows, run.sheet
    gone = [month for month, refinanced in enumerate(run.model.book.series("w.gone")) if refinanced]
    owed = [month for month, debt in enumerate(run.model.book.series("w.debt")) if debt]
    end = owed[-1] + 1 if owed else sheet.months
    known = range(2 if run.step == 1 else 0, gone[0] if gone else end)
    whole, at = range(min(end + 1, sheet.months)), sheet.next + 1
    balances = [line_of(rows[f"w.balance{j}"], COLORS[j % len(COLORS)], whole) for j in run.classes]
    money, unit, dates = NUMBERS["money"], run.model.book.currency, "payment date"
    sheet.charts.append(
        Chart("area", "Balances after payment", at, FIRST, balances, money, unit, dates, "stacked")
    )
    levels = [name for name in FLAGS if f"w.{name}_level" in rows]
    covers = [line_of(rows["w.tested"], COLORS[0], known)]
    for n, name in enumerate(levels):
        covers.append(line_of(rows[f"w.{name}_level"], COLORS[n + 3], known, dashed=True))
    sheet.charts.append(
        Chart("line", "Cover and triggers", at + ROWS, FIRST, covers, NUMBERS["cover"], by=dates)
    )


def _ends(run: Run) -> None:
    """Cells of what a take-out supports at the ARD, and of what a sale brings at legal final."""
    values, k, cut, structure = run.model.values, run.case, run.haircut, run.structure
    paid = run.model.source.paid
    tests = run.model.source.sized.loan.tests
    supported = []
    for n, test in enumerate(paid.resolved.refinance if paid else ()):
        name = next((f"in_test{i + 1}" for i, own in enumerate(tests) if own is test), f"in_house{n + 1}")
        supported += _legs(run, test, name)
    final, most = structure.legal_final_months, ",".join(supported)
    key = run.model.capitalised(k, final, final - 12, "{in_exit_cap}", run.model.title("Exit value", k))
    value = f"MIN({run.model.value(k, cut)},MAX(0,{run.model.under(key, cut)}))"
    top = values.next
    values.say(top, 0, f"Ends of {run.sheet.title}", "heading")
    values.put(top + 1, 0, "Debt that a take-out supports at the ARD")
    takeout = "-1" if run.refused else f"MIN({most})" if supported else ENDLESS
    values.put(top + 1, 4, f"={takeout}", "money", key=f"{run.key}.takeout")
    values.put(top + 2, 0, "Net proceeds of a sale at legal final")
    values.put(top + 2, 4, f"=MAX(0,{value}*(1-{{in_sale_costs}}))", "money", key=f"{run.key}.sale")
    values.next = top + 4


def _legs(run: Run, test: Refinance, name: str) -> list[str]:
    """What each leg supports: income over cover and constant, value times loan to value."""
    ard = run.model.source.paid.resolved.ard if run.model.source.paid else 0
    legs = run.model.takeout_legs(test, name, run.case, ard, run.haircut)
    found = [f"{legs['cover']}/{{{name}_dscr}}"] if "cover" in legs else []
    return found + ([f"{legs['value']}*{{{name}_ltv}}"] if "value" in legs else [])


def _refinance(run: Run) -> None:
    """All classes are repaid at the ARD where the take-out supports balances and unpaid interest."""
    run.sheet.heading("Anticipated repayment")
    last = f"{run.sheet.months - 1}"
    is_ard = run.row("is_ard", "ARD", f"IF(AND({{m}}={{in_ard}}/{run.step}-1,{{m}}<{last}),1,0)", "flag")
    owed = "+".join(f"{run.now('interest', j)}+{run.now('principal', j)}" for j in run.classes)
    claims = run.row("claims", "claims of the classes", owed)
    run.row("ard_claims", "outstanding at the ARD", f"{is_ard}*{claims}")
    tested = f"AND({is_ard}=1,{claims}>0,{claims}<={{{run.key}.takeout}})"
    repaid = run.row("refinanced", "refinanced", f"IF({tested},1,0)", "flag")
    run.row("gone", "refinanced by now", f"MAX({run.at('gone', '@-1')},{repaid})", "flag", opening=0.0)
    for j in run.classes:
        for what, label in (("interest", "interest"), ("principal", "principal")):
            paid = run.row(
                f"ard_{what}{j}", f"{run.name(j)}: {label} at the ARD", f"{repaid}*{run.now(what, j)}"
            )
            run.paid.setdefault(f"{what}{j}", []).append(paid)
    freed = run.row("ard_freed", "reserve and trap to equity", f"{repaid}*({run.reserve}+{run.trap})")
    run.paid["equity"].append(freed)
    run.reserve, run.trap = f"(1-{repaid})*{run.reserve}", f"(1-{repaid})*{run.trap}"


def _sale(run: Run) -> None:
    """At legal final sale, reserve and trap pay class by class, then additional interest, then equity."""
    run.sheet.heading("Legal final")
    final = run.row("is_final", "legal final", f"IF({{m}}={run.sheet.months - 1},1,0)", "flag")
    owed = "+".join(
        f"{run.now('interest', j)}+{run.now('principal', j)}+{run.now('additional', j)}" for j in run.classes
    )
    sold = run.row("sold", "sale proceeds", f"IF(AND({final}=1,{owed}>0),{{{run.key}.sale}},0)")
    cash = run.row("final_cash", "to pay with", f"{final}*({sold}+{run.reserve}+{run.trap})")
    order = [(what, j) for j in run.classes for what in ("interest", "principal")]
    order += [("additional", j) for j in run.classes]
    for what, j in order:
        label = "additional interest" if what == "additional" else what
        paid = run.row(
            f"final_{what}{j}", f"{run.name(j)}: {label}", f"{final}*MIN({run.now(what, j)},{cash})"
        )
        cash = run.row(f"final_{what}{j}_left", f"{run.name(j)}: left", f"{cash}-{paid}")
        run.paid.setdefault(f"{what}{j}", []).append(paid)
    run.paid["equity"].append(cash)
    run.reserve, run.trap = f"(1-{final})*({run.reserve})", f"(1-{final})*({run.trap})"


def _close(run: Run) -> None:
    """Closing balances, what was paid in all, and the books of the period."""
    run.sheet.heading("What was paid, and what is left")
    sums = {}
    for name, label in (("fees", "fees"), ("uncapped", "uncapped fees"), ("equity", "equity")):
        sums[name] = run.row(name, label, "+".join(run.paid.get(name, [])) or "0")
    for name, due in (("fees_owed", "fees"), ("uncapped_owed", "uncapped")):
        run.row(name, f"{due} owed", f"{run.at(f'{due}_due1')}-{run.at(due)}", opening=0.0)
    initial = "{in_reserve}" if run.structure.reserves.initial is not None else run.at("target")
    run.row("reserve", "reserve", run.reserve, opening=initial)
    run.row("trap", "trap", run.trap, opening=0.0)
    paid = [sums["fees"], sums["uncapped"], sums["equity"]]
    for j in run.classes:
        for what, label, left in (
            ("interest", "interest", "unpaid"),
            ("principal", "principal", "balance"),
            ("additional", "additional interest", "additional"),
        ):
            refs = run.paid.get(f"{what}{j}", [])
            total = run.row(f"{what}_paid{j}", f"{run.name(j)}: {label} paid", "+".join(refs) or "0")
            paid.append(total)
            opening = f"{{class{j}.drawn}}" if what == "principal" else 0.0
            run.row(f"{left}{j}", f"{run.name(j)}: {label} left", run.now(what, j), opening=opening)
    proceeds = run.row(
        "proceeds", "of refinancing and sale", f"{run.at('refinanced')}*{run.at('claims')}+{run.at('sold')}"
    )
    drawn = "+".join(f"{run.at(name, '@-1')}-{run.at(name)}" for name in ("reserve", "trap", "carried"))
    books = f"{run.at('available')}+{drawn}+{proceeds}-({'+'.join(paid)})"
    run.row("books", "books: in less out", books, "small_difference")


def write_coupons(model: Model) -> Coupons | None:
    """The sheet of the classes' coupons; None without a structure."""
    structure = model.source.deal.structure
    if structure is None:
        return None
    months = max(structure.legal_final_months, model.term, 12)
    sheet: Sheet = model.book.sheet(
        "Coupons", "Coupons", "Rates of the classes, and their service per 1.", months
    )
    sheet.heading("By class and case")
    return Coupons(model, sheet, structure)
