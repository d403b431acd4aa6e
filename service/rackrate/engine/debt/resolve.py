"""Resolve the debt: day count and written balances become arrays, once for all cases."""

from rackrate.deal.debt import Debt, TargetBalance
from rackrate.engine.debt.terms import DebtTerms
from rackrate.engine.timeline import Floats, Timeline


def resolve_debt(debt: Debt, timeline: Timeline) -> DebtTerms:
    """Resolve the debt agreement over the months of a timeline that reaches beyond its maturity."""
    return DebtTerms(
        period_months=1,
        accrual=timeline.accrual(debt.day_count),
        term=debt.term_months,
        interest_only=debt.interest_only_months,
        amortisation=debt.amortisation,
        target=target_balances(debt.amortisation, timeline),
        balloon=debt.balloon,
    )


def target_balances(repayment: object, timeline: Timeline, period_months: int = 1) -> Floats | None:
    """Written balance after each payment, share of principal; None of debt that is repaid otherwise.

    Periods end before the last month of the timeline.
    """
    if not isinstance(repayment, TargetBalance):
        return None
    return timeline.curve(repayment.curve)[period_months::period_months]
