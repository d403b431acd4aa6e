"""Collateral cash flow of a pool in a scenario: collections, defaults, recoveries, balances."""

# Design: paths depend on properties and rates alone; masses and recoveries are run on them. A break-even of
# default rates or of severity runs the second stage only.

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.engine.pool.paths import Paths, ScenarioInputs
from rackrate.engine.rows import Integers, Rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

LINE = {name: k for k, name in enumerate(records.POOL_LINES)}
OUTCOME = {name: k for k, name in enumerate(records.POOL_OUTCOME)}
DEFAULTED = records.POOL_FUNDS.index("defaulted")
FUNDS = [0, 0, *(LINE[name] for name in records.POOL_FUNDS[2:])]  # the first two are sums of lines
TOLERANCE, RESOLUTION = 1e-6, 1e-13  # of a currency unit, and of the money in play
NEVER_CALLED = -1


class BalanceNotConserved(Exception):  # noqa: N818  says what is wrong, as refusals do
    """Balances or advances do not add up: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class PoolCashFlow:
    """Cash flow of a pool: lines [..., len(POOL_LINES), M], of one run or of several in front.

    `stated` [..., M + 1] is the balance at each boundary; `called` [...] the month of the clean-up call, -1
    for none; `outcomes` gives [..., L, len(POOL_OUTCOME)].
    """

    lines: Floats
    stated: Floats
    called: Integers
    outcomes: Callable[[], Floats]

    @cached_property
    def outcome(self) -> Floats:
        """What became of each loan, [..., L, len(POOL_OUTCOME)]."""
        return self.outcomes()

    def line(self, name: str) -> Floats:
        """One line by month."""
        row: Floats = self.lines[..., LINE[name], :]
        return row

    def of_loans(self, name: str) -> Floats:
        """One outcome of each loan."""
        return self.outcome[..., OUTCOME[name]]

    def run(self, s: int) -> "PoolCashFlow":
        """One of several runs."""
        return PoolCashFlow(self.lines[s], self.stated[s], self.called[s], lambda: self.outcome[s])

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
        """What reaches the certificates, and what their triggers read [..., POOL_FUNDS, M]."""
        funds = np.ascontiguousarray(self.lines[..., FUNDS, :])
        funds[..., 0, :], funds[..., 1, :] = self.interest_funds, self.principal_funds
        funds[..., DEFAULTED, 1:] = self.line("defaulted")[..., :-1]  # at the month's start
        funds[..., DEFAULTED, 0] = 0.0
        return funds

    @property
    def loss(self) -> Floats:
        """Realised losses of the whole run."""
        total: Floats = self.line("realised_loss").sum(axis=-1)
        return total


def run_collateral(paths: Paths, call_share: float, multiple: float = 1.0) -> PoolCashFlow:
    """Run defaults, recoveries, advances and prepayments on the paths of a scenario.

    Parameters
    ----------
    call_share : float
        Share of the pool at or below which the rest is bought.
    multiple : float
        Of the default rates.

    Raises
    ------
    BalanceNotConserved
        If a month does not add up.
    """
    terms = paths.row.copy()
    terms["cdr_multiple"] = multiple
    return run_collaterals(paths, call_share, terms, paths.inputs.scripted[None]).run(0)


def run_collaterals(paths: Paths, call_share: float, terms: Rows, scripted: Integers) -> PoolCashFlow:
    """The same in several runs: a row of terms [S] and the months of scripted defaults [S, L] of each."""

    def run(months: int, part: slice) -> tuple[Floats, Floats]:
        return _run(paths, months, terms[part], scripted[part])

    return collaterals(paths.inputs, call_share, run)


Run = Callable[[int, slice], tuple[Floats, Floats]]
"""Runs some of several over so many months: lines [S, POOL_LINES, M] and outcomes [S, L, POOL_OUTCOME]."""


def collaterals(inputs: ScenarioInputs, call_share: float, run: Run) -> PoolCashFlow:
    """Collateral of several runs, called where little is left; every month is held to add up."""
    lines, outcome = run(inputs.loans.timeline.months, slice(None))
    start = np.full((len(lines), 1), math.fsum(inputs.loans.balance.tolist()))
    stated = np.concatenate([start, lines[:, LINE["balance"]]], axis=1)
    found = PoolCashFlow(lines, stated, np.full(len(lines), NEVER_CALLED), lambda: outcome)
    _assert_conserved(found, inputs)
    return _call(found, _called(found, call_share), run)


def _run(paths: Paths, months: int, terms: Rows, scripted: Integers) -> tuple[Floats, Floats]:
    """Lines and outcomes of runs of so many months."""
    inputs, loans = paths.inputs, paths.inputs.loans
    lines = np.empty((len(terms), len(LINE), months))
    outcome = np.empty((len(terms), len(loans.loans), len(OUTCOME)))
    kernel.pool_collateral(
        loans.loans,
        terms,
        inputs.rate,
        loans.accrual,
        paths.value,
        paths.sale_value,
        loans.timeline.days,
        inputs.advance_rate,
        inputs.cdr,
        inputs.cpr,
        scripted,
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


def _called(found: PoolCashFlow, share: float) -> Integers:
    """Month of the clean-up call of each run; -1 for none."""
    before = found.stated[:, :-1]
    small = (before > 0.0) & (before <= share * found.stated[:, :1]) & (found.stated[:, 1:] > 0.0)
    small &= found.line("defaulted") == 0.0
    return np.where(small.any(axis=1), small.argmax(axis=1), NEVER_CALLED)


def _call(found: PoolCashFlow, called: Integers, run: Run) -> PoolCashFlow:
    """The collateral with what is left bought at the end of a month, in the runs that are called."""
    bought = np.flatnonzero(called != NEVER_CALLED)
    for s in bought.tolist():
        month = int(called[s])
        found.lines[s, LINE["balloon"], month] += found.stated[s, month + 1]
        found.lines[s, :, month + 1 :] = 0.0
        found.lines[s, LINE["balance"], month] = 0.0
        found.stated[s, month + 1 :] = 0.0

    def outcomes() -> Floats:
        outcome = found.outcomes()
        for s in bought.tolist():  # what became of a loan until then
            outcome[s] = run(int(called[s]) + 1, slice(s, s + 1))[1][0]
            outcome[s, :, OUTCOME["repaid"]] += outcome[s, :, OUTCOME["left"]]
            outcome[s, :, OUTCOME["left"]] = 0.0
        return outcome

    return PoolCashFlow(found.lines, found.stated, called, outcomes)


def _assert_conserved(found: PoolCashFlow, inputs: ScenarioInputs) -> None:
    """Check, month by month of every run, that stated balance and advances add up."""
    stated, loans = found.stated, inputs.loans.loans
    paid = [-found.principal_funds, -found.line("realised_loss")]
    _assert_adds_up("stated balance", stated, [stated[:, :-1], -stated[:, 1:], *paid])
    arrears = loans["advances"][loans["in_arrears"] == 1]
    opening = float(arrears.sum()) if inputs.terms.arrears_default else 0.0
    after = found.line("advances_outstanding")
    before = np.concatenate([np.full((len(after), 1), opening), after[:, :-1]], axis=1)
    made = [found.line("interest_advanced"), found.line("principal_advanced"), -found.line("reimbursed")]
    _assert_adds_up("advances", stated, [before, -after, *made])


def _assert_adds_up(what: str, stated: Floats, moves: Sequence[Floats]) -> None:
    """Check that the moves of each month cancel, to what a double can tell apart of the money in play."""
    off = np.abs(sum(moves[1:], start=moves[0]))
    money = float(stated[0, 0]) + sum((np.abs(move) for move in moves[1:]), start=np.abs(moves[0]))
    if not (off <= TOLERANCE + RESOLUTION * money).all():
        raise BalanceNotConserved(f"month {int(off.max(axis=0).argmax())}: {what} is off by {off.max()}")
