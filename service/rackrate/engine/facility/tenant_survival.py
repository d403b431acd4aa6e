"""Tenant survival: default tables as hazards, and survival under each scenario's multipliers."""

from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.deal.facility.tenants import Tenant, scale
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats

DefaultTable = tuple[tuple[float, float], ...]
"""(years, cumulative default probability), in order."""


@dataclass(frozen=True)
class Hazards:
    """Cumulative hazard of each tenant at the knots of its default table: ``months``, ``hazards`` [T, H]."""

    months: Floats
    hazards: Floats
    multipliers: Floats


def _default_table(tenant: Tenant, ruleset: Ruleset) -> DefaultTable:
    """A tenant's cumulative default table: its own, its one-year figure, or its rating's."""
    if tenant.cumulative_pd is not None:
        return tuple((float(years), float(pd)) for years, pd in tenant.cumulative_pd)
    if tenant.one_year_pd is not None:
        return ((1.0, tenant.one_year_pd),)
    category = (scale(tenant.rating) if tenant.rating else None) or ruleset.credit.unrated_as
    table = ruleset.credit.cumulative_pd[category]
    return tuple((float(years), pd) for years, pd in zip(ruleset.credit.horizons, table, strict=True))


def resolve_hazards(deal: Deal, ruleset: Ruleset) -> Hazards:
    """Cumulative hazards [T, H] at the knots of each default table; a short one repeats its last slope."""
    tables = [_default_table(tenant, ruleset) for tenant in deal.tenants]
    width = max(len(table) for table in tables)
    knots = {table: _knots(table, width) for table in dict.fromkeys(tables)}
    months, hazards = (np.array([knots[table][row] for table in tables]) for row in (0, 1))
    return Hazards(months, hazards, np.array([tenant.pd_multiplier for tenant in deal.tenants]))


def _knots(table: DefaultTable, width: int) -> tuple[Floats, ...]:
    """Months and cumulative hazards of a table's knots, and of what repeats its last slope up to a width."""
    knots = 12.0 * np.array([years for years, _ in table])
    level = np.empty(len(table))
    kernel.cumulative_hazard(np.array([pd for _, pd in table]), level)
    slope = max(0.0, float(level[-1] - (level[-2] if len(table) > 1 else 0.0)))
    run = float(knots[-1] - (knots[-2] if len(table) > 1 else 0.0))
    ahead = np.arange(1, width - len(table) + 1)
    added = (knots, run * ahead), (level, slope * ahead)
    return tuple(np.concatenate([known, known[-1] + more]) for known, more in added)


def survive(hazards: Hazards, multipliers: Floats, scripted: Integers, months: int) -> Floats:
    """Survival of each tenant to the end of each month in each scenario, [S, T, N].

    Parameters
    ----------
    multipliers : array [S, T]
        Of the hazard; 0 where credit is off.
    scripted : integer array [S, T]
        Month of a scripted default; -1 for none.

    Examples
    --------
    Half of the tenants default in a year, and half of the rest in the next.

    >>> hazards = Hazards(np.array([[12.0]]), np.log([[2.0]]), np.ones(1))
    >>> survive(hazards, np.ones((1, 1)), np.array([[-1]]), 24)[0, 0, [11, 23]].round(12).tolist()
    [0.5, 0.25]
    """
    survival = np.empty((*multipliers.shape, months))
    kernel.survive(hazards.months, hazards.hazards, multipliers, scripted, survival)
    return survival


def cumulative_pd(hazards: Hazards, years: list[float]) -> Floats:
    """Cumulative default probability of each tenant to each horizon, [T, horizons]; its own multiplier in."""
    none = np.full((1, len(hazards.multipliers)), -1, dtype=np.int64)
    survival = survive(hazards, hazards.multipliers[None, :].copy(), none, round(12 * max(years)))
    defaulted: Floats = 1.0 - survival[0][:, [round(12 * year) - 1 for year in years]]
    return defaulted
