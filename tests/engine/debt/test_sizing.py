"""Sizing: every test's largest principal, what binds, and the schedule of the loan."""

from datetime import date
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import loans
from tests.builders.loans import debt, flows, sized

from rackrate.deal.debt import InterestOnly, Level, Sculpted
from rackrate.deal.errors import CannotFinance, Unsupported
from rackrate.deal.sizing_tests import (
    EquipmentTest,
    MaxLtc,
    MaxLtv,
    MinDebtYield,
    MinDscr,
    MinLlcr,
    MinPlcr,
    Refinance,
    SculptedTest,
    name_of,
)
from rackrate.engine.debt.sizing import outcome
from rackrate.engine.debt.sizing_tests import allowance
from rackrate.engine.debt.terms import EquipmentCollateral, Year
from rackrate.engine.timeline import timeline

MONTHS = timeline(date(2026, 9, 1), loans.MONTHS)
FALLING = np.linspace(1.4e6, 0.7e6, loans.MONTHS)
DEBTS = loans.every_debt()
each_debt = pytest.mark.parametrize("terms", DEBTS.values(), ids=DEBTS)
INDUCED = [test for test in loans.EVERY_TEST if isinstance(test, SculptedTest | EquipmentTest)]
each_test = pytest.mark.parametrize("test", loans.EVERY_TEST, ids=name_of)


def limit_of(test):
    """The field of a test that is reported as its limit."""
    if isinstance(test, EquipmentTest):
        return "dscr" if test.advance_rate is None else "advance_rate"
    return "limit"


def machines(maturity=60):
    """Equipment that backs nothing at all."""
    return EquipmentCollateral(np.zeros(loans.MONTHS), np.zeros(maturity + 1), np.zeros(maturity + 1))


def largest(terms, test, *cases):
    held = loans.loan(terms, [test, loans.REFINANCE], *(cases or (flows(FALLING),)))
    return allowance(held, test, loans.CASE)


def test_the_ltv_cap_binds_on_a_published_single_asset_loan():
    """NCF 60.0, value 906.7 (millions), the rest by hand.

    LTV 70%: 634.69. DSCR 1.45 on interest at 5.75% ACT/360 (0.0575 * 365/360): 709.8. Debt yield 9%: 666.7.
    DSCR 1.25 on the 30-year constant at 5.75%, 0.0700288: 685.4.
    """
    tests = [
        MaxLtv(limit=0.7),
        MinDscr(limit=1.45, service="interest_only"),
        MinDebtYield(limit=0.09),
        MinDscr(limit=1.25, service="amortising", months=360, name="amortising"),
    ]
    case = flows(5.0, rate=0.0575, value=906.7, closing=Year(60.0, 60.0))
    found = sized(debt(accrual=365 / 360 / 12), tests, case)
    assert [round(allowed.largest, 1) for allowed in found.allowances] == [634.7, 709.8, 666.7, 685.4]
    assert (found.name(found.binding), found.name(found.next)) == ("max_ltv", "min_debt_yield")


@each_debt
@pytest.mark.parametrize("test", [test for test in loans.EVERY_TEST if test not in INDUCED], ids=name_of)
def test_the_tested_figure_is_at_its_limit_at_the_largest_principal(terms, test):
    allowed = largest(terms, test)
    if np.isfinite(allowed.largest):
        assert allowed.actual(allowed.largest) == pytest.approx(allowed.limit, rel=1e-12)
    else:
        assert isinstance(test, Refinance)


def test_a_test_says_what_is_divided_by_what_and_which_of_its_legs_is_the_tighter():
    """The loan above is 634.69: over the value 906.7; 60.0 over its interest, and over itself.

    The take-out: 60.0 over the 30-year constant at 8%, 0.0880517, is 681.4; 95% of 60.0 at 8% would be 712.5.
    """
    tests = [
        MaxLtv(limit=0.7),
        MinDscr(limit=1.45, service="interest_only"),
        MinDebtYield(limit=0.09),
        Refinance(rate=0.08, months=360, dscr=1.0, ltv=0.95, cap_rate=0.08),
        MinDscr(limit=1.0, basis="average"),
    ]
    case = flows(5.0, rate=0.0575, value=906.7, closing=Year(60.0, 60.0))
    found = sized(debt(accrual=365 / 360 / 12), tests, case)
    ltv, dscr, debt_yield, refinance, average = outcome(found, MONTHS).tests
    assert (ltv.numerator, ltv.denominator) == pytest.approx((634.69, 906.7))
    assert (dscr.numerator, dscr.denominator) == pytest.approx((60.0, 634.69 * 0.0575 * 365 / 360))
    assert (debt_yield.numerator, debt_yield.denominator) == pytest.approx((60.0, 634.69))
    assert (refinance.numerator, refinance.denominator) == pytest.approx((60.0, 634.69 * 0.0880517), rel=1e-6)
    assert (average.numerator, average.denominator) == (None, None)
    assert [test.leg for test in (ltv, dscr, debt_yield, refinance, average)] == [None] * 3 + ["dscr", None]


@each_debt
@each_test
def test_the_tested_figure_is_its_numerator_over_its_denominator(terms, test):
    allowed = largest(terms, test)
    parts = allowed.quotient(principal := 1e6)
    if parts is None:
        assert getattr(test, "basis", "") == "average" or isinstance(test, SculptedTest)
    elif np.isfinite(allowed.actual(principal)):
        assert parts[0] / parts[1] == pytest.approx(allowed.actual(principal), rel=1e-12)


@each_debt
@each_test
def test_a_shadow_price_is_the_slope_of_the_largest_principal(terms, test):
    if isinstance(test, Refinance):
        test = msgspec.structs.replace(test, dscr=None)
    field = "ltv" if isinstance(test, Refinance) else limit_of(test)
    allowed, step = largest(terms, test), 1e-4
    more, less = (
        largest(terms, msgspec.structs.replace(test, **{field: allowed.limit * (1.0 + sign * step)})).largest
        for sign in (1, -1)
    )
    if np.isfinite(allowed.largest):
        slope = (more - less) / (2.0 * step * allowed.limit)
        assert allowed.shadow_price == pytest.approx(slope, rel=1e-6)


@each_debt
@each_test
@settings(max_examples=20)
@given(tighter=st.floats(1.0, 2.0))
def test_a_tighter_limit_never_gives_more_debt(terms, test, tighter):
    field = "dscr" if isinstance(test, Refinance) else limit_of(test)
    rising = test.kind.startswith("max_") or field == "advance_rate"
    limit = getattr(test, field) * (1.0 / tighter if rising else tighter)
    held = largest(terms, msgspec.structs.replace(test, **{field: limit}))
    assert held.largest <= largest(terms, test).largest * (1.0 + 1e-12)


@each_debt
def test_no_test_is_broken_at_the_sized_principal(terms):
    found = sized(terms, loans.EVERY_TEST, flows(FALLING))
    answer = outcome(found, MONTHS)
    assert answer.principal == min(row.max_principal for row in answer.tests if row.max_principal is not None)
    assert sum(row.binding for row in answer.tests) == 1
    for row in answer.tests:
        assert row.slack is None or row.slack >= 0.0
        if row.actual is not None:
            capped = row.kind.startswith("max_") or row.name in ("equipment", "machines")
            signed = 1.0 if capped or (row.kind == "refinance" and row.limit < 1.0) else -1.0
            assert signed * (row.actual - row.limit) <= 1e-9


@each_debt
@pytest.mark.parametrize("power", [-3, 7])
def test_scaling_all_money_by_a_power_of_two_scales_the_loan_to_the_bit(terms, power):
    factor = 2.0**power
    case = flows(FALLING)
    scaled = flows(
        FALLING * factor,
        value=case.value * factor,
        cost=case.cost * factor,
        collateral=type(case.collateral)(
            case.collateral.contracted * factor,
            case.collateral.residual * factor,
            case.collateral.book * factor,
        ),
    )
    one, other = (outcome(sized(terms, loans.EVERY_TEST, each), MONTHS) for each in (case, scaled))
    assert other.principal == one.principal * factor
    assert other.schedule.dscr == one.schedule.dscr
    assert other.schedule.balance == [balance * factor for balance in one.schedule.balance]
    for row, base in zip(other.tests, one.tests, strict=True):
        assert (row.actual, row.binding) == (base.actual, base.binding)
        assert row.max_principal == (None if base.max_principal is None else base.max_principal * factor)


@each_debt
def test_principal_and_balloon_add_up_and_interest_is_on_the_opening_balance(terms):
    answer = outcome(sized(terms, [MaxLtv(limit=0.5)], flows(FALLING)), MONTHS)
    schedule = answer.schedule
    assert sum(schedule.principal) + answer.balloon == pytest.approx(answer.principal, rel=1e-12)
    opening = [answer.principal, *schedule.balance[:-1]]
    assert schedule.interest == pytest.approx([balance * 0.06 / 12 for balance in opening], rel=1e-12)
    assert all(after <= before for before, after in pairwise(opening))
    assert schedule.date[0] == date(2026, 10, 1)
    assert schedule.date[-1] == date(2031, 9, 1)


def test_a_target_balance_is_followed_once_interest_only_is_over():
    target = np.linspace(0.99, 0.4, 60)
    terms = debt(DEBTS["target_balance"].amortisation, target=target, interest_only=6)
    balance = np.array(outcome(sized(terms, [MaxLtv(limit=0.5)]), MONTHS).schedule.balance) / 75.0e6
    assert balance[:6] == pytest.approx(np.ones(6))
    assert balance[6:] == pytest.approx(target[6:])


def test_an_unguarded_sculpt_holds_its_cover_and_its_loan_life_cover_equals_it():
    found = sized(debt(Sculpted(dscr=1.3)), [SculptedTest(limit=1.3), MinLlcr(limit=1.2)], flows(FALLING))
    assert outcome(found, MONTHS).schedule.dscr == pytest.approx([1.3] * 60)
    assert found.allowances[1].actual(found.principal) == pytest.approx(1.3, rel=1e-12)


def test_on_a_tie_the_sculpt_binds_and_the_other_is_next():
    tests = [MinLlcr(limit=1.3), MinDscr(limit=1.3, basis="minimum"), SculptedTest(limit=1.3)]
    found = sized(debt(Sculpted(dscr=1.3)), tests, flows(FALLING))
    assert found.name(found.binding) == "sculpted"
    assert found.name(found.next) in {"min_llcr", "min_dscr"}


def test_a_lone_test_has_no_next():
    found = sized(debt(), [MaxLtv(limit=0.5)])
    assert (found.name(found.binding), found.name(found.next)) == ("max_ltv", None)


def test_nothing_left_at_maturity_leaves_nothing_to_refinance():
    found = sized(debt(Level(months=60)), [MaxLtv(limit=0.5), loans.REFINANCE])
    row = outcome(found, MONTHS).tests[1]
    assert (row.max_principal, row.slack, row.shadow_price, row.actual) == (None, None, None, None)
    assert found.next is None
    with pytest.raises(
        Unsupported, match="no test limits the principal: refinance: nothing is left"
    ) as refused:
        sized(debt(Level(months=60)), [loans.REFINANCE])
    assert [fault.pointer for fault in refused.value.errors] == ["/sizing/tests/0"]


def test_refinance_reports_its_tight_leg():
    """12 of NCF at 8% on 65%: 97.5; over 1.25 times the 7.5% 30-year constant 0.083906: 114.4."""
    row = outcome(sized(debt(), [loans.REFINANCE], flows(1.0)), MONTHS).tests[0]
    assert (row.limit, row.max_principal, row.shadow_price) == pytest.approx((0.65, 97.5, 150.0))
    cover = msgspec.structs.replace(loans.REFINANCE, ltv=None)
    row = outcome(sized(debt(), [cover], flows(1.0)), MONTHS).tests[0]
    assert (row.limit, round(row.max_principal, 1)) == (1.25, 114.4)


def test_an_amortised_balloon_lets_refinance_carry_more():
    half = debt(DEBTS["target_balance"].amortisation, target=np.linspace(1.0, 0.5, 60))
    whole = largest(debt(), loans.REFINANCE).largest
    assert largest(half, loans.REFINANCE).largest == pytest.approx(2.0 * whole)


def test_a_test_is_held_in_the_case_it_names_with_that_cases_rates():
    """Stress: NCF 10.8 a year, 6% raised by 1%: interest 0.07. 10.8 / (1.2 * 0.07) = 128.57."""
    stress = flows(0.9, case="stress", rate=0.07, rate_add=0.01)
    tests = [
        MinDscr(limit=1.2, service="interest_only", case="stress"),
        msgspec.structs.replace(loans.REFINANCE, ltv=None, case="stress"),
        MaxLtv(limit=1.0),
    ]
    found = sized(debt(), tests, flows(1.0), stress)
    assert found.allowances[0].largest == pytest.approx(10.8 / (1.2 * 0.07))
    constant = 0.085 / (1.0 - (1.0 + 0.085 / 12) ** -360)
    assert found.allowances[1].largest == pytest.approx(10.8 / (1.25 * constant))


def test_a_level_schedule_in_another_case_bears_that_cases_rate():
    stress = flows(case="stress", rate=0.08)
    found = sized(debt(Level(months=300)), [MinDscr(limit=1.2, case="stress")], flows(), stress)
    payment = 0.08 / (1.0 - (1.0 + 0.08 / 12) ** -300)
    assert found.principal == pytest.approx(12.0e6 / (1.2 * payment), rel=1e-12)


def test_loan_life_counts_the_balloon_that_refinance_supports():
    """12 a year at no interest, sixty months: 60; take-out 97.5 supported: 157.5 over 1.05 is 150."""
    tests = [MinLlcr(limit=1.05), loans.REFINANCE]
    assert sized(debt(), tests, flows(1.0, rate=0.0)).allowances[0].largest == pytest.approx(150.0)


def test_loan_life_support_is_taken_in_the_case_refinance_names():
    other = flows(0.5, case="stress", rate=0.0)
    stressed = msgspec.structs.replace(loans.REFINANCE, case="stress")
    base = flows(1.0, rate=0.0)
    assert sized(debt(), [MinLlcr(limit=1.0), stressed], base, other).allowances[0].largest == pytest.approx(
        60.0 + 48.75
    )


def test_project_life_runs_to_the_last_contract_and_then_counts_no_balloon():
    tests = [MinPlcr(limit=1.0), loans.REFINANCE]
    longer = flows(1.0, rate=0.0, last_contract_end=80)
    assert sized(debt(), tests, longer).allowances[0].largest == pytest.approx(80.0)
    shorter = flows(1.0, rate=0.0, last_contract_end=60)
    assert sized(debt(), tests, shorter).allowances[0].largest == pytest.approx(157.5)


def test_cash_flow_that_stops_before_the_last_contract_is_not_measured():
    with pytest.raises(ValueError, match="do not reach period 400"):
        sized(debt(), [MinPlcr(limit=1.0), loans.REFINANCE], flows(last_contract_end=400))


@pytest.mark.parametrize("test", [MinLlcr(limit=1.2), MinPlcr(limit=1.2)])
def test_life_cover_of_a_balloon_without_a_refinance_test_is_refused(test):
    with pytest.raises(Unsupported, match=f"{test.kind}: a balloon") as refused:
        sized(debt(), [MaxLtv(limit=0.5), test])
    assert refused.value.errors[0].pointer == "/sizing/tests/1"
    assert sized(debt(Level(months=60)), [test]).principal > 0.0


def test_a_minimum_without_a_rolling_year_is_refused():
    with pytest.raises(Unsupported, match="tightest: no rolling year"):
        sized(debt(term=11), [MinDscr(limit=1.2, basis="minimum", name="tightest")])
    with pytest.raises(Unsupported, match="mean: no rolling year"):
        sized(debt(Level(months=11), term=12), [MinDscr(limit=1.2, basis="average", name="mean")])


ON_CASH = [
    test for test in loans.EVERY_TEST if not isinstance(test, MaxLtv | MaxLtc) and test.name != "machines"
]


@pytest.mark.parametrize("test", ON_CASH)
def test_what_cannot_be_financed_names_the_test_and_why(test):
    name = name_of(test)
    with pytest.raises(CannotFinance, match=f"^{name} allows no debt: ") as refused:
        sized(debt(Level(months=240)), [MaxLtv(limit=0.5), test, loans.REFINANCE], flows(-1.0))
    assert refused.value.test == name
    assert refused.value.errors[0].pointer == "/sizing/tests/1"


def test_a_sculpt_that_carries_nothing_names_the_period_or_the_equipment():
    cash = np.ones(loans.MONTHS)
    cash[4] = -2.0
    sculpt = debt(Sculpted(dscr=1.3), interest_only=6)
    with pytest.raises(CannotFinance, match=r"sculpted allows no debt: net cash flow of period 5 is -2\.00"):
        sized(sculpt, [MaxLtv(limit=0.5)], flows(cash))
    with pytest.raises(
        CannotFinance, match=r"gpus allows no debt: the equipment backs 0\.00 at closing"
    ) as none:
        sized(sculpt, [EquipmentTest(dscr=1.3, name="gpus")], flows(collateral=machines()))
    assert none.value.errors[0].pointer == "/sizing/tests/0"
    with pytest.raises(CannotFinance, match="nothing can be repaid before maturity") as idle:
        sized(debt(Sculpted(dscr=1.3), interest_only=60), [MaxLtv(limit=0.5)])
    assert idle.value.errors[0].pointer == "/debt/amortisation/dscr"


def test_a_sculpt_of_free_money_that_repays_nothing_is_sized_by_the_other_tests():
    free = debt(Sculpted(dscr=1.3), balloon=1.0)
    answer = outcome(sized(free, [MaxLtv(limit=0.5)], flows(rate=0.0)), MONTHS)
    assert (answer.principal, answer.balloon) == (75.0e6, 75.0e6)
    assert (answer.tests[1].kind, answer.tests[1].max_principal) == ("sculpted", None)
    with pytest.raises(Unsupported, match="no test limits the principal: sculpted: no interest falls due"):
        sized(free, [SculptedTest(limit=1.3)], flows(rate=0.0))


def test_sculpted_debt_is_held_to_its_own_cover_where_no_sculpted_test_is_listed():
    found = sized(debt(Sculpted(dscr=1.3)), [MaxLtv(limit=5.0)], flows(FALLING))
    row = outcome(found, MONTHS).tests[1]
    assert (row.kind, row.name, row.limit, row.binding) == ("sculpted", "sculpted", 1.3, True)
    assert (found.name(found.binding), found.name(found.next)) == ("sculpted", "max_ltv")
    assert row.actual == pytest.approx(1.3, rel=1e-12)
    assert row.shadow_price == pytest.approx(-found.principal / 1.3, rel=1e-12)


def test_a_sculpted_test_that_is_listed_has_its_own_limit_and_is_the_only_one():
    """A sculpt is in proportion to 1/cover: at 1.04x it carries 1.3 / 1.04 of what it does at 1.3x."""
    own = sized(debt(Sculpted(dscr=1.3)), [MaxLtv(limit=5.0)], flows(FALLING)).principal
    found = sized(debt(Sculpted(dscr=1.3)), [SculptedTest(limit=1.04)], flows(FALLING))
    assert len(found.loan.tests) == 1
    assert found.principal == pytest.approx(own * 1.3 / 1.04, rel=1e-12)


def test_a_sculpt_ties_with_a_test_of_the_same_principal_and_binds():
    carried = sized(debt(Sculpted(dscr=1.3)), [MaxLtv(limit=5.0)], flows(FALLING)).principal
    found = sized(debt(Sculpted(dscr=1.3)), [MaxLtv(limit=1.0)], flows(FALLING, value=carried))
    assert (found.name(found.binding), found.name(found.next)) == ("sculpted", "max_ltv")


def test_where_another_test_binds_the_schedule_is_the_sculpt_in_proportion():
    tests = [SculptedTest(limit=1.3), MaxLtv(limit=0.1)]
    found = sized(debt(Sculpted(dscr=1.3)), tests, flows(FALLING))
    share = found.principal / found.allowances[0].largest
    assert outcome(found, MONTHS).schedule.dscr == pytest.approx([1.3 / share] * 60)


def test_a_negative_month_repays_nothing_and_never_adds_to_the_debt():
    cash = np.full(loans.MONTHS, 1.0e6)
    cash[30] = 0.2e6
    answer = outcome(sized(debt(Sculpted(dscr=1.3)), [SculptedTest(limit=1.3)], flows(cash)), MONTHS)
    assert min(answer.schedule.principal) >= 0.0
    assert min(answer.schedule.dscr) >= 1.3 * (1.0 - 1e-12)


def test_equipment_holds_every_balance_of_a_sculpt_below_its_ceiling():
    case = flows(FALLING)
    test = EquipmentTest(dscr=1.3, advance_rate=0.1)
    found = sized(debt(Sculpted(dscr=1.3)), [SculptedTest(limit=1.3), test], case)
    answer = outcome(found, MONTHS)
    outstanding = np.array([answer.principal, *answer.schedule.balance])
    assert found.name(found.binding) == "equipment"
    assert (outstanding <= 0.1 * case.collateral.residual * (1.0 + 1e-12)).all()
    assert found.allowances[0].largest > found.principal
    assert answer.tests[1].actual == pytest.approx(0.1)


def test_equipment_holds_a_given_schedule_where_it_is_tightest():
    """A loan of 1 that repays nothing meets the ceiling at maturity: cost left after 60 of 72 months."""
    case = flows(FALLING, last_contract_end=loans.MONTHS)
    found = sized(debt(), [EquipmentTest(dscr=0.001, advance_rate=10.0)], case)
    assert found.principal == pytest.approx(160.0e6 * 12.0 / 72.0)


def test_a_balloon_that_no_contract_outlives_is_not_backed():
    """Contracts end with the loan: at maturity they are worth nothing, and the whole loan is owed."""
    contracts = EquipmentTest(dscr=1.3, name="contracts")
    with pytest.raises(
        CannotFinance, match=r"contracts allows no debt: the equipment backs 0\.00 at maturity"
    ):
        sized(debt(), [MaxLtv(limit=0.5), contracts], flows(last_contract_end=60))
    assert sized(debt(Level(months=60)), [contracts], flows(last_contract_end=60)).principal > 0.0


def test_equipment_is_held_to_an_advance_alone_or_to_cover_alone():
    """Six months of 1 after maturity at no interest: 6 over 1.5 is 4. A tenth of what resale then brings."""
    terms = debt()
    case = flows(1.0, rate=0.0, last_contract_end=66)
    covered = sized(terms, [EquipmentTest(dscr=1.5)], case)
    assert covered.principal == pytest.approx(4.0)
    assert covered.allowances[0].actual(4.0) == pytest.approx(1.5)
    assert covered.allowances[0].shadow_price == pytest.approx(-4.0 / 1.5, rel=1e-9)
    advanced = sized(terms, [EquipmentTest(advance_rate=0.1)], case)
    resale = case.collateral.residual[60]
    assert advanced.principal == pytest.approx(0.1 * resale)
    assert advanced.allowances[0].actual(advanced.principal) == pytest.approx(0.1)
    assert advanced.allowances[0].shadow_price == pytest.approx(resale, rel=1e-9)


def test_cover_limits_nothing_where_no_interest_falls_due():
    free = flows(1.0, rate=0.0)
    row = outcome(sized(debt(), [MaxLtv(limit=0.5), MinDscr(limit=1.2)], free), MONTHS).tests[1]
    assert (row.max_principal, row.slack, row.actual, row.shadow_price) == (None, None, None, None)
    for basis in ("closing", "stabilised", "minimum", "average"):
        with pytest.raises(
            Unsupported, match="principal: min_dscr: no debt service falls due, so that its cover"
        ):
            sized(debt(), [MinDscr(limit=1.2, basis=basis)], free)


def test_average_cover_is_the_mean_of_the_rolling_ratios():
    """Income only at 6%: twelve months of 1, then of 3: 49 rolling years, of 12 to 36, over 0.06 and 1.5x."""
    cash = np.concatenate([np.ones(12), np.full(loans.MONTHS - 12, 3.0)])
    years = [12.0 + 2.0 * min(i, 12) for i in range(49)]
    found = sized(debt(), [MinDscr(limit=1.5, basis="average")], flows(cash))
    assert found.principal == pytest.approx(sum(years) / 49 / 0.06 / 1.5)
    assert found.allowances[0].shadow_price == pytest.approx(-found.principal / 1.5)


def test_the_last_year_of_a_loan_that_repays_itself_is_tested():
    """Level over five years, the last year earns 2.4 instead of 12: it sizes the loan."""
    cash = np.ones(loans.MONTHS)
    cash[48:60] = 0.2
    constant = 0.06 / (1.0 - 1.005**-60)
    found = sized(debt(Level(months=60)), [MinDscr(limit=1.2, basis="minimum")], flows(cash))
    assert found.principal == pytest.approx(2.4 / 1.2 / constant)


def test_a_term_shorter_than_a_year_is_measured_on_what_it_schedules():
    terms = debt(InterestOnly(), term=6)
    found = sized(terms, [MinDscr(limit=1.2)], flows(1.0, maturity=6))
    assert found.principal == pytest.approx(12.0 / (1.2 * 0.03))


def test_missing_figures_are_named():
    for test, given_, name in [
        (MaxLtv(limit=0.5), {"value": None}, "value"),
        (MinDscr(limit=1.2, numerator="noi"), {"closing": Year(1.0)}, "noi"),
        (MinDscr(limit=1.2, numerator="noi", basis="minimum"), {"noi": None}, "noi"),
        (MinDscr(limit=1.2, basis="stabilised"), {"stabilised": None}, "stabilised"),
        (EquipmentTest(dscr=1.2), {"collateral": None}, "collateral"),
    ]:
        with pytest.raises(ValueError, match=f"^{name}: "):
            sized(debt(), [test], flows(**given_))
