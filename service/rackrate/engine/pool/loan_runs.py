"""One loan at a time as of a month: balances, what the month brought, and what has become of the loan."""

# Design: loans are independent of each other once their paths are run, so that the collateral of a pool of
# one is that loan's; only the clean-up call looks at all of them.

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rackrate.engine.pool.cashflow import NEVER_CALLED, PoolCashFlow, run_collateral
from rackrate.engine.pool.paths import Paths
from rackrate.engine.timeline import Timeline

Standing = Literal["performing", "defaulted", "repaid", "prepaid", "sold", "called"]
LINES = (
    "interest",
    "interest_advanced",
    "scheduled",
    "principal_advanced",
    "prepaid",
    "balloon",
    "principal_recovered",
    "advances_outstanding",
)
WHOLE = 1e-9  # of a loan that may be off none or all of it


class SplitLoan(Exception):  # noqa: N818  says what is wrong, as refusals do
    """Rates have left part of a loan alive: it is no whole loan."""

    def __init__(self, loan: int) -> None:
        super().__init__(loan)
        self.loan = loan


@dataclass(frozen=True)
class LoanMonth:
    """A loan at a boundary, and what the month before it brought; all 0 at closing."""

    standing: Standing
    since: int  # boundary at which it ended, or month in which it defaulted
    beginning: float
    ending: float
    rate: float
    interest: float
    principal: float
    unscheduled: float
    advances: float
    loss: float


def loans_at(paths: Paths, whole: PoolCashFlow, month: int) -> Iterator[LoanMonth]:
    """Yield each loan as of boundary `month` of a run.

    Raises
    ------
    SplitLoan
        If default or prepayment rates have split one.
    """
    balance, rate = paths.inputs.loans.balance, paths.inputs.rate
    end = month if whole.called == NEVER_CALLED else int(whole.called) + 1  # nothing happens after the call
    for x in range(len(balance)):
        first = float(rate[x, max(0, month - 1)])
        if month == 0:
            owed = float(balance[x])
            yield LoanMonth("performing", 0, owed, owed, first, 0.0, 0.0, 0.0, 0.0, 0.0)
        else:
            yield _called(_at(paths, x, min(month, end), first), int(whole.called), month)


def _cut(paths: Paths, x: int, months: int) -> Paths:
    """The paths of one loan over the first months."""
    inputs, loans = paths.inputs, paths.inputs.loans

    def row(series: np.ndarray, extra: int = 0) -> np.ndarray:
        return np.ascontiguousarray(series[x : x + 1, : months + extra])

    one = replace(
        loans,
        timeline=Timeline(loans.timeline.closing, months),
        loans=loans.loans[x : x + 1].copy(),
        accrual=row(loans.accrual),
        protection=row(loans.protection),
    )
    asked = replace(
        inputs,
        loans=one,
        rate=row(inputs.rate),
        advance_rate=np.ascontiguousarray(inputs.advance_rate[:months]),
        cdr=np.ascontiguousarray(inputs.cdr[:months]),
        cpr=np.ascontiguousarray(inputs.cpr[:, :months]),
        scripted=inputs.scripted[x : x + 1].copy(),
    )
    return replace(
        paths,
        inputs=asked,
        stated_value=row(paths.stated_value, 1),
        value=row(paths.value, 1),
        sale_value=row(paths.sale_value, 1),
        closing_cover=paths.closing_cover[x : x + 1].copy(),
        balance=row(paths.balance, 1),
        principal=row(paths.principal),
        cover=row(paths.cover),
        premium=row(paths.premium),
        ends=paths.ends[x : x + 1].copy(),
    )


def _at(paths: Paths, x: int, month: int, rate: float) -> LoanMonth:
    run = run_collateral(_cut(paths, x, month), 0.0)
    standing, since = _standing(run, x)
    line = {name: float(run.line(name)[month - 1]) for name in LINES}
    return LoanMonth(
        standing=standing,
        since=since,
        beginning=float(run.stated[month - 1]),
        ending=float(run.stated[month]),
        rate=rate,
        interest=line["interest"] + line["interest_advanced"],
        principal=line["scheduled"] + line["principal_advanced"],
        unscheduled=line["prepaid"] + line["balloon"] + line["principal_recovered"],
        advances=line["advances_outstanding"],
        loss=float(run.line("realised_loss").sum()),
    )


def _standing(run: PoolCashFlow, x: int) -> tuple[Standing, int]:
    """What has become of the one loan of a run, and since when."""
    names = ("left", "defaulted", "unresolved", "prepaid", "repaid")
    mass = {name: float(run.of_loans(name)[0]) for name in names}
    if any(WHOLE < share < 1.0 - WHOLE for share in mass.values()):
        raise SplitLoan(x)
    if mass["left"] > 0.5:
        return "performing", 0
    if mass["unresolved"] > 0.5:
        owed = np.flatnonzero(run.line("defaulted") > 0.0)
        return "defaulted", int(owed[0]) if len(owed) else 0
    ended = int(run.of_loans("last_month")[0]) + 1
    if mass["defaulted"] > 0.5:
        return "sold", ended
    return ("prepaid" if mass["prepaid"] > 0.5 else "repaid"), ended


def _called(found: LoanMonth, called: int, month: int) -> LoanMonth:
    """A loan that the holder of the clean-up call has bought, where that has been called."""
    if called == NEVER_CALLED or called >= month:
        return found
    is_bought = found.standing in ("performing", "defaulted")
    ended = replace(found, standing="called", since=called + 1) if is_bought else found
    if called == month - 1:
        return replace(ended, ending=0.0, unscheduled=found.unscheduled + found.ending)
    return replace(ended, beginning=0.0, ending=0.0, interest=0.0, principal=0.0, unscheduled=0.0)
