"""Present values behind LLCR and PLCR: over the life of the loan, and of its contracts."""

from rackrate.deal.sizing_tests import Refinance
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.refinance import supported_balloon
from rackrate.engine.debt.terms import discount_factors, period_rates, present_value


def life_value(loan: Loan, case: str | None, *, project: bool) -> float | None:
    """Present value of net cash flow behind an LLCR, or a PLCR, and of the balloon that tests support.

    Cash flow to maturity; for a PLCR to the later of maturity and the last contract end, and the supported
    balloon only where no contract outlives the debt. None if no refinance test supports a balloon.
    """
    flows, terms = loan.cases[case], loan.terms
    end = max(terms.term, flows.last_contract_end) if project else terms.term
    rates = period_rates(terms, flows)
    if min(len(flows.ncf), len(rates)) < end:
        raise ValueError(f"ncf: {len(flows.ncf)} periods do not reach period {end}")
    value = float(present_value(flows.ncf[:end], rates[:end])[0])
    if loan.schedules[case].balloon == 0.0:
        return value
    tests = [test for test in loan.tests if isinstance(test, Refinance)]
    if not tests:
        return None
    if end > terms.term:
        return value
    return value + float(discount_factors(rates[: terms.term])[-1]) * supported_balloon(loan, case, tests)
