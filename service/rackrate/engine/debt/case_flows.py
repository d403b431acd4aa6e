"""Borrowing: each case as the debt sees it, and the loan that every test allows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rackrate.deal.debt import Sculpted, TargetBalance
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.debt.amortisation import schedules
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.loan import arrange
from rackrate.engine.debt.sizing import Sized, size
from rackrate.engine.debt.terms import DebtTerms, Equipment, Flows, Year, total
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.collateral import YEAR, Collateral
from rackrate.engine.facility.income import Income
from rackrate.engine.facility.leases import last_contract_end, stabilised_month
from rackrate.engine.facility.valuation import ValuedFacilities, exit_value, value
from rackrate.engine.timeline import Floats, timeline


def size_loan(priced: Collateral) -> Sized:
    """Size the loan: the least principal that every test allows.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming the test.
    """
    sizing = priced.deal.sizing
    return size(arrange(debt_terms(priced), sizing.tests, flows_by_case(priced), sizing.case))


def hold(priced: Collateral, sized: Sized) -> Sized:
    """The same principal on other incomes: a sculpt keeps its balances, an annuity follows its own rate."""
    terms, flows = debt_terms(priced), flows_by_case(priced)
    agreed = sized.schedule.balance if isinstance(terms.amortisation, Sculpted) else None
    schedule = schedules(terms, list(flows.values()), agreed)
    return replace(sized, loan=replace(sized.loan, terms=terms, cases=flows, schedules=schedule))


def debt_terms(priced: Collateral) -> DebtTerms:
    """What the debt agreement fixes, by month."""
    debt = priced.deal.debt
    target = None
    if isinstance(debt.amortisation, TargetBalance):
        target = timeline(priced.deal.closing, debt.term_months + 1).curve(debt.amortisation.curve)[1:]
    return DebtTerms(
        period_months=1,
        accrual=priced.timeline.accrual(debt.day_count),
        term=debt.term_months,
        interest_only=debt.interest_only_months,
        amortisation=debt.amortisation,
        target=target,
        balloon=debt.balloon,
    )


def flows_by_case(priced: Collateral) -> dict[str | None, Flows]:
    """Every case as the debt sees it, by name."""
    deal, months = priced.deal, priced.timeline
    base = months.curve(deal.market.base_rate)
    start, end = stabilised_month(deal, months), last_contract_end(deal, months)
    return {name: flows_of(priced, income, base, start, end) for name, income in priced.runs.incomes.items()}


def flows_of(priced: Collateral, income: Income, base: Floats, start: int, end: int) -> Flows:
    """One case as the debt sees it.

    Parameters
    ----------
    base : array [N]
        Base rate by month.
    start, end : int
        Month in which the facilities are stabilised; month after the last contract lease.
    """
    deal, name = priced.deal, income.case.name
    add = adjustment(income.case, "rate_add")
    estate = priced.estates[name]
    return Flows(
        case=name,
        rate=annual_rate(deal.debt.rate, base, add),
        ncf=income.ncf,
        noi=income.noi,
        closing=Year(ncf=income.closing["ncf"], noi=income.closing["noi"]),
        stabilised=Year(
            ncf=total(income.ncf[start : start + YEAR]), noi=total(income.noi[start : start + YEAR])
        ),
        value=value(priced.lenses[name], estate),
        cost=sum(facility.cost for facility in deal.facilities),
        rate_add=add,
        take_out=take_out(estate, deal.debt.term_months),
        last_contract_end=end,
        collateral=collateral(deal, income, end),
    )


def take_out(estate: ValuedFacilities, month: int) -> Callable[[float], float]:
    """Capital value, at a cap rate, of the twelve months from a month."""
    return lambda cap: exit_value(estate, cap, month, month)


def collateral(deal: Deal, income: Income, end: int) -> Equipment | None:
    """The equipment in one case, no contract left from month `end`; None if its income was not asked for."""
    term = deal.debt.term_months
    equipment = [facility.equipment for facility in deal.facilities if facility.equipment is not None]
    if income.contracted is None or not equipment:
        return None
    month = np.arange(term + 1)
    residual, book = np.zeros(term + 1), np.zeros(term + 1)
    for item in equipment:
        residual += item.cost * timeline(deal.closing, term + 1).curve(item.residual)
        book += item.cost * np.maximum(0.0, 1.0 - month / item.life_months)
    contracted = income.contracted.copy()
    contracted[end:] = 0.0
    return Equipment(contracted, residual, book)
