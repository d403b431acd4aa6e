""""""

from collections.abc import Sequence

from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Refinance, SizingTest
from rackrate.engine.debt.interest_rates import all_in
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.terms import DebtTerms, Flows, level_constant, over, total


def take_out_ncf(terms: DebtTerms, flows: Flows) -> float:
    """Net cash flow of the twelve months after maturity."""
    return total(flows.ncf[terms.term : terms.term + terms.year])


def take_out_constant(test: Refinance, add: float) -> float | None:
    """Yearly service of 1 of the take-out loan, ``add`` on its rate; None if cover is not tested."""
    if test.dscr is None or test.rate is None or test.months is None:
        return None
    return level_constant(all_in(test.rate, add), test.months)


def serviced_balloon(test: Refinance, terms: DebtTerms, flows: Flows) -> float:
    """Balloon whose take-out loan has a cover of 1 on level service; infinite if cover is not tested."""
    constant = take_out_constant(test, flows.rate_add)
    return float("inf") if constant is None else over(take_out_ncf(terms, flows), constant)


def valued_balloon(test: Refinance, flows: Flows) -> float:
    """Balloon at a loan to value of 1; infinite if value is not tested."""
    return float("inf") if test.ltv is None or test.cap_rate is None else flows.take_out(test.cap_rate)


def supported_balloon(loan: Loan, case: str | None, tests: Sequence[Refinance]) -> float:
    """Least balloon that refinance tests support, each in the case it names, if any."""
    supported = []
    for test in tests:
        flows = loan.cases[case if test.case is None else test.case]
        on_cover = serviced_balloon(test, loan.terms, flows) / (test.dscr or 1.0)
        on_value = valued_balloon(test, flows) * (test.ltv or 1.0)
        supported.append(max(0.0, min(on_cover, on_value)))
    return min(supported)


def refinance_tests(tests: Sequence[SizingTest], ruleset: Ruleset) -> list[Refinance]:
    """The deal's refinance tests, or the ruleset's where it has none."""
    house = ruleset.refinance
    own = [test for test in tests if isinstance(test, Refinance)]
    return own or [
        Refinance(
            rate=house.rate, months=house.months, dscr=house.dscr, ltv=house.ltv, cap_rate=house.cap_rate
        )
    ]
