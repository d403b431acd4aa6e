"""Simulation as tables for a terminal."""

from collections.abc import Sequence

from rackrate.deal.requests.simulation import (
    ClassRisk,
    CoverFan,
    Estimate,
    SimulationAnswer,
    SimulationRequest,
)
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, times, years

YEAR = 12
NOTES = (
    "±: one standard error. expected, loss, tail: principal lost on average, by quantile, and from 99% on."
)


def tabulate(request: SimulationRequest, answer: SimulationAnswer) -> str:
    """Tabulate DSCR quantiles, triggers, classes and equity."""
    return page(
        [
            [f"{request.deal.name}  ({answer.paths:,} paths, seed {answer.seed})"],
            _fan(answer.dscr),
            _triggers(answer),
            classes_table(answer.classes),
            _equity(answer),
            [NOTES],
            [f"id {answer.id}"],
        ]
    )


def _fan(fan: CoverFan) -> list[str]:
    """DSCR quantiles at the end of each year in which some path has a DSCR."""
    levels = list(fan.quantiles)
    rows = [
        (
            f"year {month // YEAR}",
            *(times(fan.quantiles[level][k]) for level in levels),
            percent(fan.share[k]),
        )
        for k, month in enumerate(fan.month)
        if month % YEAR == 0 and fan.share[k]
    ]
    return columns(("", *(f"DSCR {float(level):.0%}" for level in levels), "of paths"), rows)


def _triggers(answer: SimulationAnswer) -> list[str]:
    rows = [
        (name, share_of(odds.ever))
        for name, odds in (
            ("trap", answer.triggers.trap),
            ("amortise", answer.triggers.amortise),
            ("sweep", answer.triggers.sweep),
            ("pik", answer.triggers.pik),
        )
    ]
    return columns(("trigger", "ever on"), rows)


def classes_table(classes: Sequence[ClassRisk]) -> list[str]:
    """What each class misses and loses, and how long it lives."""
    rows = [_class(note) for note in classes]
    worst = list(classes[0].loss_quantiles) if classes else []
    losses = [f"loss {float(level):.1%}" for level in worst]
    return columns(("class", "principal", "missed", "loses", "expected", *losses, "tail", "WAL"), rows)


def _class(note: ClassRisk) -> tuple[str, ...]:
    return (
        note.name,
        millions(note.principal),
        percent(note.missed_interest.value),
        percent(note.principal_loss.value),
        millions(note.expected_loss.value),
        *(millions(loss) for loss in note.loss_quantiles.values()),
        millions(note.expected_shortfall.value),
        NOTHING if note.wal is None else years(note.wal.mean.value),
    )


def _equity(answer: SimulationAnswer) -> list[str]:
    quantiles = answer.equity.quantiles
    head = ("", "mean", *(f"{float(level):.0%}" for level in quantiles))
    row = ("equity", millions(answer.equity.mean.value), *(millions(paid) for paid in quantiles.values()))
    return columns(head, [row])


def share_of(odds: Estimate) -> str:
    """A probability and its standard error.

    >>> share_of(Estimate(value=0.125, standard_error=0.002))
    '12.50% ± 0.20%'
    """
    return f"{percent(odds.value)} ± {percent(odds.standard_error)}"
