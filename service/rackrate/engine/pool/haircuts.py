"""A pool whose properties are cut by uniform haircuts: break-evens of cash flow and value."""

# Design: what a haircut does to a property is a line in it, never below zero. The kernel cuts one property at
# a time, runs the loan on it and adds it up while it is at hand: a haircut takes no room of the pool's size.

from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.engine.pool.cashflow import LINE, OUTCOME, PoolCashFlow, collaterals
from rackrate.engine.pool.paths import RefinanceLimits, ScenarioInputs, refinance_limits
from rackrate.engine.property.security import Security
from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats


@dataclass(frozen=True)
class HaircutLines:
    """A scenario's properties as lines in a haircut: each figure, and what the haircut is taken of.

    `flows` [2, L, N], `years` [2, L, M + 1] and `closing` [2, L] are net cash flow by month, of the twelve
    months from each boundary and at closing; `capitals` [X, 2, 3, M + 1] those of `special` [L] that are
    capitalised in another way than by their year, in the refinance test and in a recovery.
    """

    inputs: ScenarioInputs
    limits: RefinanceLimits
    flows: Floats
    years: Floats
    closing: Floats
    special: Integers
    capitals: Floats


def haircut_lines(inputs: ScenarioInputs) -> HaircutLines:
    """Net cash flow and capital of a scenario's properties, as lines in a haircut."""
    security, limits = inputs.security, refinance_limits(inputs)
    special = np.full(len(inputs.loans.loans), -1, dtype=np.int64)
    special[[x for x, _ in security.special]] = np.arange(len(security.special))
    return HaircutLines(
        inputs=inputs,
        limits=limits,
        flows=np.stack([security.ncf, security.positive]),
        years=np.stack([security.year, security.year_of_positive]),
        closing=np.stack([security.closing_ncf, security.closing_positive]),
        special=special,
        capitals=_capitals(security, (limits.cap_rate, inputs.terms.recovery.cap_rate or 0.0)),
    )


def _capitals(security: Security, caps: tuple[float, float]) -> Floats:
    """Capital lines of special properties at each rate; nothing at a rate of 0, which no leg has."""
    found = np.zeros((len(security.special), len(caps), 3, security.months + 1))
    for n, (_, held) in enumerate(security.special):
        for k, cap in enumerate(caps):
            if cap > 0.0:
                found[n, k] = held.capital_line(cap, security.months)
    return found


def run_haircuts(lines: HaircutLines, call_share: float, haircuts: Floats) -> PoolCashFlow:
    """Run paths, defaults and prepayments under each haircut [S].

    Raises
    ------
    BalanceNotConserved
        If a month does not add up.
    """

    def run(months: int, part: slice) -> tuple[Floats, Floats]:
        return _run(lines, months, np.ascontiguousarray(haircuts[part]))

    return collaterals(lines.inputs, call_share, run)


def _run(cut: HaircutLines, months: int, haircuts: Floats) -> tuple[Floats, Floats]:
    """Lines and outcomes under haircuts, of so many months."""
    inputs, loans, recovery = cut.inputs, cut.inputs.loans, cut.inputs.terms.recovery
    lines = np.empty((len(haircuts), len(LINE), months))
    outcome = np.empty((len(haircuts), len(loans.loans), len(OUTCOME)))
    kernel.pool_under_haircuts(
        loans.loans,
        inputs.row,
        inputs.rate,
        loans.accrual,
        loans.target,
        loans.treasury,
        loans.protection,
        loans.premium_terms,
        cut.flows,
        cut.years,
        cut.closing,
        inputs.security.value,
        cut.special,
        cut.capitals,
        cut.limits.dscr_constant,
        cut.limits.ltv,
        cut.limits.cap_rate,
        recovery.cap_rate or 0.0,
        recovery.decline,
        loans.timeline.days,
        inputs.advance_rate,
        inputs.cdr,
        inputs.cpr,
        inputs.scripted,
        *inputs.hazard,
        haircuts,
        lines,
        outcome,
    )
    return lines, outcome
