"""Sheet of the classes' flows to the anticipated repayment: average life, yield, duration, break-even."""

from rackrate.deal.answers.tranches import Tranche
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model
from rackrate.documents.workbook.structure.coupon_rows import Coupons

HEAD = (
    "class",
    "WAL to ARD, years",
    "WAL to final, years",
    "yield",
    "duration, years",
    "price",
    "break-even haircut",
    "first loss",
    "yield's first guess",
)
WHY_BREAK_EVEN = (
    "Value of the service: the least cut of net cash flow at which the class loses, a root over whole runs"
    " solved to 1e-8 (docs/methodology.md, break-evens); sheets Stress_holds and Stress_fails pay the run on"
    " either side of it."
)

WHY_GUESS = (
    "Value of the service: its yield per period, from which the iteration starts; no figure rests on it."
)
WHY_FINAL = "Value of the service: the run that is not refinanced was left out for size (sheet Notes)."


def write_yields(model: Model, coupons: Coupons, classes: Sheet, last: str) -> None:
    """Write lives, yields and durations; ``last`` is the prefix of the run that is not refinanced."""
    paid = model.source.paid
    if paid is None or paid.terms.ard is None:
        raise ValueError("structure: yields without a waterfall")
    periods, step = paid.terms.ard, coupons.structure.period_months
    ends = periods == paid.run.available.shape[1]
    sheet = model.book.sheet(
        "Yield",
        "Yield",
        "What each class pays to the anticipated repayment, repaid then; the opening is its price.",
        periods,
    )
    sheet.step = step
    sheet.heading("Flows")
    top = classes.next
    for column, text in enumerate(HEAD):
        classes.put(top, column, text, "head")
    for j, tranche in enumerate(model.source.answer.tranches, start=1):
        left = "0" if ends else f"IF({{m}}={periods - 1},{{w.balance{j}}}+{{w.unpaid{j}}},0)"
        flow = f"{{w.interest_paid{j}}}+{{w.principal_paid{j}}}+{left}"
        price = f"-{{in_class{j}_price}}*{{class{j}.drawn}}"
        sheet.row(f"y{j}", f"{tranche.name}: flow", flow, opening=price)
        sheet.run()
        _figures(classes, top + j, j, tranche, _Flow(periods, step, ends, last, coupons))
    classes.next = top + len(model.source.answer.tranches) + 3


class _Flow:
    """Periods to the ARD, months in one, whether legal final is the ARD, the run to final."""

    def __init__(self, periods: int, step: int, ends: bool, last: str, coupons: Coupons) -> None:
        self.periods, self.step, self.ends, self.last, self.coupons = periods, step, ends, last, coupons


def _figures(classes: Sheet, row: int, j: int, tranche: Tranche, flow: _Flow) -> None:
    n, step, key = flow.periods, flow.step, f"class{j}"
    span, times = f"@[0:{n - 1}]", f"{{w.m@[0:{n - 1}]}}"
    principal = f"{{w.principal_paid{j}{span}}}"
    left = "0" if flow.ends else f"{{w.balance{j}@[{n - 1}]}}"
    total = f"(SUM({principal})+{left})"
    life = f'IF({total}=0,"",(SUMPRODUCT({principal},{times})+{n}*{left})*{step}/12/{total})'
    whole = f"{{{flow.last or 'w'}.principal_paid{j}@[:]}}"
    final = f'IF(SUM({whole})=0,"",SUMPRODUCT({whole},{{w.m@[:]}})*{step}/12/SUM({whole}))'
    begin = tranche.coupon if tranche.yield_ is None else tranche.yield_
    guess = (1.0 + begin / 12.0) ** step - 1.0
    classes.put(row, 8, guess, "value:rate", key=f"{key}.guess", note=WHY_GUESS)
    rate = f"IRR({{y{j}@[-1:{n - 1}]}},{{{key}.guess}})"
    monthly = rate if step == 1 else f"((1+{rate})^(1/{step})-1)"
    classes.say(row, 0, tranche.name)
    classes.put(row, 1, f"={life}", "number", key=f"{key}.wal_to_ard")
    if flow.last:
        classes.put(row, 2, f"={final}", "number", key=f"{key}.wal_to_final")
    else:
        classes.put(
            row, 2, tranche.wal_to_final or "", "value:number", key=f"{key}.wal_to_final", note=WHY_FINAL
        )
    nothing = f"OR({{{key}.drawn}}=0,SUM({{y{j}{span}}})<=0)"
    classes.put(row, 3, f'=IF({nothing},"",12*{monthly})', "rate", key=f"{key}.yield")
    v = f"(1/(1+{{{key}.yield}}/12))"
    late = f"{v}^({times}*{step})"
    own = f"{{y{j}{span}}}"
    duration = f"SUMPRODUCT({own},{times}*{step},{late})*{v}/(12*SUMPRODUCT({own},{late}))"
    classes.put(row, 4, f'=IF(ISNUMBER({{{key}.yield}}),{duration},"")', "number", key=f"{key}.duration")
    classes.put(row, 5, f"={{in_{key}_price}}", "number")
    root = tranche.break_even_haircut
    shown = "at once" if root is None else root
    style = "value:text" if root is None else "value:rate"
    classes.put(row, 6, shown, style, key=f"{key}.break_even", note=WHY_BREAK_EVEN)
    told = "at once" if root is None else "never" if root == 1.0 else "solved"
    classes.put(row, 7, told, "value:text")
