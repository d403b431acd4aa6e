"""Rows of sculpted debt and of equipment: capacity by backward induction, ceilings, contracted value."""

from rackrate.deal.sizing_tests import EquipmentTest
from rackrate.documents.workbook.formulas.book import SAME, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import curve_at, joined
from rackrate.documents.workbook.model import ENDLESS, Model

STEP = 1e-5  # share of a limit either side of it, for a shadow price


def write_sculpt(model: Model, sheet: Sheet, key: str, k: int, cover: str, ceiling: str = "") -> str:
    """Write debt capacity by backward induction under a ceiling; the key of its row, which opens with it."""
    term, io = "{in_debt_term}", "{in_debt_io}"
    sheet.row(f"{key}.cap", "service that cash flow carries", f"{{s.in}}*MAX(0,{{cf{k}.ncf}})/{cover}")
    most = f"IF({{s{k}.r}}>0,{{{key}.cap}}/{{s{k}.r}},{ENDLESS})"
    most = f"MIN({most},{{{ceiling}@-1}})" if ceiling else most
    sheet.row(f"{key}.room", "most that it opens with", most)
    end = "0"
    if model.source.deal.debt.balloon > 0.0:
        end = _balloon(sheet, key, k)
    sheet.run()
    end = f"MIN({end},{{{ceiling}}})" if ceiling else end
    carried = f"IF({{m}}+1<{io},{{{key}.u@+1}},({{{key}.u@+1}}+{{{key}.cap@+1}})/(1+{{s{k}.r@+1}}))"
    within = f"MIN({{{key}.room@+1}},{carried})"
    last = f"IF({{m}}+1={term},{end},0)"
    sheet.row(f"{key}.u", "debt capacity", f"IF({{m}}+1>={term},{last},{within})", opening=SAME)
    sheet.run(backwards=True)
    return f"{key}.u"


def _balloon(sheet: Sheet, key: str, k: int) -> str:
    """Rows of what a balloon share comes to, without iterating; its formula."""
    io, g, a = "{in_debt_io}", f"{{{key}.g@-1}}", f"{{{key}.a@-1}}"
    sheet.row(
        f"{key}.g", "value of 1 later", f"{g}/IF({{m}}<{io},1,1+{{s{k}.r}})", style="factor", opening=1.0
    )
    sheet.row(
        f"{key}.a", "value of what is repaid", f"{a}+IF({{m}}<{io},0,{{{key}.cap}}*{{{key}.g}})", opening=0.0
    )
    bound = f"IF({{s.in}}=1,IF({{{key}.room}}<9E+307,{a}+{g}*{{{key}.room}},{ENDLESS}),{ENDLESS})"
    sheet.row(f"{key}.bound", "principal that this month bounds", bound)
    n = "{in_debt_term}"
    share, least = "{in_debt_balloon}", f"MIN({{{key}.bound@[:]}})"
    base, slope = f"INDEX({{{key}.a@[:]}},{n})", f"INDEX({{{key}.g@[:]}},{n})"
    root = f"IF({share}*{slope}<1,{base}/(1-{share}*{slope}),{ENDLESS})"
    return f"{share}*MIN({least},{root})"


def write_ceilings(model: Model, sheet: Sheet) -> str:
    """Write the ceiling of every equipment test of the loan; the key of the least of them, or nothing."""
    tests = [
        (i, test) for i, test in enumerate(model.source.sized.loan.tests) if isinstance(test, EquipmentTest)
    ]
    if not tests:
        return ""
    keys = [write_ceiling(model, sheet, f"test{i + 1}", model.number_of(test), test) for i, test in tests]
    if len(keys) == 1:
        return keys[0]
    least = f"MIN({','.join(f'{{{key}}}' for key in keys)})"
    sheet.row("c.least", "least ceiling", least, opening=SAME)
    sheet.run()
    return "c.least"


def write_ceiling(
    model: Model, sheet: Sheet, name: str, k: int, test: EquipmentTest, scale: float = 1.0
) -> str:
    """Write the ceiling of an equipment test from closing to maturity; the key of its row.

    ``scale`` moves the test's own limit: the advance, or the cover where there is none.
    """
    key = f"c.{name}" + (f".{scale!r}".replace("-", "") if scale != 1.0 else "")
    if key in model.book.rows:
        return key
    _equipment(model, sheet)
    legs = ["{g.book}"]
    moved = f"*{scale!r}" if scale != 1.0 else ""
    if test.dscr is not None:
        _contract_value(model, sheet, k)
        own = moved if test.advance_rate is None else ""
        legs.append(f"{{s{k}.pv}}/({{in_{name}_dscr}}{own})")
    if test.advance_rate is not None:
        legs.append(f"{{in_{name}_advance_rate}}{moved}*{{g.residual}}")
    least = ",".join(legs)
    within = f"IF({{m}}<{{in_debt_term}},MAX(0,MIN({least})),{ENDLESS})"
    label = "equipment ceiling" + (f" at {scale!r} of its limit" if moved else "")
    sheet.row(key, label, within, opening=SAME)
    sheet.run()
    return key


def _equipment(model: Model, sheet: Sheet) -> None:
    if "g.book" in model.book.rows:
        return
    held = [f"in_f{f + 1}_gear" for f, part in enumerate(model.source.deal.facilities) if part.equipment]
    sheet.heading("Equipment")
    resale = [f"{{{name}_cost}}*{curve_at(model.book, f'{name}_residual', '{s.date}')}" for name in held]
    sheet.row("g.residual", "resale value", joined(resale), opening=SAME)
    book = [f"{{{name}_cost}}*MAX(0,1-({{m}}+1)/{{{name}_life}})" for name in held]
    sheet.row("g.book", "straight-line value", joined(book), opening=SAME)
    sheet.run()


def _contract_value(model: Model, sheet: Sheet, k: int) -> None:
    """Present value of contracted net cash flow to come, at the debt's own rates."""
    if f"s{k}.pv" in model.book.rows:
        return
    flow = f"IF({{m}}+1<{{contracts_end}},{{cc{k}.ncf@+1}},0)"
    value = f"({{s{k}.pv@+1}}+{flow})/(1+{{s{k}.r@+1}})"
    sheet.row(f"s{k}.pv", "value of the contracts", value, opening=SAME)
    sheet.run(backwards=True)
