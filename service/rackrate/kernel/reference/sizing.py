"""Debt by induction and recursion: level and sculpted balances, present values, rolling cover.

Axes: S scenario, N period, T period of the term (T <= N); last axis contiguous. Every output is filled in
place. Shapes are checked by the compiled functions; here NumPy's own complaint is enough.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def level_payment(rate: float, count: int) -> float:
    """Return the level payment per period on one unit of principal.

    One over the annuity, the sum of `(1 + rate)**-k` for k = 1..count: `rate / (1 - (1 + rate)**-count)`.

    Parameters
    ----------
    rate : float
        Rate per period; at zero the payment is `1 / count`.
    count : int
        Number of payments, at least one.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `count` is below one.

    Examples
    --------
    One payment returns the unit and its interest; no interest shares the unit equally.

    >>> level_payment(1.0, 1), level_payment(0.0, 4)
    (2.0, 0.25)
    """
    if count < 1:
        raise ValueError("count: a level payment needs at least one period")
    return float(1.0 / ((1.0 + rate) ** -np.arange(1.0, count + 1.0)).sum())


def level_balances(
    rate: Floats, accrual: Floats, years: float, interest_only: int, count: int, balance: Floats
) -> None:
    """Run a level-payment loan forwards.

    The payment is that of `level_payment` at `rate * years` and is set anew, over the payments left, when the
    rate moves. Interest accrues on the day count, so after the last payment a stub is left for the balloon.

    Parameters
    ----------
    rate : float64[S, N]
        Annual rate in each period.
    accrual : float64[N]
        Year fraction of each period by day count.
    years : float
        Length of a period in years, as the level payment counts it.
    interest_only : int
        Periods before the first level payment.
    count : int
        Periods in which level payments would repay the whole.
    balance : float64[S, T + 1]
        OUT. Share of principal left after each payment; never rises, never negative.

    Examples
    --------
    Half of what is owed falls due as interest, so 0.9 a period on 1 repays 0.4, then 0.6.

    >>> balance = np.empty((1, 3))
    >>> level_balances(np.full((1, 2), 0.5), np.ones(2), 1.0, 0, 2, balance)
    >>> balance.round(12).tolist()
    [[1.0, 0.6, 0.0]]
    """
    term = balance.shape[1] - 1
    balance[:, :] = 1.0
    payment = np.zeros(len(balance))
    for k in range(term):
        paid, opening = k - interest_only, balance[:, k]
        repaid = np.zeros(len(balance))
        if 0 <= paid < count:
            reset = np.array([level_payment(r * years, count - paid) for r in rate[:, k]])
            moved = np.full(len(balance), True) if paid == 0 else rate[:, k] != rate[:, k - 1]
            payment = np.where(moved, opening * reset, payment)
            repaid = np.minimum(opening, np.maximum(0.0, payment - opening * (rate[:, k] * accrual[k])))
        balance[:, k + 1] = opening - repaid


def sculpt(
    ncf: Floats,
    rate: Floats,
    ceiling: Floats,
    dscr: Floats,
    balloon: Floats,
    interest_only: int,
    capacity: Floats,
) -> None:
    """Find debt capacity by backward induction.

    With `cap = max(0, ncf) / dscr`, a period may open owing U and leave V if `U * (1 + rate) - cap <= V` and
    its interest is covered, `U * rate <= cap`; while nothing is repaid, if `U <= V` and `U * rate <= cap`.
    `ceiling` joins the minimum, at maturity too. What is left at maturity is `balloon` times the capacity at
    closing, the largest that solves it. Where nothing is repaid, no rate discounts and nothing limits the
    debt (a balloon of all of it at a rate of zero), whatever is left at the end only adds to what can be
    borrowed: the capacity is infinite, and another test sizes the debt.

    Parameters
    ----------
    ncf : float64[S, T]
        Net cash flow of each period.
    rate : float64[S, T]
        Rate per period: annual rate times accrual. At or below zero, interest limits nothing.
    ceiling : float64[S, T + 1]
        Most that may be outstanding at each boundary, before the balloon; infinite where nothing limits it.
    dscr : float64[S]
        Cover to be kept, positive.
    balloon : float64[S]
        Share of principal left at maturity, 0 to 1.
    interest_only : int
        Periods in which nothing is repaid.
    capacity : float64[S, T + 1]
        OUT. Debt that each boundary can carry; `capacity[:, 0]` is the principal.

    Examples
    --------
    Cash of 3 a period at 1.5x services debt with 2 a period; at 100 percent a period that carries 1.5.

    >>> cash, rate, unlimited = np.full((1, 2), 3.0), np.ones((1, 2)), np.full((1, 3), np.inf)
    >>> capacity = np.empty((1, 3))
    >>> sculpt(cash, rate, unlimited, np.array([1.5]), np.zeros(1), 0, capacity)
    >>> capacity.tolist()
    [[1.5, 1.0, 0.0]]
    """
    for s, share in enumerate(balloon):
        scenario = ncf[s], rate[s], ceiling[s], dscr[s], interest_only
        end = 0.0
        if share > 0.0:
            end = share * _capacity(*scenario, end=np.inf)[0][0]
            if end == np.inf:
                start, slope = _capacity(*scenario, end=0.0)
                end = _fixed_point(share, start[0], slope)
            while True:
                at, slope = _capacity(*scenario, end=end)
                if (
                    share * slope >= 1.0
                ):  # no line that steep meets its end: end is the root, or there is none
                    break
                nearer = end - (end - share * at[0]) / (1.0 - share * slope)
                if not nearer < end:
                    break
                end = max(0.0, nearer)
        capacity[s] = _capacity(*scenario, end=min(end, ceiling[s, -1]))[0]


def _fixed_point(share: float, start: float, slope: float) -> float:
    """Solve `end = share * (start + slope * end)` for its largest; infinite where it has no bound."""
    return share * start / (1.0 - share * slope) if share * slope < 1.0 else np.inf


def _capacity(
    ncf: Floats, rate: Floats, ceiling: Floats, dscr: float, interest_only: int, end: float
) -> tuple[Floats, float]:
    """Capacity at every boundary, and d(capacity at closing)/d(end)."""
    capacity, slope = np.full(len(ncf) + 1, float(end)), 1.0
    for k in reversed(range(len(ncf))):
        cap = max(0.0, ncf[k]) / dscr
        growth = 1.0 if k < interest_only else 1.0 + rate[k]
        carried = capacity[k + 1] if k < interest_only else (capacity[k + 1] + cap) / growth
        room = min(ceiling[k], cap / rate[k] if rate[k] > 0.0 else np.inf)
        slope = 0.0 if room < carried else slope / growth
        capacity[k] = min(room, carried)
    return capacity, slope


def discount_factors(rate: Floats, factor: Floats) -> None:
    """Compound the periods' own rates.

    Parameters
    ----------
    rate : float64[S, N]
        Rate per period.
    factor : float64[S, N + 1]
        OUT. Present value at closing of one unit at each boundary; 1 at closing.

    Examples
    --------
    >>> factor = np.empty((1, 3))
    >>> discount_factors(np.array([[1.0, 0.25]]), factor)
    >>> factor.tolist()
    [[1.0, 0.5, 0.4]]
    """
    factor[:, 0] = 1.0
    for k in range(rate.shape[1]):
        factor[:, k + 1] = factor[:, k] / (1.0 + rate[:, k])


def present_values(flow: Floats, rate: Floats, value: Floats) -> None:
    """Discount flows at the periods' own rates, the first by one period.

    Parameters
    ----------
    flow : float64[S, N]
        Paid at the end of each period.
    rate : float64[S, N]
        Rate per period.
    value : float64[S, N + 1]
        OUT. Present value at each boundary of what is paid after it; 0 at the last.

    Examples
    --------
    At 100 percent a period 4 is worth 2 a period before, and (2 + 2) is worth 2 a period before that.

    >>> value = np.empty((1, 3))
    >>> present_values(np.array([[2.0, 4.0]]), np.ones((1, 2)), value)
    >>> value.tolist()
    [[2.0, 2.0, 0.0]]
    """
    value[:, -1] = 0.0
    for k in reversed(range(flow.shape[1])):
        value[:, k] = (value[:, k + 1] + flow[:, k]) / (1.0 + rate[:, k])


def rolling_ratios(
    numerator: Floats, service: Floats, balance: Floats, width: int, dust: float, ratio: Floats
) -> None:
    """Compare sums over rolling windows inside the term.

    A window counts while debt is outstanding before its last payment.

    Parameters
    ----------
    numerator : float64[S, N]
        Cash flow of each period.
    service : float64[S, T]
        Service of each period, balloon excluded.
    balance : float64[S, T + 1]
        Left after each payment, before the balloon.
    width : int
        Periods in a window.
    dust : float
        A balance or a service at or below it is nothing.
    ratio : float64[S, max(0, T - width + 1)]
        OUT. Cover of each window; NaN where it does not count or nothing is due.

    Examples
    --------
    (1 + 3) over (1 + 1), whose last payment repays the debt; in the second window there is none before it.

    >>> ratio = np.empty((1, 2))
    >>> cash, due, left = np.array([[1.0, 3.0, 5.0]]), np.ones((1, 3)), np.array([[2.0, 1.0, 0.0, 0.0]])
    >>> rolling_ratios(cash, due, left, 2, 0.0, ratio)
    >>> ratio.tolist()
    [[2.0, nan]]
    """
    for i in range(ratio.shape[1]):
        earned, due = (x[:, i : i + width].sum(axis=1) for x in (numerator, service))
        counts = (balance[:, i + width - 1] > dust) & (due > dust)
        ratio[:, i] = np.where(counts, earned / np.where(counts, due, 1.0), np.nan)
