"""Cover against triggers, and the first years: what comes in, what is paid."""

from collections.abc import Iterator, Sequence
from datetime import date

from rackrate.documents.charts.lines import Level, Series, line_chart
from rackrate.documents.layout.blocks import Block, Chart, Row, Table, row, strong
from rackrate.documents.memo.given import Financed, case_words
from rackrate.documents.wording import millions, name, number, times
from rackrate.engine.timeline import timeline

YEAR, COLUMNS = 12, 6
MOST = 3.0  # times the highest level: covers above it would leave no room for the levels
REPAID = 0.01  # of a loan: from here on its balance is drawn
INCOME = {  # lines of a deal, and of ground leases
    "egi": "Effective gross income",
    "ground_rent_income": "Ground rent",
    "landlord_costs": "Landlord's costs",
    "noi": "Net operating income",
}
SERVICE = ("Interest", "Principal")  # lines of debt service begin so


def cover_blocks(given: Financed) -> Iterator[Block]:
    """The chart of cover, that of the balance where it falls, and the table of years."""
    yield from _cover_chart(given)
    yield from _balance_chart(given)
    yield years_table(given)


def _cover_chart(given: Financed) -> Iterator[Block]:
    run, structure, sized = (
        given.underwriting.waterfall,
        given.deal.structure,
        given.underwriting.sizing.schedule,
    )
    if run is None or structure is None:
        case = case_words(given.deal.sizing.case)
        told = f"DSCR of each period in {case}, at the principal and the sizing rate."
        yield from _chart(sized.date, sized.dscr, [], [], told)
        return
    assumed = structure.triggers.service == "assumed_amortisation"
    covers = run.dscr_assumed if assumed else run.dscr_actual
    levels = structure.triggers
    found = (
        ("cash trap below", levels.trap_below),
        ("PIK below", levels.pik_below),
        ("sweep below", levels.amortise_below),
    )
    held = [Level(f"{word} {times(level)}", level) for word, level in found if level is not None]
    on = [any(flags) for flags in zip(run.trapping, run.amortising, run.pik, strict=True)]
    service = "assumed amortisation" if assumed else "the classes' own service"
    told = f"DSCR on {service}, {case_words(given.paid_case)}, against the triggers"
    told += (
        "; shaded while cash is trapped or swept or interest deferred." if any(on) else "; none is tripped."
    )
    last = max((k for k, cover in enumerate(covers) if cover is not None), default=-1)
    yield from _chart(run.date[: last + 1], covers[: last + 1], held, on[: last + 1], told)


def _chart(
    dates: Sequence[date],
    covers: Sequence[float | None],
    levels: Sequence[Level],
    shaded: Sequence[bool],
    told: str,
) -> Iterator[Block]:
    if not any(cover is not None for cover in covers):
        return
    known = [cover for cover in covers if cover is not None]
    most = MOST * max([1.0, *(level.at for level in levels)])
    drawn = [None if cover is None else min(cover, most) for cover in covers]
    told += f" Covers above {times(most)} are drawn at it." if max(known) > most else ""
    svg = line_chart(
        dates,
        [Series(f"{times(known[-1])} DSCR", drawn)],
        times,
        levels=levels,
        shaded=shaded,
        low=1.0,
        height=110,
    )
    alt = f"{told} From {times(known[0])} to {times(known[-1])}, least {times(min(known))}."
    yield Chart(
        svg, alt, f"{told} First {times(known[0])}, least {times(min(known))}, last {times(known[-1])}."
    )


def _balance_chart(given: Financed) -> Iterator[Block]:
    """The balance of a loan that is repaid before maturity, and what its equipment could be sold for."""
    sized = given.underwriting.sizing
    if not sized.principal or sized.balloon > (1 - REPAID) * sized.principal:
        return
    shown = [balance / 1e6 for balance in sized.schedule.balance]
    series = [Series(f"{number(shown[-1], 0)} balance", shown)]
    residual = _residual(given, len(sized.schedule.date))
    series += [Series(f"{number(residual[-1], 0)} residual value", residual)] if residual else []
    first, last = number(shown[0], 1), number(shown[-1], 1)
    told = f"Balance of the sized loan, {given.deal.currency} m, from {first} to {last}"
    told += f"; residual value of the equipment, to {number(residual[-1], 1)}." if residual else "."
    svg = line_chart(sized.schedule.date, series, lambda figure: number(figure, 0), height=92)
    yield Chart(svg, told, told)


def _residual(given: Financed, months: int) -> list[float]:
    """What the equipment could be sold for after each month, millions; nothing without any."""
    found = [facility.equipment for facility in given.deal.facilities if facility.equipment is not None]
    line = timeline(given.deal.closing, months + 1)
    values = [each.cost / 1e6 * line.curve(each.residual)[1:] for each in found]
    return [float(sum(at)) for at in zip(*values, strict=True)]


def years_table(given: Financed) -> Table:
    """Years from closing to anticipated repayment or maturity: income, service, equity."""
    months = max(given.ard, 1)
    count = -(-months // YEAR)
    chosen = sorted(
        {round(k * (count - 1) / max(min(count, COLUMNS) - 1, 1)) for k in range(min(count, COLUMNS))}
    )
    spans = [slice(k * YEAR, min((k + 1) * YEAR, months)) for k in chosen]
    head = (
        f"{name(given.paid_case).capitalize()} case, {given.deal.currency} m",
        *(f"year {k + 1}" for k in chosen),
    )
    rows = [*_income(given, spans), *_service(given, spans)]
    last = months % YEAR
    note = f"The last year has {last} months." if last and chosen[-1] == count - 1 else ""
    return Table(head, "L" + "r" * len(chosen), rows, note)


def _sums(line: Sequence[float], spans: Sequence[slice]) -> list[float]:
    return [sum(line[span]) for span in spans]


def _income(given: Financed, spans: Sequence[slice]) -> Iterator[Row]:
    lines = given.underwriting.cash_flow.lines
    for key, label in INCOME.items():
        if key in lines:
            yield row(label, *map(millions, _sums(lines[key], spans)))
    yield strong("Net cash flow", *map(millions, _sums(lines["ncf"], spans)))


def _service(given: Financed, spans: Sequence[slice]) -> Iterator[Row]:
    """What is paid, and net cash flow over interest and principal."""
    structure = given.deal.structure
    every = 1 if structure is None else structure.period_months
    periods = [slice(span.start // every, -(-span.stop // every)) for span in spans]
    paid = _paid(given, every)
    for label, line in paid.items():
        yield row(label, *map(millions, _sums(line, periods)))
    ncf = _sums(given.underwriting.cash_flow.lines["ncf"], spans)
    service = [_sums(line, periods) for label, line in paid.items() if label.startswith(SERVICE)]
    covers = [
        times(income / sum(due) if sum(due) > 0 else None)
        for income, due in zip(ncf, zip(*service, strict=True), strict=True)
    ]
    yield strong("Net cash flow over interest and principal", *covers)


def _paid(given: Financed, every: int) -> dict[str, Sequence[float]]:
    """What is paid in each period of the run, the take-out left out; what is due, where there is no run."""
    run = given.underwriting.waterfall
    if run is None:
        sized = given.underwriting.sizing.schedule
        return {"Interest due": sized.interest, "Principal due, without the balloon": sized.principal}
    count = range(len(run.date))
    principal = [sum(note.principal_paid[k] for note in run.classes) for k in count]
    if run.ard is not None and run.ard.refinanced:
        ard = run.ard.month // every - 1
        principal[ard] = max(principal[ard] - run.ard.proceeds, 0.0)
    return {
        "Fees": [first + last for first, last in zip(run.fees, run.uncapped_fees, strict=True)],
        "Interest paid": [sum(note.interest_paid[k] for note in run.classes) for k in count],
        "Principal paid, take-out left out": principal,
        "To equity": run.equity,
    }
