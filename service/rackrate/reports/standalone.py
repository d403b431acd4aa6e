"""Sizing and waterfall on a client's own cash flow as tables for a terminal."""

from rackrate.deal.answers.runs import WaterfallRun
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.reports.summary import tests_table
from rackrate.reports.tables import columns, day, millions, page, percent, plain, years

YEAR = 12


def tabulate_sizing(request: SizingRequest, answer: SizingAnswer) -> str:
    """Tabulate principal, tests, coverage and the schedule by year."""
    told = answer.sizing
    coverage = [
        (f"{row.measure} {row.denominator or ''}".strip(), row.basis, plain(row.value))
        for row in answer.coverage
        if row.value is not None
    ]
    every = max(1, YEAR // request.period_months)
    schedule = told.schedule
    years_of = [slice(first, first + every) for first in range(0, len(schedule.date), every)]
    repaid = [
        (
            str(schedule.date[year][-1]),
            millions(sum(schedule.interest[year])),
            millions(sum(schedule.principal[year])),
            millions(schedule.balance[year][-1]),
        )
        for year in years_of
    ]
    return page(
        [
            [
                f"Principal {millions(told.principal)}, balloon {millions(told.balloon)}, "
                f"value {millions(told.value)}"
            ],
            tests_table(told.tests),
            columns(("figure", "basis", "value"), coverage),
            columns(("", "interest", "principal", "balance"), repaid),
        ]
    )


def tabulate_waterfall(request: WaterfallRequest, answer: WaterfallAnswer) -> str:
    """Tabulate classes, triggers and the waterfall by year."""
    run = answer.waterfall
    classes = [
        (
            note.name,
            millions(own.principal),
            years(note.wal),
            percent(note.yield_),
            years(note.duration),
            millions(note.principal_loss),
            millions(note.interest_unpaid),
            day(paid.first_shortfall),
            day(paid.ltv_trigger),
        )
        for own, note, paid in zip(request.classes, answer.tranches, run.classes, strict=True)
    ]
    head = ("class", "principal", "WAL", "yield", "duration", "loss", "unpaid", "first short", "LTV trigger")
    triggers = [(name, day(getattr(run.triggers, name))) for name in ("trap", "amortise", "pik")]
    return page(
        [
            columns(head, classes),
            columns(("trigger", "first"), triggers),
            [f"{_ard(request, run)}; sale {millions(run.sale)}"],
            _run(run, max(1, YEAR // request.period_months)),
        ]
    )


def _ard(request: WaterfallRequest, run: WaterfallRun) -> str:
    if run.ard is None:
        final = request.ard_months in (None, request.legal_final_months)
        return "no ARD before legal final" if final else "nothing was outstanding at the ARD"
    done = "refinanced" if run.ard.refinanced else "not refinanced"
    return f"{done} at the ARD in month {run.ard.month}, outstanding {millions(run.ard.balance)}"


def _run(run: WaterfallRun, every: int) -> list[str]:
    """The waterfall by year: cash in, payments, balances; years without any are left out."""
    rows = []
    for first in range(0, len(run.date), every):
        year = slice(first, first + every)
        flows = [run.available, run.fees, *(_paid(run, name) for name in ("interest_paid", "principal_paid"))]
        sums = [sum(flow[year]) for flow in (*flows, run.equity)]
        left = [
            run.reserve[year][-1],
            run.trap[year][-1],
            sum(note.balance[year][-1] for note in run.classes),
        ]
        if any(sums) or any(left):
            rows.append((str(run.date[year][-1]), *map(millions, [*sums, *left])))
    head = ("", "available", "fees", "interest", "principal", "equity", "reserve", "trap", "balance")
    return columns(head, rows)


def _paid(run: WaterfallRun, name: str) -> list[float]:
    """Payments to all classes, by period."""
    return [sum(paid) for paid in zip(*(getattr(note, name) for note in run.classes), strict=True)]
