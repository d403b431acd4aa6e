"""Loans of a pool as rows and curves by month."""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from rackrate.deal.debt import DebtRate, FloatingRate, InterestOnly, Level, TargetBalance
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.pools.loans import Defeasance, Lockout, Open, Payment, Penalty, PoolLoan, YieldMaintenance
from rackrate.deal.requests.pool import Pool
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.rows import Integers, Rows, rows
from rackrate.engine.timeline import Floats, Timeline, timeline
from rackrate.kernel import records

ARREARS = 3  # payments missed from which a loan is in default at closing
AMORTISATION = {
    InterestOnly: records.INTEREST_ONLY,
    Level: records.LEVEL,
    Payment: records.FIXED_PAYMENT,
    TargetBalance: records.WRITTEN_BALANCE,
}
PROTECTION = {
    Open: records.OPEN,
    Penalty: records.PENALTY,
    YieldMaintenance: records.YIELD_MAINTENANCE,
    Lockout: records.CLOSED,
    Defeasance: records.CLOSED,
}
BY_MONTH = ("accrual", "target", "treasury", "protection", "premium_terms", "contract_rate", "base")


@dataclass(frozen=True)
class Loans:
    """Loans of a pool over M months (axes: L loan, M month)."""

    timeline: Timeline
    loans: Rows
    accrual: Floats
    target: Floats
    treasury: Floats
    protection: Integers
    premium_terms: Floats
    fee_rate: Floats
    contract_rate: Floats
    base: Floats
    floating: tuple[tuple[int, FloatingRate], ...]

    def rate(self, add: float) -> Floats:
        """Annual rate of each loan [L, M]; `add` moves the index of floating rates alone."""
        moved = self.contract_rate
        if add != 0.0 and self.floating:
            moved = moved.copy()
            for x, terms in self.floating:
                moved[x] = annual_rate(terms, self.base, add)
        return moved

    def over(self, months: int) -> "Loans":
        """Cut the curves to their first months."""
        cut: dict[str, Any] = {
            name: np.ascontiguousarray(getattr(self, name)[..., :months]) for name in BY_MONTH
        }
        return replace(self, timeline=timeline(self.timeline.closing, months), **cut)

    @property
    def balance(self) -> Floats:
        """Balance of each loan at closing."""
        return np.ascontiguousarray(self.loans["balance"])

    @property
    def share(self) -> Floats:
        """Each note's share of its whole loan."""
        return np.ascontiguousarray(self.loans["share"])


def resolve_loans(pool: Pool, clock: Timeline) -> Loans:
    """Rows and curves of a pool's loans over the months of a timeline.

    Raises
    ------
    Invalid
        If a payment does not cover the interest of a month.
    """
    base = clock.curve(pool.market.base_rate)
    made = Loans(
        timeline=clock,
        loans=rows(records.POOL_LOAN, (_row(loan, clock) for loan in pool.loans)),
        accrual=np.array([clock.accrual(loan.day_count) for loan in pool.loans]),
        target=np.array([_target(loan, clock) for loan in pool.loans]),
        treasury=clock.curve(0.0 if pool.market.treasury is None else pool.market.treasury),
        protection=np.array([_protection(loan, clock) for loan in pool.loans]),
        premium_terms=np.array([_premium_terms(loan, clock) for loan in pool.loans]),
        fee_rate=np.array([loan.fee_rate for loan in pool.loans]),
        contract_rate=np.array([annual_rate(loan.rate, base) for loan in pool.loans]),
        base=base,
        floating=tuple(
            (x, loan.rate) for x, loan in enumerate(pool.loans) if isinstance(loan.rate, FloatingRate)
        ),
    )
    faults = list(chain.from_iterable(_negative_amortisation(pool, made, x) for x in range(len(pool.loans))))
    if faults:
        raise Invalid.of(faults)
    return made


def moved_rate(rate: DebtRate, base: Floats, add: float) -> Floats:
    """Annual rate by month; `add` moves the index of a floating rate, and a fixed one never moves."""
    return annual_rate(rate, base, add if isinstance(rate, FloatingRate) else 0.0)


def _row(loan: PoolLoan, clock: Timeline) -> dict[str, float]:
    amortisation = loan.amortisation
    return {
        "term": clock.index(loan.maturity),
        "ard": -1 if loan.ard is None else clock.index(loan.ard),
        "interest_only": loan.interest_only_months,
        "amortisation": AMORTISATION[type(amortisation)],
        "amortisation_months": amortisation.months if isinstance(amortisation, Level) else 0,
        "in_arrears": loan.status.arrears_months >= ARREARS,
        "balance": loan.balance,
        "share": loan.pari_passu_share,
        "fee_rate": loan.fee_rate,
        "payment": amortisation.amount if isinstance(amortisation, Payment) else 0.0,
        "advances": loan.status.advances,
    }


def _target(loan: PoolLoan, clock: Timeline) -> Floats:
    """Balance written for each payment date."""
    if not isinstance(loan.amortisation, TargetBalance):
        return np.zeros(clock.months)
    longer = Timeline(clock.closing, clock.months + 1)
    return loan.balance * longer.curve(loan.amortisation.curve)[1:]


def _entries(loan: PoolLoan, clock: Timeline) -> Integers:
    """Which entry of a loan's protection is in force in each month; as many as there are where none is."""
    until = [entry.until for entry in loan.prepayment if not isinstance(entry, Open)]
    found: Integers = np.searchsorted(np.array(until, dtype="datetime64[D]"), clock.boundaries[1:])
    return found


def _protection(loan: PoolLoan, clock: Timeline) -> Integers:
    kinds = np.array([*(PROTECTION[type(entry)] for entry in loan.prepayment), 0, 0], dtype=np.int64)
    return kinds[_entries(loan, clock)]


def _premium_terms(loan: PoolLoan, clock: Timeline) -> Floats:
    """Penalty or floor, and spread, of each month [2, M]."""
    terms = [(0.0, 0.0), (0.0, 0.0)]
    for entry in reversed(loan.prepayment):
        if isinstance(entry, YieldMaintenance):
            terms.insert(0, (entry.floor, entry.spread))
        else:
            terms.insert(0, (entry.premium if isinstance(entry, Penalty) else 0.0, 0.0))
    return np.ascontiguousarray(np.array(terms)[_entries(loan, clock)].T)


def _negative_amortisation(pool: Pool, made: Loans, x: int) -> list[FieldError]:
    """Name a payment that does not cover the interest of a month after interest only, at contract rates."""
    loan = pool.loans[x]
    if not isinstance(loan.amortisation, Payment):
        return []
    rate = made.contract_rate[x]
    owed = loan.balance
    for i in range(int(made.loans[x]["interest_only"]), min(int(made.loans[x]["term"]), len(rate))):
        interest = owed * rate[i] * made.accrual[x, i]
        if loan.amortisation.amount < min(interest, interest * (1.0 - 1e-12)):
            message = (
                f"{loan.amortisation.amount:g} a month does not pay the interest of month {i}, {interest:g}"
            )
            return [FieldError(f"/loans/{x}/amortisation/amount", message)]
        owed -= min(owed, loan.amortisation.amount - interest)
    return []
