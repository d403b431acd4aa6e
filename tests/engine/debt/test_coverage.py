"""Coverage: every figure says what it is made of, and is made of it."""

import numpy as np
import pytest
from tests.builders import loans
from tests.builders.loans import debt, flows, sized

from rackrate.deal.debt import Level
from rackrate.deal.sizing_tests import MaxLtv, MinDscr
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.terms import Year

STRESSED = MinDscr(limit=0.1, service="stressed", constant=0.09, name="stressed")
HALF = MaxLtv(limit=0.5)


def rows(found, case=loans.CASE):
    """Figures of a case by measure, numerator, denominator and basis."""
    return {
        (row.measure, row.numerator, row.denominator, row.basis): row.value
        for row in coverage(found)
        if row.case == case
    }


def test_no_two_figures_carry_the_same_label():
    found = sized(debt(), [HALF, STRESSED, loans.REFINANCE], flows(), flows(case="stress"))
    listed = coverage(found)
    labels = {(row.measure, row.numerator, row.denominator, row.basis, row.case) for row in listed}
    assert len(labels) == len(listed)
    assert listed[0].case == loans.CASE
    assert {row.case for row in listed} == {loans.CASE, "stress"}


def test_an_interest_only_loan_by_hand():
    """75 million at 6%: interest 4.5 a year. NCF 12, NOI 12.6, value 150, cost 140 (millions).

    Level over 360 months at 6%, 75 million pay 75 * 0.0719460630, or 5.395954725, a year.
    """
    found = rows(sized(debt(), [HALF, STRESSED, loans.REFINANCE], flows()))
    assert found["dscr", "ncf", "actual", "closing"] == pytest.approx(12.0 / 4.5)
    assert found["dscr", "noi", "actual", "minimum"] == pytest.approx(12.6 / 4.5)
    assert found["dscr", "ncf", "actual", "average"] == pytest.approx(12.0 / 4.5)
    assert found["dscr", "ncf", "interest_only", "stabilised"] == pytest.approx(13.2 / 4.5)
    assert found["dscr", "ncf", "stressed", "closing"] == pytest.approx(12.0 / 6.75)
    assert found["dscr", "ncf", "amortising", "closing"] == pytest.approx(12.0 / 5.395954725, rel=1e-8)
    assert found["dscr", "ncf", "actual", "trailing_3m"] == pytest.approx(3.0 / 1.125)
    assert found["icr", "noi", "interest_only", "closing"] == pytest.approx(12.6 / 4.5)
    assert found["debt_yield", "ncf", None, "closing"] == pytest.approx(0.16)
    assert found["leverage", "ncf", None, "closing"] == pytest.approx(6.25)
    assert found["ltv", None, None, "closing"] == pytest.approx(0.5)
    assert found["ltc", None, None, "closing"] == pytest.approx(75.0 / 140.0)


def test_rolling_years_follow_the_cash_and_the_schedule():
    """NCF of 2 a month in the third year only: the least year earns 12; 49 years in the mean."""
    cash = np.full(loans.MONTHS, 1.0e6)
    cash[24:36] = 2.0e6
    found = rows(sized(debt(), [HALF], flows(cash)))
    years = [sum(cash[i : i + 12]) for i in range(49)]
    assert found["dscr", "ncf", "actual", "minimum"] == pytest.approx(min(years) / 4.5e6)
    assert found["dscr", "ncf", "actual", "average"] == pytest.approx(sum(years) / 49 / 4.5e6)


def test_years_count_up_to_the_payment_that_repays_the_loan_and_not_after_it():
    """Repaid in the 48th month: the year of months 37 to 48 counts, later ones earn more and do not."""
    cash = np.full(loans.MONTHS, 1.0e6)
    cash[36:48], cash[48:] = 0.5e6, 9.0e6
    fast = rows(sized(debt(Level(months=48)), [HALF], flows(cash)))
    closing = fast["dscr", "ncf", "actual", "closing"]
    assert fast["dscr", "ncf", "actual", "minimum"] == pytest.approx(0.5 * closing)
    years = [12.0 - 0.5 * max(0, i - 24) for i in range(37)]
    assert fast["dscr", "ncf", "actual", "average"] == pytest.approx(closing * sum(years) / 37 / 12.0)
    assert fast["dscr", "noi", "interest_only", "minimum"] == pytest.approx(1.05 * 6.0 / 4.5)


def test_the_amortising_figure_runs_over_the_loans_annuity_then_a_tests_then_thirty_years():
    asked = MinDscr(limit=0.5, service="amortising", months=240)
    label = ("dscr", "ncf", "amortising", "closing")

    def months(terms, *tests):
        constant = 12.0e6 / 75.0e6 / rows(sized(terms, [HALF, *tests]))[label]
        return round(-np.log(1.0 - 0.06 / constant) / np.log(1.005))

    assert months(debt(Level(months=300)), asked) == 300
    assert months(debt(), asked) == 240
    assert months(debt()) == 360


def test_a_balloon_that_no_refinance_test_supports_has_no_life_cover():
    found = rows(sized(debt(), [HALF]))
    assert found["llcr", "ncf", "actual", "closing"] is None
    assert found["plcr", "ncf", "actual", "closing"] is None
    supported = rows(sized(debt(), [HALF, loans.REFINANCE]))
    assert supported["llcr", "ncf", "actual", "closing"] > supported["plcr", "ncf", "actual", "closing"] > 0.0


def test_cash_flow_alone_has_no_operating_income_nor_stabilised_figures():
    case = flows(noi=None, closing=Year(12.0e6), stabilised=None, value=None, case=None)
    found = coverage(sized(debt(), [MinDscr(limit=1.5)], case))
    assert {row.numerator for row in found} == {"ncf", None}
    assert "stabilised" not in {row.basis for row in found}
    assert next(row.value for row in found if row.measure == "ltv") is None


def test_a_term_below_a_year_has_no_rolling_figures():
    found = rows(sized(debt(term=6), [HALF], flows(maturity=6)))
    assert found["dscr", "ncf", "actual", "minimum"] is None
    assert found["dscr", "ncf", "actual", "average"] is None


def test_free_money_has_no_cover():
    found = rows(sized(debt(), [HALF], flows(rate=0.0)))
    assert found["dscr", "ncf", "actual", "closing"] is None
    assert found["icr", "ncf", "interest_only", "closing"] is None


@pytest.mark.parametrize("terms", loans.every_debt().values(), ids=loans.every_debt())
def test_the_minimum_is_no_more_than_the_average(terms):
    found = rows(sized(terms, loans.EVERY_TEST, flows(np.linspace(1.4e6, 0.7e6, loans.MONTHS))))
    for (measure, numerator, denominator, basis), value in found.items():
        if basis == "minimum":
            assert value <= found[measure, numerator, denominator, "average"] * (1.0 + 1e-12)
