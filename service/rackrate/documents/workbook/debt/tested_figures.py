"""The figure that each kind of sizing test is held on, as formulas."""

from dataclasses import dataclass

from rackrate.deal.debt import Sculpted
from rackrate.deal.sizing_tests import (
    EquipmentTest,
    MaxLeverage,
    MaxLtc,
    MaxLtv,
    MinDebtYield,
    MinDscr,
    MinLlcr,
    MinPlcr,
    Refinance,
    SculptedTest,
    SizingTest,
)
from rackrate.documents.workbook.debt.schedule_sheet import DUST, ratio_row, yearly
from rackrate.documents.workbook.debt.sculpt_rows import STEP, write_ceiling, write_sculpt
from rackrate.documents.workbook.debt.service import of_test
from rackrate.documents.workbook.formulas.book import SAME, Sheet
from rackrate.documents.workbook.model import ENDLESS, Model
from rackrate.engine.debt.debt_service import ROLLING


@dataclass(frozen=True)
class Allowed:
    """Formulas of a test: its figure per 1 of principal, its limit, whether the figure rises with principal.

    ``largest`` and ``shadow`` where they do not follow from these.
    """

    figure: str
    limit: str
    rising: str
    largest: str = ""
    shadow: str = ""


def over(earned: str, due: str) -> str:
    """Ratio of two amounts, without bound over nothing due."""
    return f"IF({due}=0,{ENDLESS},{earned}/{due})"


def allowed(model: Model, name: str, test: SizingTest, k: int) -> Allowed:
    """Formulas of a test in a case; ``name`` is the prefix of its inputs."""
    limit = f"{{in_{name}_limit}}"
    match test:
        case MaxLtv():
            return Allowed(f"{{k{k}.value}}", limit, "1")
        case MaxLtc():
            return Allowed("{cost}", limit, "1")
        case MinDebtYield():
            return Allowed(f"{{k{k}.closing.ncf}}", limit, "0")
        case MaxLeverage():
            return Allowed(f"{{k{k}.closing.ncf}}", limit, "1")
        case MinDscr():
            return Allowed(_cover(model, name, test, k), limit, "0")
        case SculptedTest():
            return _sculpted(model, name, test, k)
        case MinLlcr():
            return Allowed(life(model, k, project=False), limit, "0")
        case MinPlcr():
            return Allowed(life(model, k, project=True), limit, "0")
        case Refinance():
            return _refinance(model, name, test, k)
        case EquipmentTest():
            return _equipment(model, name, test, k)


def _schedule(model: Model) -> Sheet:
    return next(sheet for sheet in model.book.sheets if sheet.name == "Schedule")


def _cover(model: Model, name: str, test: MinDscr, k: int) -> str:
    by = of_test(test, name, "actual")
    if test.basis in ROLLING:
        row = ratio_row(model, _schedule(model), k, test.numerator, by)
        held = "AVERAGE" if test.basis == "average" else "MIN"
        return f"IF(COUNT({{{row}@[:]}})=0,{ENDLESS},{held}({{{row}@[:]}}))"
    return over(f"{{k{k}.{test.basis}.{test.numerator}}}", yearly(k, by))


def _sculpted(model: Model, name: str, test: SculptedTest, k: int) -> Allowed:
    """Capacity by backward induction; the figure is the least cover of the debt's own sculpt."""
    sheet, own = _schedule(model), f"in_{name}_limit" not in model.book.cells
    limit = "{in_debt_cover}" if own else f"{{in_{name}_limit}}"
    sheet.heading(f"Capacity of {name}")
    row = write_sculpt(model, sheet, f"u.{name}", k, limit)
    largest = f"{{{row}@[-1]}}"
    figure = f"{limit}*{largest}"
    if isinstance(model.source.deal.debt.amortisation, Sculpted):
        cover = f'IF(AND({{s.in}}=1,{{s{k}.service}}>{DUST}),{{cf{k}.ncf}}/{{s{k}.service}},"")'
        sheet.row(f"u.{name}.cover", "cover per 1 of principal", cover)
        sheet.run()
        figure = f"MIN({{u.{name}.cover@[:]}})"
    return Allowed(figure, limit, "0", largest=largest, shadow=f"-{largest}/{limit}")


def balloon(model: Model, k: int) -> str:
    """Formula of the share of principal left at maturity; nothing where only rounding is left."""
    left = f"{{s{k}.b@[{model.term - 1}]}}"
    return f"IF({left}>{DUST},{left},0)"


def life(model: Model, k: int, *, project: bool) -> str:
    """Formula of the present value of cash flow over the life of the loan, or of its contracts."""
    end, contracts = model.term, model.source.priced.resolved.last_contract_end
    if project:
        end = max(end, contracts)
    value = f"SUMPRODUCT({{cf{k}.ncf@[0:{end - 1}]}},{{s{k}.df@[0:{end - 1}]}})"
    tests = [(i, test) for i, test in enumerate(model.source.sized.loan.tests) if isinstance(test, Refinance)]
    if not tests or (project and contracts > model.term):
        return value
    supported = []
    for i, test in tests:
        own, name = model.number(test.case or model.cases[k]), f"in_test{i + 1}"
        legs = model.takeout_legs(test, name, own, model.term)
        most = [f"{legs['cover']}/{{{name}_dscr}}"] if "cover" in legs else []
        most += [f"{legs['value']}*{{{name}_ltv}}"] if "value" in legs else []
        supported.append(f"MAX(0,MIN({','.join(most)}))")
    balloon_value = f"{{s{k}.df@[{model.term - 1}]}}*MIN({','.join(supported)})"
    return f"{value}+IF({balloon(model, k)}=0,0,{balloon_value})"


def _refinance(model: Model, name: str, test: Refinance, k: int) -> Allowed:
    """The tighter of its legs, each on the balloon per 1 of principal."""
    sheet, left = model.values, balloon(model, k)
    legs = model.takeout_legs(test, f"in_{name}", k, model.term)
    top = sheet.next
    sheet.say(top, 0, f"Legs of {name}", "heading")
    for column, text in enumerate(
        ("leg", "balloon it supports", "per 1 of principal", "limit", "largest principal")
    ):
        sheet.put(top + 1, column, text, "head")
    rows = []
    for n, (leg, term, rising) in enumerate((("cover", "dscr", False), ("value", "ltv", True))):
        if leg not in legs:
            continue
        key, row, limit = f"{name}.{leg}", top + 2 + n, f"{{in_{name}_{term}}}"
        sheet.put(row, 0, leg)
        sheet.put(row, 1, f"={legs[leg]}", "money", key=f"{key}.balloon")
        sheet.put(row, 2, f"={over(f'{{{key}.balloon}}', left)}", "figure", key=f"{key}.figure")
        sheet.put(row, 3, f"={limit}", "cover")
        figure = f"{{{key}.figure}}"
        most = f"{limit}*{figure}" if rising else f"{figure}/{limit}"
        sheet.put(row, 4, f"=IF({figure}>9E+307,{ENDLESS},{most})", "money", key=f"{key}.largest")
        rows.append((key, limit, rising))
    sheet.next = top + 5
    return _tighter(rows)


def _tighter(rows: list[tuple[str, str, bool]]) -> Allowed:
    (first, limit, rising), *others = rows
    figure, up = f"{{{first}.figure}}", str(int(rising))
    if others:
        ((second, limit2, _),) = others
        tight = f"{{{first}.largest}}<={{{second}.largest}}"
        figure = f"IF({tight},{figure},{{{second}.figure}})"
        limit = f"IF({tight},{limit},{limit2})"
        up = f"IF({tight},0,1)"
    return Allowed(figure, limit, up)


def _equipment(model: Model, name: str, test: EquipmentTest, k: int) -> Allowed:
    """The ceiling from closing to maturity; of a sculpt below it, the sculpt's own capacity."""
    sheet = _schedule(model)
    leg = "dscr" if test.advance_rate is None else "advance_rate"
    scales = (1.0, 1.0 + STEP, 1.0 - STEP)
    ceilings = [write_ceiling(model, sheet, name, k, test, scale) for scale in scales]
    owed = f"AND({{m}}<{{in_debt_term}},{{s{k}.b}}>{DUST})"
    tests = model.source.sized.loan.tests
    shapes = isinstance(model.source.deal.debt.amortisation, Sculpted) and any(
        own == test and model.number_of(own) == k for own in tests
    )
    carried = []
    for ceiling in ceilings:
        if shapes:
            row = write_sculpt(model, sheet, f"u.{ceiling}", model.number(None), "{in_debt_cover}", ceiling)
            carried.append(f"{{{row}@[-1]}}")
        else:
            sheet.row(
                f"{ceiling}.p", "principal it backs", f'IF({owed},{{{ceiling}}}/{{s{k}.b}},"")', opening=SAME
            )
            sheet.run()
            carried.append(f"MIN({{{ceiling}.p@[-1:{model.term - 1}]}})")
    backing = f"{{s{k}.pv}}" if test.advance_rate is None else "{g.residual}"
    sheet.row(f"c.{name}.backing", "backing per 1 owed", f'IF({owed},{backing}/{{s{k}.b}},"")', opening=SAME)
    sheet.run()
    figure = f"MIN({{c.{name}.backing@[-1:{model.term - 1}]}})"
    limit = f"{{in_{name}_{leg}}}"
    shadow = f"({carried[1]}-{carried[2]})/(2*{STEP!r}*{limit})".replace("1e-05", "0.00001")
    return Allowed(
        figure, limit, "0" if test.advance_rate is None else "1", largest=carried[0], shadow=shadow
    )
