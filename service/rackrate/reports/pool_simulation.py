"""Simulation of a pool as tables for a terminal."""

from collections.abc import Callable

from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest, SimulatedGroup
from rackrate.deal.requests.simulation import Distribution
from rackrate.reports.simulation import NOTES, classes_table, share_of
from rackrate.reports.tables import columns, millions, page, percent

MOST_GROUPS = 20


def tabulate(request: PoolSimulationRequest, answer: PoolSimulation) -> str:
    """Tabulate groups, losses of the loans and of the classes."""
    title = f"{request.pool.name}  ({answer.paths:,} paths, seed {answer.seed}, scenario {answer.scenario})"
    losses = [
        (
            "loans",
            *_quantiles(answer.collateral.loss, millions),
            millions(answer.collateral.expected_shortfall.value),
        ),
        ("share in a year", *_quantiles(answer.one_year_loss, percent), ""),
    ]
    levels = [f"loss {float(level):.1%}" for level in list(answer.collateral.loss.quantiles)[-3:]]
    return page(
        [
            [title],
            _groups(answer.groups),
            columns(("", "expected", "±", *levels, "tail"), losses),
            classes_table(answer.classes),
            [NOTES],
            [f"id {answer.id}"],
        ]
    )


def _quantiles(told: Distribution, figure: Callable[[float | None], str]) -> tuple[str, ...]:
    worst = list(told.quantiles.values())[-3:]
    return (figure(told.mean.value), figure(told.mean.standard_error), *map(figure, worst))


def _groups(groups: list[SimulatedGroup]) -> list[str]:
    ordered = sorted(groups, key=lambda group: -group.share)
    rows = [
        (", ".join(group.loans), percent(group.share), percent(group.pd), share_of(group.defaulted))
        for group in ordered[:MOST_GROUPS]
    ]
    rest = len(ordered) - MOST_GROUPS
    table = columns(("group", "share", "PD of a year", "defaults"), rows)
    return table + [f"and {rest:,} smaller groups"] * (rest > 0)
