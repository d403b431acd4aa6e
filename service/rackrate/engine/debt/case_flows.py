"""Each case's cash flow, rates, values and equipment as the debt reads them, and the sized loan."""

import math
from collections.abc import Callable
from dataclasses import replace

from rackrate.deal.debt import Sculpted
from rackrate.engine.debt.amortisation import schedules
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.loan import arrange
from rackrate.engine.debt.resolve import resolve_debt
from rackrate.engine.debt.sizing import Sized, size
from rackrate.engine.debt.terms import DebtTerms, EquipmentCollateral, Flows, Year
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.collateral import YEAR, Collateral
from rackrate.engine.facility.income import Income
from rackrate.engine.facility.resolve import CollateralTerms
from rackrate.engine.facility.valuation import ValuedFacilities, exit_value, value


def size_loan(priced: Collateral) -> Sized:
    """Size the loan: the least principal that every test allows.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming the test.
    """
    sizing, (terms, flows) = priced.deal.sizing, terms_and_flows(priced)
    return size(arrange(terms, sizing.tests, flows, sizing.case))


def hold(priced: Collateral, sized: Sized) -> Sized:
    """Keep the principal on other incomes: a sculpt keeps its balances, an annuity follows its own rate."""
    terms, flows = terms_and_flows(priced)
    agreed = sized.schedule.balance if isinstance(terms.amortisation, Sculpted) else None
    schedule = schedules(terms, list(flows.values()), agreed)
    return replace(sized, loan=replace(sized.loan, terms=terms, cases=flows, schedules=schedule))


def terms_and_flows(priced: Collateral) -> tuple[DebtTerms, dict[str | None, Flows]]:
    """Resolve the debt over the months of its collateral, and gather what it reads of every case by name."""
    flows: dict[str | None, Flows] = {
        name: flows_of(priced, income) for name, income in priced.runs.incomes.items()
    }
    return resolve_debt(priced.deal.debt, priced.timeline), flows


def flows_of(priced: Collateral, income: Income) -> Flows:
    """Cash flow, rates, values and equipment of one case."""
    debt, terms, name = priced.deal.debt, priced.terms, income.case.name
    add = adjustment(income.case, "rate_add")
    facilities, start = priced.valued[name], terms.stabilised
    return Flows(
        case=name,
        rate=annual_rate(debt.rate, terms.base_rate, add),
        ncf=income.ncf,
        noi=income.noi,
        closing=Year(ncf=income.closing["ncf"], noi=income.closing["noi"]),
        stabilised=Year(
            ncf=math.fsum(income.ncf[start : start + YEAR]), noi=math.fsum(income.noi[start : start + YEAR])
        ),
        value=value(priced.bases[name], facilities),
        cost=terms.cost,
        rate_add=add,
        take_out=take_out(facilities, debt.term_months),
        last_contract_end=terms.last_contract_end,
        collateral=equipment(terms, income, debt.term_months),
    )


def take_out(facilities: ValuedFacilities, month: int) -> Callable[[float], float]:
    """Value at a cap rate of the twelve months of net cash flow from a month, as of that month."""
    return lambda cap: exit_value(facilities, cap, month, month)


def equipment(terms: CollateralTerms, income: Income, term: int) -> EquipmentCollateral | None:
    """Contracted cash flow and value of the equipment in a case, to maturity; None if not asked for."""
    values = terms.equipment
    if income.contracted is None or values is None:
        return None
    contracted = income.contracted.copy()
    contracted[terms.last_contract_end :] = 0.0
    return EquipmentCollateral(contracted, values.residual[: term + 1], values.book[: term + 1])
