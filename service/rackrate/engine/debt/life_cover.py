"""Present values behind LLCR and PLCR: over the life of the loan, and of its contracts."""

from rackrate.deal.sizing_tests import Refinance
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.refinance import supported_balloon
from rackrate.engine.debt.terms import (
    discount_factors,
    period_rates,
    present_value,
)


def loan_life(loan: Loan, case: str | None) -> float | None:
    """Present value of net cash flow to maturity and of the supported balloon; None if none is supported."""
    return _life(loan, case, loan.terms.term, refinanced=True)


def project_life(loan: Loan, case: str | None) -> float | None:
    """Present value of net cash flow to the later of maturity and the last contract end.

    The supported balloon enters only where no contract outlives the debt. None if no test supports one.
    """
    end = loan.cases[case].last_contract_end
    return _life(loan, case, max(loan.terms.term, end), refinanced=end <= loan.terms.term)


def _life(loan: Loan, case: str | None, end: int, refinanced: bool) -> float | None:
    flows, terms = loan.cases[case], loan.terms
    rates = period_rates(terms, flows)
    if min(len(flows.ncf), len(rates)) < end:
        raise ValueError(f"ncf: {len(flows.ncf)} periods do not reach period {end}")
    value = float(present_value(flows.ncf[:end], rates[:end])[0])
    if loan.schedules[case].balloon == 0.0:
        return value
    tests = [test for test in loan.tests if isinstance(test, Refinance)]
    if not tests:
        return None
    if not refinanced:
        return value
    return value + float(discount_factors(rates[: terms.term])[-1]) * supported_balloon(loan, case, tests)
