"""Sheet of sizing: income and value by case, a row a test, the principal that all allow."""

from collections.abc import Callable

from rackrate.deal.sizing_tests import EquipmentTest, MaxLtc, MaxLtv, MinDebtYield, SculptedTest, name_of
from rackrate.documents.workbook.debt.tested_figures import Allowed, allowed
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import ENDLESS, Model

HEAD = (
    "test",
    "case",
    "limit",
    "actual",
    "largest principal",
    "slack",
    "per 1 of limit",
    "figure",
    "ranked by",
    "binds",
    "rises",
)
RATES = (MaxLtv, MaxLtc, MinDebtYield, EquipmentTest)


def write_income(model: Model) -> Sheet:
    """Write the income, value and cost of every case, which tests and covers read."""
    sheet = model.book.sheet("Sizing", "Sizing", "What each test allows; the principal is the least of them.")
    sheet.widths = {0: 34, 1: 18, **dict.fromkeys(range(2, 8), 20), 8: 16, 9: 10}
    sheet.put(4, 0, "figure", "head")
    for k, case in enumerate(model.cases):
        sheet.say(4, 1 + k, case, "head")
    figures: list[tuple[str, str, Callable[[int], str]]] = [
        ("ncf at closing", "closing.ncf", lambda k: model.year(k, "ncf")),
        ("noi at closing", "closing.noi", lambda k: model.year(k, "noi")),
        ("ncf stabilised", "stabilised.ncf", lambda k: model.year(k, "ncf", "stabilised")),
        ("noi stabilised", "stabilised.noi", lambda k: model.year(k, "noi", "stabilised")),
        ("value", "value", model.value),
    ]
    for n, (label, key, formula) in enumerate(figures):
        sheet.put(5 + n, 0, label)
        for k in range(len(model.cases)):
            sheet.put(5 + n, 1 + k, f"={formula(k)}", "money", key=f"k{k}.{key}")
    sheet.put(10, 0, "cost of the facilities")
    costs = [f"{{in_f{f + 1}_cost}}" for f in range(model.facilities)]
    sheet.put(10, 1, f"={'+'.join(costs)}", "money", key="cost")
    sheet.next = 13
    return sheet


def write_tests(model: Model, sheet: Sheet) -> None:
    """Write a row for every test, and what they come to together."""
    tests, top = model.source.sized.loan.tests, sheet.next
    for column, text in enumerate(HEAD):
        sheet.put(top, column, text, "head")
    for i, test in enumerate(tests):
        row, key = top + 1 + i, f"test{i + 1}"
        k = model.number_of(test)
        found = allowed(model, key, test, k)
        sheet.say(row, 0, name_of(test), key=f"{key}.name")
        sheet.say(row, 1, model.cases[k])
        _outcome(sheet, row, key, found, "rate" if isinstance(test, RATES) else "cover")
    last = len(tests)
    sheet.put(top + last + 2, 0, "Principal", "total")
    least = f"=MIN({{test1.largest..test{last}.largest}})"
    sheet.put(top + last + 2, 4, least, "headline:money", name="out_principal")
    for i, test in enumerate(tests):
        row, key = top + 1 + i, f"test{i + 1}"
        figure, largest = f"{{{key}.figure}}", f"{{{key}.largest}}"
        falling = f'IF({figure}>9E+307,"",{figure}/{{out_principal}})'
        actual = f"IF({{{key}.rising}}=1,{{out_principal}}/{figure},{falling})"
        sheet.put(row, 3, f"={actual}", "rate" if isinstance(test, RATES) else "cover", key=f"{key}.actual")
        slack = f'IF({largest}>9E+307,"",{largest}-{{out_principal}})'
        sheet.put(row, 5, f"={slack}", "money", key=f"{key}.slack")
        first = f"IF({largest}<={{out_principal}}*(1+1E-9),{i}-{last},{largest})"
        rank = first if isinstance(test, SculptedTest) else largest
        sheet.put(row, 8, f"={rank}", "rank", key=f"{key}.rank")
    ranks = f"{{test1.rank..test{last}.rank}}"
    for i in range(last):
        key = f"test{i + 1}"
        sheet.put(
            top + 1 + i, 9, f"=IF(MATCH(MIN({ranks}),{ranks},0)={i + 1},1,0)", "flag", key=f"{key}.binds"
        )
    sheet.put(top + last + 3, 0, "Binding test", "total")
    binding = f"=INDEX({{test1.name..test{last}.name}},MATCH(MIN({ranks}),{ranks},0))"
    sheet.put(top + last + 3, 4, binding, "headline:text", name="out_binding")
    sheet.next = top + last + 6


def _outcome(sheet: Sheet, row: int, key: str, found: Allowed, style: str) -> None:
    """Figure, limit, largest principal and shadow price of a test."""
    sheet.put(row, 7, f"={found.figure}", "figure", key=f"{key}.figure")
    sheet.put(row, 10, f"={found.rising}", "flag", key=f"{key}.rising")
    sheet.put(row, 2, f"={found.limit}", style, key=f"{key}.limit")
    figure, limit = f"{{{key}.figure}}", f"{{{key}.limit}}"
    plain = f"IF({figure}>9E+307,{ENDLESS},IF({{{key}.rising}}=1,{limit}*{figure},{figure}/{limit}))"
    sheet.put(row, 4, f"={found.largest or plain}", "money", key=f"{key}.largest")
    slope = f'IF({{{key}.largest}}>9E+307,"",IF({{{key}.rising}}=1,{figure},-{{{key}.largest}}/{limit}))'
    sheet.put(row, 6, f"={found.shadow or slope}", "money", key=f"{key}.shadow")
