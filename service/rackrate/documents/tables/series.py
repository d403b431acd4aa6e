"""Tables by month: the cash flow, the sized loan, the waterfall, and the classes in it."""

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import UNSET

from rackrate.deal.answers.runs import CashFlow
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.tables.table import Column, series_of

SCHEDULE = ("interest", "principal", "balance", "dscr")
WATERFALL = (
    "available",
    "fees",
    "uncapped_fees",
    "reserve",
    "trap",
    "equity",
    "dscr_actual",
    "dscr_assumed",
    "trapping",
    "amortising",
    "pik",
    "service_actual",
    "service_assumed",
    "sweeping",
)
CLASSES = (
    "interest_due",
    "interest_paid",
    "capitalised",
    "principal_paid",
    "additional_paid",
    "balance",
    "interest_unpaid",
)


def cash_flow(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate the cash flow by month, with its power; by facility where that was asked for."""
    flow, power = underwriting.cash_flow, underwriting.power
    if flow.facilities is not UNSET:
        return _by_facility(flow)
    loads = [
        Column("load_mwh", "MWh", "number", power.load_mwh),
        Column("unhedged_mwh", "MWh", "number", power.unhedged_mwh),
        Column("power_shortfall", "money", "number", power.shortfall),
    ]
    lines = [Column(name, "money", "number", line) for name, line in flow.lines.items()]
    return [*_when(flow.date), _same("case", flow.case, len(flow.date)), *lines, *loads]


def _by_facility(flow: CashFlow) -> list[Column]:
    """Tabulate one facility under another; the power of each is not told."""
    facilities = flow.facilities or []
    names = dict.fromkeys(name for facility in facilities for name in facility.lines)
    months, nothing = len(flow.date), [0.0] * len(flow.date)
    ids = [facility.id for facility in facilities for _ in range(months)]
    lines = [
        Column(name, "money", "number", _joined(facility.lines.get(name, nothing) for facility in facilities))
        for name in names
    ]
    when = _when(flow.date, times=len(facilities))
    return [*when, _same("case", flow.case, len(ids)), Column("facility", "", "text", ids), *lines]


def schedule(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate the sized loan by payment date."""
    sized = underwriting.sizing.schedule
    return [*_when(sized.date), *series_of(sized, SCHEDULE)]


def waterfall(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate cash, accounts, covers and triggers by payment date; nothing without a structure."""
    run = underwriting.waterfall
    if run is None or deal.structure is None:
        return []
    when = _when(run.date, deal.structure.period_months)
    return [*when, _same("case", run.case or "", len(run.date)), *series_of(run, WATERFALL)]


def classes(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate one class under another by payment date; nothing without a structure."""
    run = underwriting.waterfall
    if run is None or deal.structure is None:
        return []
    by_class = [series_of(note, CLASSES) for note in run.classes]
    names = [note.name for note in run.classes for _ in run.date]
    when = _when(run.date, deal.structure.period_months, times=len(run.classes))
    return [*when, Column("class", "", "text", names), *map(_stacked, zip(*by_class, strict=True))]


def _when(dates: Sequence[date], every: int = 1, times: int = 1) -> list[Column]:
    """Number payment dates in months from closing, the whole `times` over."""
    months = [every * (i + 1) for i in range(len(dates))]
    return [
        Column("month", "", "integer", months * times),
        Column("date", "", "date", list(dates) * times),
    ]


def _same(name: str, text: str, rows: int) -> Column:
    return Column(name, "", "text", [text] * rows)


def _joined(lists: Iterable[Sequence[float]]) -> list[float]:
    return [figure for each in lists for figure in each]


def _stacked(columns: Sequence[Column]) -> Column:
    """Put the same column of several runs one under another."""
    first = columns[0]
    return Column(first.name, first.unit, first.kind, [cell for column in columns for cell in column.values])
