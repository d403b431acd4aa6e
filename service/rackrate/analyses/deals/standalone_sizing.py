"""Size a loan on a client's own cash flow: one series, one case, the same tests."""

import math

import numpy as np

from rackrate.deal.debt import Debt, FloatingRate
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.loan import arrange
from rackrate.engine.debt.resolve import target_balances
from rackrate.engine.debt.sizing import outcome
from rackrate.engine.debt.sizing import size as size_loan
from rackrate.engine.debt.terms import DebtTerms, Flows, Year
from rackrate.engine.timeline import Floats, Timeline, timeline


def size(request: SizingRequest, ruleset: Ruleset) -> SizingAnswer:
    """Size the loan; the ruleset is unused, for every analysis is called alike.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming it.
    Unsupported
        If the model does not define a test on this loan.
    """
    step = request.period_months
    periods = max(len(request.ncf), 12 // step)  # a year's interest is asked for whatever the term
    months = timeline(request.closing, periods * step)
    cases: dict[str | None, Flows] = {None: _flows(request, periods)}
    loan = arrange(_terms(request.debt, step, months), request.tests, cases, None, "/tests")
    sized = size_loan(loan)
    return SizingAnswer(sizing=outcome(sized, months), coverage=coverage(sized))


def _terms(debt: Debt, step: int, months: Timeline) -> DebtTerms:
    dates = timeline(months.closing, debt.term_months + 1)
    return DebtTerms(
        period_months=step,
        accrual=_accrual(debt, step, months),
        term=debt.term_months // step,
        interest_only=debt.interest_only_months // step,
        amortisation=debt.amortisation,
        target=target_balances(debt.amortisation, dates, step),
        balloon=debt.balloon,
    )


def _accrual(debt: Debt, step: int, months: Timeline) -> Floats:
    """Year fraction of each period: its length on 30/360, its days otherwise."""
    if debt.day_count == "30/360":
        return np.full(months.months // step, step / 12.0)
    days = np.diff(months.boundaries[::step]).astype(np.float64)
    return days / (360.0 if debt.day_count == "ACT/360" else 365.0)


def _flows(request: SizingRequest, periods: int) -> Flows:
    rate = request.debt.rate
    if isinstance(rate, FloatingRate):
        raise TypeError("rate: a series of one's own has no base rate to float on")
    ncf, year = np.array(request.ncf, dtype=np.float64), 12 // request.period_months
    maturity = request.debt.term_months // request.period_months
    next_year = math.fsum(ncf[maturity : maturity + year])
    closing = math.fsum(ncf[:year]) if request.annual_ncf is None else request.annual_ncf
    return Flows(
        case=None,
        rate=np.full(periods, rate),
        ncf=ncf,
        closing=Year(closing),
        value=request.value,
        cost=request.cost,
        take_out=lambda cap_rate: next_year / cap_rate,
        last_contract_end=len(ncf),
    )
