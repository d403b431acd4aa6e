"""A sized loan and a waterfall, of a deal or on a cash flow of one's own, as tables for a terminal."""

from collections.abc import Sequence

from rackrate.deal.answers.runs import WaterfallRun
from rackrate.deal.answers.sizing import Coverage, SizingOutcome
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.structure import Structure
from rackrate.reports.summary import tests_table, tranches_table, triggers_table
from rackrate.reports.tables import NOTHING, columns, day, millions, page, percent, plain, years

YEAR = 12


def tabulate_sizing(request: SizingRequest, answer: SizingAnswer) -> str:
    """Tabulate principal, tests, coverage and the schedule by year."""
    return page(_sized(answer.sizing, answer.coverage, request.period_months))


def tabulate_sizing_of_deal(deal: Deal, underwriting: Underwriting) -> str:
    """Tabulate the loan of a deal as `tabulate_sizing` does, its coverage in the sizing case."""
    coverage = [row for row in underwriting.coverage if row.case == deal.sizing.case]
    return page(
        [_title(deal, underwriting), *_sized(underwriting.sizing, coverage, 1), [f"id {underwriting.id}"]]
    )


def _title(deal: Deal, underwriting: Underwriting) -> list[str]:
    return [f"{deal.name}  ({deal.currency}, closing {deal.closing}, {underwriting.ruleset.name})"]


def _sized(told: SizingOutcome, coverage: Sequence[Coverage], period_months: int) -> list[list[str]]:
    """A sized loan: principal, tests, coverage, schedule by year."""
    every = max(1, YEAR // period_months)
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
    return [
        [
            f"Principal {millions(told.principal)}, balloon {millions(told.balloon)}, "
            f"value {millions(told.value)}"
        ],
        tests_table(told.tests),
        _covers(coverage),
        columns(("", "interest", "principal", "balance"), repaid),
    ]


def _covers(coverage: Sequence[Coverage]) -> list[str]:
    """A row a figure, a column a basis."""
    found: dict[str, dict[str, str]] = {}
    for row in coverage:
        if row.value is not None:
            figure = " ".join(filter(None, (row.measure, row.numerator, row.denominator)))
            found.setdefault(figure, {})[row.basis] = plain(row.value)
    bases = list(dict.fromkeys(basis for each in found.values() for basis in each))
    rows = [(figure, *(each.get(basis, NOTHING) for basis in bases)) for figure, each in found.items()]
    return columns(("figure", *bases), rows)


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


def tabulate_waterfall_of_deal(deal: Deal, underwriting: Underwriting) -> str:
    """Tabulate classes, triggers and the reported waterfall of a deal by year.

    Raises
    ------
    Invalid
        If the deal has no structure.
    """
    run, structure = underwriting.waterfall, deal.structure
    if run is None or structure is None:
        raise Invalid.of([FieldError("/structure", "required: without it there are no classes to pay")])
    return page(
        [
            _title(deal, underwriting),
            tranches_table(underwriting.tranches),
            triggers_table(deal, run),
            [f"{_ard(structure, run)}; sale {millions(run.sale)}"],
            _run(run, max(1, YEAR // structure.period_months)),
            [f"id {underwriting.id}"],
        ]
    )


def _ard(terms: WaterfallRequest | Structure, run: WaterfallRun) -> str:
    if run.ard is None:
        final = terms.ard_months in (None, terms.legal_final_months)
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
