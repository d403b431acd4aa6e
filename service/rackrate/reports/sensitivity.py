"""Sensitivities as tables for a terminal."""

from collections.abc import Sequence

from msgspec import UNSET

from rackrate.deal.answers.figures import BreakEvenTarget
from rackrate.deal.answers.runs import TriggerDates
from rackrate.deal.requests.sensitivity import (
    GridFigures,
    Point,
    Sensitivities,
    SensitivityRequest,
    SolvedBreakEven,
    StressOutcome,
    Swung,
    TenantOut,
)
from rackrate.reports.tables import NOTHING, columns, day, millions, page, percent, plain, times

GROWN = "A limit: what its own test needs to allow so much; else what makes the whole loan so large."
POINT = ("principal", "DSCR", "least", "LTV")


def tabulate(request: SensitivityRequest, answer: Sensitivities) -> str:
    """Tabulate base, tornado, grids, break-evens, tenants out and stresses."""
    held = "a new loan is sized at each point" if request.resize else "the loan and its classes are held"
    return page(
        [
            [f"{request.deal.name}  ({request.deal.currency}; {held})"],
            columns(("", *POINT), [("as it is", *_point(answer.base))]),
            _tornado(answer.tornado),
            *(_grid(grid) for grid in answer.grids),
            _break_evens(answer.break_evens),
            _tenants(answer.tenants_out),
            _stresses(answer.stresses),
            [f"id {answer.id}"],
        ]
    )


def _point(at: Point) -> tuple[str, ...]:
    return millions(at.principal), times(at.dscr_closing), times(at.dscr_minimum), percent(at.ltv)


def _tornado(bars: Sequence[Swung]) -> list[str]:
    rows = [(bar.adjustment, plain(end.value), *_point(end)) for bar in bars for end in (bar.low, bar.high)]
    return columns(("adjustment", "at", *POINT), rows)


def _grid(grid: GridFigures) -> list[str]:
    """A row for each value of y; grids wider than the page are for `--json`."""
    head = ["", *(plain(value) for value in grid.x.values)]
    figure = percent if grid.measure == "ltv" else times if grid.measure.startswith("dscr") else millions
    rows = [[plain(value), *map(figure, row)] for value, row in zip(grid.y.values, grid.values, strict=True)]
    title = f"{grid.measure}: {grid.x.adjustment} along, {grid.y.adjustment} down"
    return [title, *columns(head, rows)]


def _break_evens(solved: Sequence[SolvedBreakEven]) -> list[str]:
    rows = [
        (target_words(found.target), found.adjustment, plain(found.value), found.status, found.held_by or "")
        for found in solved
    ]
    grown = any(found.target.principal is not UNSET for found in solved)
    return columns(("target", "adjustment", "at", "status", "held by"), rows) + [GROWN] * grown


def target_words(target: BreakEvenTarget) -> str:
    """What is reached, in words."""
    if target.principal is not UNSET:
        return f"principal x {plain(target.principal)}"
    if target.trigger is not UNSET:
        return f"{target.trigger} trips"
    if target.first_loss is not UNSET:
        return f"first loss of {target.first_loss}"
    return f"least DSCR {plain(target.dscr_minimum)}" if target.dscr_minimum is not UNSET else NOTHING


def _stresses(found: Sequence[StressOutcome]) -> list[str]:
    """A row for each stress, with when the triggers first trip and the classes that are left unpaid."""
    rows = [
        (
            stress.name,
            *_point(stress),
            *_trips(stress.triggers),
            ", ".join(note.name for note in stress.classes if note.loss) or NOTHING,
        )
        for stress in found
    ]
    return columns(("note", *POINT, "trap", "amortise", "pik", "unpaid"), rows)


def _trips(triggers: TriggerDates | None) -> tuple[str, ...]:
    return (
        (NOTHING,) * 3
        if triggers is None
        else (day(triggers.trap), day(triggers.amortise), day(triggers.pik))
    )


def _tenants(found: Sequence[TenantOut]) -> list[str]:
    """A row for each tenant out; below, when its classes first go short and what they lose."""
    if not found:
        return []
    rows = [
        (
            out.tenant,
            *_point(out),
            *_trips(out.triggers),
        )
        for out in found
    ]
    short = [
        (out.tenant, note.name, day(note.first_shortfall), day(note.ltv_trigger), millions(note.loss))
        for out in found
        for note in out.classes
        if note.first_shortfall or note.ltv_trigger or note.loss
    ]
    lines = columns(("tenant", *POINT, "trap", "amortise", "pik"), rows)
    below = columns(("tenant", "class", "first short", "LTV trigger", "loss"), short)
    none = ["", "No class goes short or loses without any one of them."]
    told = [*lines, "", *below] if below else [*lines, *(none if found[0].classes else [])]
    return ["Each tenant defaulting at closing, in turn:", *told]
