"""The waterfall: cash of each period through the priority of payments, scenario by scenario."""

# Design: nothing is decided here. Steps, triggers and fees are data, the kernel follows them, and this page
# names its answer. The books of every period are audited inside: a breach stops the answer.

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate import kernel
from rackrate.engine.facility.valuation import under_haircuts
from rackrate.engine.structure.waterfall_terms import WaterfallTerms
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

Flags = NDArray[np.bool_]
BREACH_PERIOD = records.EVENTS.index("breach_period")


class AuditBreach(Exception):  # noqa: N818  the field's word for books that disagree
    """The books of a period disagree: a fault of the program, never of a deal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """Cash into the waterfall (axes: S scenario, P period to legal final).

    Attributes
    ----------
    available, ncf : float64[S, P]
        Sums over each period: cash to distribute, and net cash flow for coverage.
    takeout : float64[S]
        Largest outstanding (balances and unpaid interest) that is refinanced at the ARD; infinite for any,
        negative for none.
    sale : float64[S]
        Net proceeds of the sale at legal final, received only if anything is owed; nobody sells below zero.
    value : float64[S, P] or None
        Value that the LTV test of each period looks at: the last period's, held against opening balances;
        infinite where nothing is tested, as in the first period. None without LTV triggers.
    rate_set : int64[S] or None
        Rate set of each scenario; None for the first throughout.
    """

    available: Floats
    ncf: Floats
    takeout: Floats
    sale: Floats
    value: Floats | None = None
    rate_set: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HaircutLine:
    """Cash as a line in a uniform haircut: each figure less the haircut times its positive part.

    Attributes
    ----------
    cash : float64[3, P]
        Available, net cash flow, and what a haircut is taken of: the facilities' positive months.
    takeout : float64[3, legs]
        Debt that each leg of a refinance test supports in the year from the ARD, its positive part, and the
        least it supports whatever the haircut.
    sale : float64[4, 2]
        Net values at closing and at legal final, in the rows of `value_lines`; a sale brings the lesser.
    value : float64[4, P] or float64[4, 0]
        What LTV triggers look at, in the same rows; [4, 0] without triggers.
    """

    cash: Floats
    takeout: Floats
    sale: Floats
    value: Floats

    def by(self, haircuts: Floats) -> Cash:
        """Cash under each haircut [S]."""
        available, ncf, positive = self.cash
        cut = haircuts[:, None] * positive
        whole, part, least = self.takeout
        support = np.maximum(whole - haircuts[:, None] * part, least)
        return Cash(
            available=available - cut,
            ncf=ncf - cut,
            takeout=support.min(axis=1, initial=np.inf),
            sale=under_haircuts(self.sale, haircuts).min(axis=1),
            value=under_haircuts(self.value, haircuts) if self.value.shape[1] else None,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Losses and least DSCR at the end of each scenario (axes: S scenario, K class).

    Attributes
    ----------
    least_actual, least_assumed : float64[S]
        Least cover of the periods that a later one tests, for something is still owed; infinite where none
        is known.
    interest_unpaid, principal_loss : float64[S, K]
        After legal final.
    """

    least_actual: Floats
    least_assumed: Floats
    interest_unpaid: Floats
    principal_loss: Floats


@dataclass(frozen=True, slots=True)
class WaterfallResult:
    """Payments by period (axes: S scenario, K class, P period). After refinancing every series is zero.

    Attributes
    ----------
    available, fees, uncapped_fees, equity : float64[S, P]
    reserve, trap : float64[S, P]
        After the payment date.
    dscr_actual, dscr_assumed : float64[S, P]
        NaN where not known.
    service_actual, service_assumed : float64[S, P]
        What those divide by; zero where not known, NaN without a constant.
    trapping, amortising, sweeping, pik : bool[S, P]
    interest_due, interest_paid, capitalised, principal_paid, additional_paid : float64[S, K, P]
    balance, interest_unpaid : float64[S, K, P]
        After the payment date; of the last period, the loss.
    ard_balance, ard_proceeds, sale : float64[S]
        Outstanding at the ARD (0 if it was not tested), repaid by refinancing, net proceeds of the sale.
    value : float64[S, P] or None
        What the LTV test of each period looked at; None without LTV triggers.
    """

    available: Floats
    fees: Floats
    uncapped_fees: Floats
    reserve: Floats
    trap: Floats
    equity: Floats
    dscr_actual: Floats
    dscr_assumed: Floats
    service_actual: Floats
    service_assumed: Floats
    trapping: Flags
    amortising: Flags
    sweeping: Flags
    pik: Flags
    interest_due: Floats
    interest_paid: Floats
    capitalised: Floats
    principal_paid: Floats
    additional_paid: Floats
    balance: Floats
    interest_unpaid: Floats
    ard_balance: Floats
    ard_proceeds: Floats
    sale: Floats
    value: Floats | None

    @property
    def refinanced(self) -> Flags:
        """Whether the debt was refinanced at the ARD [S]."""
        refinanced: Flags = self.ard_proceeds > 0.0
        return refinanced

    @property
    def principal_loss(self) -> Floats:
        """Balance unpaid after legal final [S, K]."""
        return self.balance[:, :, -1]

    @property
    def outcome(self) -> Outcome:
        """Losses and least DSCR at the end of each scenario."""
        owed = self.balance[:, :, :-1].max(axis=1) > 0.0
        actual, assumed = (
            np.fmin.reduce(cover[:, :-1], axis=1, initial=np.inf, where=owed)
            for cover in (self.dscr_actual, self.dscr_assumed)
        )
        return Outcome(actual, assumed, self.interest_unpaid[:, :, -1], self.principal_loss)


def distribute(terms: WaterfallTerms, cash: Cash) -> WaterfallResult:
    """Pay each scenario's cash through the priority of payments.

    Raises
    ------
    AuditBreach
        If a period's books disagree, naming the first such period.
    ValueError
        If an amount is not a number.
    """
    _check(cash)
    scenarios, periods = cash.available.shape
    rate_set = np.zeros(scenarios, dtype=np.int64) if cash.rate_set is None else cash.rate_set
    value = np.empty((scenarios, 0)) if cash.value is None else np.ascontiguousarray(cash.value)
    series = np.empty((scenarios, len(records.SERIES), periods))
    by_class = np.empty((scenarios, len(records.CLASS_SERIES), len(terms.notes), periods))
    events = np.empty((scenarios, len(records.EVENTS)))
    kernel.pay(
        *terms.rows,
        rate_set,
        np.ascontiguousarray(cash.available),
        np.ascontiguousarray(cash.ncf),
        cash.takeout,
        np.maximum(0.0, cash.sale),
        value,
        series,
        by_class,
        events,
    )
    _raise_breach(events)
    return _named(series, by_class, events, cash.value)


def stress(terms: WaterfallTerms, cut: HaircutLine, haircuts: Floats) -> Outcome:
    """Losses and least DSCR under each haircut [S]: `distribute` without its periods.

    Raises
    ------
    AuditBreach
        As `distribute`; also if cash is not a number, for then no books agree.
    """
    covers = np.empty((len(haircuts), 2))
    unpaid = np.empty((len(haircuts), 2, len(terms.notes)))
    events = np.empty((len(haircuts), len(records.EVENTS)))
    kernel.stress(*terms.rows, cut.cash, cut.takeout, cut.sale, cut.value, haircuts, covers, unpaid, events)
    _raise_breach(events)
    return Outcome(covers[:, 0], covers[:, 1], unpaid[:, 0], unpaid[:, 1])


def _check(cash: Cash) -> None:
    for name in ("available", "ncf", "sale"):
        if not np.isfinite(getattr(cash, name)).all():
            raise ValueError(f"{name}: an amount is not a number")
    if np.isnan(cash.takeout).any() or (cash.value is not None and np.isnan(cash.value).any()):
        raise ValueError("takeout, value: an amount is not a number")


def _raise_breach(events: Floats) -> None:
    breached = events[:, BREACH_PERIOD]
    if breached.max() < 0.0:
        return
    scenario = int(np.argmax(breached))
    event = dict(zip(records.EVENTS, events[scenario].tolist(), strict=True))
    what, period = records.BREACHES[int(event["breach_kind"])], int(event["breach_period"])
    raise AuditBreach(f"the waterfall's books disagree in period {period} of scenario {scenario}: {what}")


def _named(series: Floats, by_class: Floats, events: Floats, value: Floats | None) -> WaterfallResult:
    rows: dict[str, Any] = {name: series[:, n] for n, name in enumerate(records.SERIES)}
    rows |= {name: rows[name] > 0.0 for name in records.FLAGS}
    rows |= {name: by_class[:, n] for n, name in enumerate(records.CLASS_SERIES)}
    rows |= {name: events[:, n] for n, name in enumerate(records.EVENTS[:3])}
    return WaterfallResult(value=value, **rows)
