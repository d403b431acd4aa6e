"""Collateral cash flow of a pool in a scenario: collections, defaults, recoveries, balances."""

# Design: paths depend on properties and rates alone; masses and recoveries are run on them. A break-even of
# default rates or of severity runs the second stage only.

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.engine.pool.paths import Paths
from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

LINE = {name: k for k, name in enumerate(records.POOL_LINES)}
OUTCOME = {name: k for k, name in enumerate(records.POOL_OUTCOME)}
DEFAULTED = records.POOL_FUNDS.index("defaulted")
FUNDS = [LINE[name] for name in records.POOL_FUNDS[2:]]
TOLERANCE = 1e-6  # of a currency unit
NEVER_CALLED = -1


class BalanceNotConserved(Exception):  # noqa: N818  says what is wrong, as refusals do
    """Balances or advances do not add up: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class Collateral:
    """Cash flow of a pool in a scenario: lines [len(POOL_LINES), M].

    `stated` [M + 1] is the balance at each boundary; `called` the month of the clean-up call, -1 for none;
    `outcomes` gives [L, len(POOL_OUTCOME)].
    """

    lines: Floats
    stated: Floats
    called: int
    outcomes: Callable[[], Floats]

    @cached_property
    def outcome(self) -> Floats:
        """What became of each loan, [L, len(POOL_OUTCOME)]."""
        return self.outcomes()

    def line(self, name: str) -> Floats:
        """One line by month."""
        row: Floats = self.lines[LINE[name]]
        return row

    def of_loans(self, name: str) -> Floats:
        """One outcome of each loan."""
        return self.outcome[:, OUTCOME[name]]

    @cached_property
    def interest_funds(self) -> Floats:
        """Interest that reaches the certificates."""
        received = self.line("interest") - self.line("strip") + self.line("interest_advanced")
        funds: Floats = received + self.line("interest_recovered") - self.line("special_servicing")
        return funds

    @cached_property
    def principal_funds(self) -> Floats:
        """Principal that reaches the certificates; a negative recovery takes from it."""
        paid = self.line("scheduled") + self.line("prepaid") + self.line("balloon")
        funds: Floats = paid + self.line("principal_advanced") + self.line("principal_recovered")
        return funds

    @cached_property
    def funds(self) -> Floats:
        """What reaches the certificates, and what their triggers read [POOL_FUNDS, M]."""
        funds = np.empty((len(records.POOL_FUNDS), self.lines.shape[1]))
        funds[:2] = self.interest_funds, self.principal_funds
        funds[2:] = self.lines[FUNDS]
        funds[DEFAULTED, 0], funds[DEFAULTED, 1:] = 0.0, self.line("defaulted")[:-1]  # at the month's start
        return funds

    @property
    def loss(self) -> float:
        """Realised losses of the whole run."""
        return float(self.line("realised_loss").sum())


def run_collateral(
    paths: Paths, call_share: float, multiple: float = 1.0, script: Integers | None = None
) -> Collateral:
    """Run defaults, recoveries, advances and prepayments on the paths of a scenario.

    Parameters
    ----------
    call_share : float
        Share of the pool at or below which the rest is bought.
    multiple : float
        Of the default rates.
    script : int64[L] or None
        Months of scripted defaults; None for the scenario's own.

    Raises
    ------
    BalanceNotConserved
        If a month does not add up.
    """
    lines, outcome = _run(paths, paths.inputs.loans.timeline.months, multiple, script)
    start = math.fsum(paths.inputs.loans.balance.tolist())
    stated = np.concatenate([[start], lines[LINE["balance"]]])
    found = Collateral(lines, stated, NEVER_CALLED, lambda: outcome)
    _assert_conserved(found, paths)
    called = _called(found, call_share)
    if called == NEVER_CALLED:
        return found
    return _call(found, called, lambda: _run(paths, called + 1, multiple, script)[1])


def _run(paths: Paths, months: int, multiple: float, script: Integers | None) -> tuple[Floats, Floats]:
    """Lines and outcomes of a run of so many months."""
    inputs, loans = paths.inputs, paths.inputs.loans
    lines, outcome = np.empty((len(LINE), months)), np.empty((len(loans.loans), len(OUTCOME)))
    row = paths.row.copy()
    row["cdr_multiple"] = multiple
    kernel.pool_collateral(
        loans.loans,
        row,
        inputs.rate,
        loans.accrual,
        paths.value,
        paths.worth,
        loans.timeline.days,
        inputs.advance_rate,
        inputs.cdr,
        inputs.cpr,
        inputs.scripted if script is None else script,
        paths.closing_cover,
        *inputs.hazard,
        loans.protection,
        paths.balance,
        paths.principal,
        paths.cover,
        paths.premium,
        paths.ends,
        lines,
        outcome,
    )
    return lines, outcome


def _called(found: Collateral, share: float) -> int:
    """Month of the clean-up call; -1 for none."""
    before = found.stated[:-1]
    small = (before > 0.0) & (before <= share * found.stated[0]) & (found.stated[1:] > 0.0)
    small &= found.line("defaulted") == 0.0
    return int(np.argmax(small)) if small.any() else NEVER_CALLED


def _call(whole: Collateral, called: int, outcomes: Callable[[], Floats]) -> Collateral:
    """The collateral with what is left bought at the end of a month; `outcomes` of a run until then."""
    lines, stated = whole.lines.copy(), whole.stated.copy()
    lines[LINE["balloon"], called] += stated[called + 1]
    lines[:, called + 1 :] = 0.0
    lines[LINE["balance"], called] = stated[called + 1 :] = 0.0

    def bought() -> Floats:
        outcome = outcomes()
        outcome[:, OUTCOME["repaid"]] += outcome[:, OUTCOME["left"]]
        outcome[:, OUTCOME["left"]] = 0.0
        return outcome

    return Collateral(lines, stated, called, bought)


def _assert_conserved(found: Collateral, paths: Paths) -> None:
    """Check, month by month, that stated balance and advances add up."""
    fall = found.stated[:-1] - found.stated[1:]
    off = np.abs(fall - found.principal_funds - found.line("realised_loss"))
    room = TOLERANCE + 1e-13 * found.stated[0]
    if float(off.max(initial=0.0)) > room:
        raise BalanceNotConserved(f"month {int(off.argmax())}: stated balance is off by {off.max()}")
    loans, terms = paths.inputs.loans.loans, paths.inputs.terms
    arrears = loans["advances"][loans["in_arrears"] == 1]
    opening = float(arrears.sum()) if terms.arrears_default else 0.0
    before = np.concatenate([[opening], found.line("advances_outstanding")[:-1]])
    made = found.line("interest_advanced") + found.line("principal_advanced") - found.line("reimbursed")
    off = np.abs(before + made - found.line("advances_outstanding"))
    if float(off.max(initial=0.0)) > room:
        raise BalanceNotConserved(f"month {int(off.argmax())}: advances are off by {off.max()}")
