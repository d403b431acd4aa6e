"""Limits of the classes: the principal each allows behind the classes above, the figure as issued."""

from dataclasses import dataclass

from rackrate.deal.cases import case_of
from rackrate.deal.sizing_tests import MinDscr, SizingTest
from rackrate.documents.workbook.debt.service import Service, of_test
from rackrate.documents.workbook.debt.tested_figures import allowed
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import ENDLESS, Model
from rackrate.documents.workbook.structure.coupon_rows import Coupons
from rackrate.engine.debt.debt_service import ROLLING

WHY_AVERAGE = (
    "Value of the service: a mean cover is not linear in the principal behind classes of another rhythm, and"
    " is bisected (docs/methodology.md, classes): a new run."
)


@dataclass(frozen=True)
class LimitRow:
    """A limit of a class: its formulas. ``room`` is what it allows the class itself."""

    limit: str
    room: str
    actual: str
    rising: str


def limit_row(model: Model, coupons: Coupons, j: int, i: int, limit: SizingTest) -> LimitRow:
    """Formulas of limit ``i`` of class ``j``; the classes above are sized already, not yet issued."""
    k = model.number(case_of(limit, coupons.note(j).case or model.source.deal.sizing.case))
    name = f"class{j + 1}_limit{i + 1}"
    if isinstance(limit, MinDscr):
        return _cover(model, coupons, j, k, name, limit)
    found = allowed(model, name, limit, k)
    figure, debt = f"({found.figure})", _together("issued", j)
    most = found.largest or (
        f"IF({figure}>9E+307,{ENDLESS},IF({found.rising}=1,{found.limit}*{figure},{figure}/{found.limit}))"
    )
    rises = f'IF({figure}=0,"",{debt}/{figure})'
    actual = f'IF({found.rising}=1,{rises},IF({figure}>9E+307,"",IF({debt}=0,"",{figure}/{debt})))'
    return LimitRow(found.limit, f"{most}-{_above(j)}", actual, found.rising)


def _above(j: int, what: str = "own") -> str:
    return f"SUM({{class1.{what}..class{j}.{what}}})" if j else "0"


def _together(what: str, j: int) -> str:
    return f"SUM({{class1.{what}..class{j + 1}.{what}}})"


def _cover(model: Model, coupons: Coupons, j: int, k: int, name: str, limit: MinDscr) -> LimitRow:
    by = of_test(limit, name, "interest_only")
    if limit.basis in ROLLING:
        return _rolling(model, coupons, j, k, name, limit, by)
    earned = f"{{k{k}.{limit.basis}.{limit.numerator}}}"
    years = [coupons.year(n, k, by) for n in range(j + 1)]
    due = "+".join(f"{{class{n + 1}.own}}*{years[n]}" for n in range(j)) or "0"
    bound = f"{{in_{name}_limit}}"
    room = f"IF({years[j]}>0,({earned}/{bound}-({due}))/({years[j]}),{ENDLESS})"
    all_due = "+".join(f"{{class{n + 1}.issued}}*{years[n]}" for n in range(j + 1))
    return LimitRow(bound, room, f'IF({all_due}>0,{earned}/({all_due}),"")', "0")


def _rolling(
    model: Model, coupons: Coupons, j: int, k: int, name: str, limit: MinDscr, by: Service
) -> LimitRow:
    """Rows over every twelve months in which a class is outstanding; their least, or their mean."""
    sheet, bound = coupons.sheet, f"{{in_{name}_limit}}"
    services = [coupons.windows(n, k, by) for n in range(j + 1)]
    lefts = dict.fromkeys(coupons.balance(n, k) for n in range(j + 1))
    owed = ",".join(f"{{{left}@-1}}>1E-9" for left in lefts)
    counts = f"AND({{m}}>=11,{{m}}<{{in_debt_term}},OR({owed}))"
    earned = f"SUM({{cf{k}.{limit.numerator}@-11:0}})"
    due = "+".join(f"{{class{n + 1}.own}}*{services[n]}" for n in range(j)) or "0"
    row = f"{name}.room"
    own = services[j]
    sheet.row(row, f"room of {name}", f'IF({counts},IF({own}>0,({earned}/{bound}-({due}))/{own},""),"")')
    sheet.run()
    room = f"IF(COUNT({{{row}@[:]}})=0,{ENDLESS},MIN({{{row}@[:]}}))"
    if limit.basis == "average":
        room = repr(model.source.class_room(j, int(name.rpartition("limit")[2]) - 1))
    held = "AVERAGE" if limit.basis == "average" else "MIN"
    all_due = "+".join(f"{{class{n + 1}.issued}}*{services[n]}" for n in range(j + 1))
    cover = f'IF({counts},IF({all_due}>0,{earned}/({all_due}),""),"")'
    return LimitRow(bound, room, f"{held}|{cover}", "0")


def write_cover(sheet: Sheet, name: str, row: LimitRow) -> str:
    """Formula of the figure at what is issued; a rolling cover's row is written first."""
    held, bar, cover = row.actual.partition("|")
    if not bar:
        return row.actual
    key = f"{name}.cover"
    sheet.row(key, f"cover of {name}", cover, style="cover")
    sheet.run()
    return f'IF(COUNT({{{key}@[:]}})=0,"",{held}({{{key}@[:]}}))'
