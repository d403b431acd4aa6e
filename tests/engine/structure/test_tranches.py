"""Tranches: cumulative limits, the cut to the loan, rounding, place in the capital structure."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import loans
from tests.builders.loans import debt, flows, sized

from rackrate.deal.debt import Level, Sculpted
from rackrate.deal.errors import Invalid, Unsupported
from rackrate.deal.rulesets import Support
from rackrate.deal.sizing_tests import EquipmentTest, MaxLeverage, MaxLtc, MaxLtv, MinDebtYield, MinDscr
from rackrate.deal.structure import NoteClass, Vfn
from rackrate.engine.structure.class_limits import ClassTerms
from rackrate.engine.structure.tranches import round_down, tranche

SUPPORTS = [Support(category="AAA", ltv=0.45, dscr=2.2), Support(category="BBB", ltv=0.72, dscr=1.5)]


def note(name="A", coupon=0.06, rates=None, balance=None, **terms):
    """A class on 30/360, its coupon the same in every case unless given by case."""
    months = {case: np.full(loans.MONTHS, rate) for case, rate in (rates or {}).items()}
    coupons = {loans.CASE: np.full(loans.MONTHS, coupon), "stress": np.full(loans.MONTHS, coupon)} | months
    built = NoteClass(name=name, coupon=coupon, day_count="30/360", **terms)
    return ClassTerms(built, coupons, np.full(loans.MONTHS, 1.0 / 12.0), coupon, balance)


def capital(*classes, denomination=1000.0, limit=0.7, terms=None, cases=()):
    """Classes of a loan sized by value alone: 105 million at 70 percent of 150."""
    found = sized(debt() if terms is None else terms, [MaxLtv(limit=limit)], *cases)
    return tranche(found, classes, denomination, SUPPORTS)


def principals(found):
    return [each.principal for each in found.classes]


def test_limits_on_value_give_each_class_what_is_left_above_its_seniors():
    """45%, 60% and 70% of 150 million."""
    ltv = [[MaxLtv(limit=share)] for share in (0.45, 0.6, 0.7)]
    found = capital(*(note(name, limits=limits) for name, limits in zip("ABC", ltv, strict=True)))
    assert principals(found) == [67_500_000.0, 22_500_000.0, 15_000_000.0]
    assert (found.issued, found.binding, found.next) == (105_000_000.0, "max_ltv", None)
    assert [each.supports for each in found.classes] == ["AAA", "BBB", "BBB"]


def test_cover_weighs_each_class_with_its_own_service():
    """NCF 12 at 1.6x: 7.5 of interest. A takes 60 at 6%, 3.6; what is left, 3.9, carries 48.75 at 8%."""
    senior = note("A", limits=[MaxLtv(limit=0.4)])
    junior = note("B", coupon=0.08, limits=[MinDscr(limit=1.6)])
    found = capital(senior, junior, limit=0.9)
    assert principals(found) == [60_000_000.0, 48_750_000.0]
    assert found.classes[1].dscr == pytest.approx(1.6)
    assert found.classes[1].limits[0].met


def test_cover_on_other_service_and_on_the_tightest_year():
    """The least year earns 10.8. At 1.2x of a 9% constant: 100; of a year's interest at 6%: 150, less 100."""
    cash = np.full(loans.MONTHS, 1.0e6)
    cash[30:42] = 0.9e6
    stressed = MinDscr(limit=1.2, service="stressed", constant=0.09, basis="minimum")
    found = capital(
        note("A", limits=[stressed]),
        note("B", limits=[MinDscr(limit=1.2, basis="minimum")]),
        limit=1.0,
        cases=(flows(cash),),
    )
    assert principals(found) == [100_000_000.0, 50_000_000.0]
    assert [row.actual for each in found.classes for row in each.limits] == pytest.approx([1.2, 1.2])


def test_actual_service_follows_the_debts_schedule_or_the_classs_own():
    """Level over 300 months at 6% is 0.0773161685 a year; interest only is 0.06."""
    limits = [MinDscr(limit=2.0, service="actual")]
    terms = debt(Level(months=300))
    shared = capital(note("A", limits=limits), terms=terms).classes[0]
    assert shared.unrounded == pytest.approx(6.0e6 / 0.0773161685, rel=1e-8)
    own = capital(note("A", limits=limits, balance=np.ones(61)), terms=terms).classes[0]
    assert own.unrounded == pytest.approx(100.0e6)


def test_other_limits_hold_all_debt_down_to_the_class():
    """NCF 12, cost 140: 9% yield 133.3; 8 times 96; 70% of cost 98."""
    found = capital(
        note("A", limits=[MaxLeverage(limit=5.0)]),
        note("B", limits=[MinDebtYield(limit=0.09), MaxLeverage(limit=8.0), MaxLtc(limit=0.7)]),
        limit=0.9,
    )
    assert principals(found) == [60_000_000.0, 36_000_000.0]
    assert [row.met for row in found.classes[1].limits] == [True, True, True]
    assert [row.actual for row in found.classes[1].limits] == pytest.approx([0.125, 8.0, 96.0 / 140.0])


def test_the_cut_starts_with_the_most_junior_class():
    """Limits allow 60, 45, 30; the loan is 75."""
    limits = [[MaxLtv(limit=share)] for share in (0.4, 0.7, 0.9)]
    found = capital(*(note(n, limits=each) for n, each in zip("ABC", limits, strict=True)), limit=0.5)
    assert principals(found) == [60_000_000.0, 15_000_000.0, 0.0]
    assert found.binding == "max_ltv"


def test_fixed_classes_and_commitments_are_tested_not_sized():
    vfn = Vfn(commitment=20.0e6, drawn=5.0e6, commitment_fee=0.005)
    found = capital(
        note("V", vfn=vfn, limits=[MaxLtv(limit=0.1)]),
        note("A", principal=70.0e6, limits=[MaxLtv(limit=0.6)]),
    )
    assert principals(found) == [20_000_000.0, 70_000_000.0]
    assert [row.met for each in found.classes for row in each.limits] == [False, True]
    assert (found.binding, found.next) == ("classes", "max_ltv")


@pytest.mark.parametrize("unit", [1.0, 1e-4])
def test_classes_bind_only_when_they_stop_short_by_more_than_1e_10_of_the_loan(unit):
    case = flows(value=150.0e6 * unit)
    for short, binding in [(0.9e-10, "max_ltv"), (1.1e-10, "classes")]:
        held = note("A", principal=105.0e6 * unit * (1.0 - short))
        assert capital(held, denomination=0.01, cases=(case,)).binding == binding


def test_a_class_is_measured_in_its_own_case():
    """Stress: NCF 9.6, value 120, the coupon 2% higher: 54 at 8% is 4.32 of interest."""
    stress = flows(0.8e6, case="stress", value=120.0e6)
    held = note("A", rates={"stress": 0.08}, case="stress", limits=[MaxLtv(limit=0.45)])
    found = capital(held, cases=(flows(), stress)).classes[0]
    assert found.principal == 54_000_000.0
    assert (found.ltv, found.dscr, found.debt_yield) == pytest.approx((0.45, 9.6 / 4.32, 9.6 / 54.0))


def test_a_limit_may_name_a_case_of_its_own():
    stress = flows(0.8e6, case="stress", value=120.0e6)
    found = capital(note("A", limits=[MaxLtv(limit=0.5, case="stress")]), cases=(flows(), stress))
    assert principals(found) == [60_000_000.0]
    assert found.classes[0].ltv == pytest.approx(0.4)


def test_a_principal_short_of_a_denomination_by_rounding_alone_is_whole():
    """0.58 * 1350 is 782.9999999999999 in binary."""
    held = note("A", limits=[MaxLtv(limit=0.58)])
    assert principals(capital(held, denomination=1.0, cases=(flows(value=1350.0),))) == [783.0]


def test_rounding_is_down_in_cents_too():
    """3,889,734,947.748931 issues .74: .75 is 0.001069 away."""
    held = capital(note("A", principal=3889734947.748931), denomination=0.01, cases=(flows(value=1e11),))
    assert principals(held) == [3889734947.74]


CENTS = st.integers(1, 10**14)


@given(
    count=CENTS, denomination=st.sampled_from(["0.01", "0.05", "0.1", "0.3", "1", "1000", "12.34", "100000"])
)
def test_a_whole_number_of_denominations_is_kept_to_the_last_cent(count, denomination):
    unit = Decimal(denomination)
    whole = float(count // max(1, int(unit * 100)) * unit)
    assert round_down(whole, float(unit)) == whole


@given(principal=st.floats(0.0, 1e9), denomination=st.floats(0.01, 1e6))
def test_rounding_takes_off_less_than_a_denomination_and_adds_less_than_a_millionth(principal, denomination):
    issued = round_down(principal, denomination)
    unit, kept, asked = (Decimal(repr(x)) for x in (denomination, issued, principal))
    assert Decimal("-1e-6") - Decimal("1e-7") < asked - kept < unit
    multiple = kept / unit
    assert abs(multiple - multiple.to_integral_value()) * unit < Decimal("1e-6")


def test_a_denomination_that_leaves_nothing_issued_is_refused_at_its_field():
    with pytest.raises(Invalid, match="largest class is 60,000,000, less than 100,000,000") as refused:
        capital(note("A", limits=[MaxLtv(limit=0.4)]), note("B"), denomination=1e8)
    assert [fault.pointer for fault in refused.value.errors] == ["/structure/denomination"]


def test_average_cover_of_classes_is_the_mean_of_the_rolling_ratios_of_their_own_service():
    """A of 60 at 6%, halved after a year; B at 8%: cover is not linear, and its mean is the limit."""
    cash = np.linspace(0.9e6, 1.5e6, loans.MONTHS)
    own = np.where(np.arange(61) <= 12, 1.0, 0.5)
    senior = note("A", balance=own, limits=[MaxLtv(limit=0.4)])
    average = MinDscr(limit=1.6, service="actual", basis="average")
    junior = note("B", coupon=0.08, limits=[average])
    found = capital(senior, junior, denomination=0.01, limit=0.9, cases=(flows(cash),))
    a, b = principals(found)
    service = a * (own[:-1] * 0.005 + own[:-1] - own[1:]) + b * 0.08 / 12.0
    years = [cash[i : i + 12].sum() / service[i : i + 12].sum() for i in range(49)]
    assert sum(years) / 49 == pytest.approx(1.6, rel=1e-8)
    assert found.classes[1].limits[0].actual == pytest.approx(1.6, rel=1e-8)
    assert found.classes[1].limits[0].met
    alone = capital(note("A", limits=[MinDscr(limit=1.6, basis="average")]), cases=(flows(cash),), limit=5.0)
    mean = sum(cash[i : i + 12].sum() for i in range(49)) / 49
    assert alone.classes[0].unrounded == pytest.approx(mean / 0.06 / 1.6, rel=1e-12)


def test_a_year_counts_while_any_class_down_to_the_one_measured_is_outstanding():
    """The debt is repaid in a month, the class's own schedule in none: its last year is the least."""
    cash = np.full(loans.MONTHS, 1.0e6)
    cash[48:60] = 0.5e6
    limit = MinDscr(limit=2.0, service="actual", basis="minimum")
    held = note("A", balance=np.ones(61), limits=[limit])
    found = capital(held, terms=debt(Level(months=1)), cases=(flows(cash),))
    assert found.classes[0].unrounded == pytest.approx(6.0e6 / 0.06 / 2.0)
    with pytest.raises(Unsupported, match="no rolling year") as refused:
        capital(note("A", limits=[limit]), terms=debt(term=6), cases=(flows(cash, maturity=6),))
    assert refused.value.errors[0].pointer == "/structure/classes/0/limits/0"


def test_equipment_limits_a_class_on_the_schedule_the_debt_has():
    """A sculpt below no ceiling falls as its cash does; the class is held where its balance meets resale."""
    case = flows(np.linspace(1.4e6, 0.7e6, loans.MONTHS))
    held = note("A", limits=[EquipmentTest(advance_rate=0.1)])
    found = capital(held, terms=debt(Sculpted(dscr=1.3)), cases=(case,)).classes[0]
    assert found.limits[0].actual == pytest.approx(0.1, rel=1e-4)
    assert found.limits[0].met


def test_a_class_with_nothing_has_no_ratios_of_debt():
    found = capital(note("A", limits=[MaxLtv(limit=1e-9)]), note("B")).classes[0]
    assert found.principal == 0.0
    assert (found.detachment.debt, found.dscr, found.debt_yield, found.supports) == (0.0, None, None, None)
    assert found.credit_enhancement == 1.0


@given(
    shares=st.lists(st.floats(0.05, 1.2), min_size=1, max_size=5),
    covers=st.lists(st.floats(1.0, 3.0), min_size=5, max_size=5),
    coupons=st.lists(st.floats(0.02, 0.12), min_size=5, max_size=5),
    denomination=st.sampled_from([1.0, 1000.0, 100_000.0]),
    limit=st.floats(0.2, 1.0),
)
def test_classes_never_sum_to_more_than_the_loan_and_meet_their_limits(
    shares, covers, coupons, denomination, limit
):
    built = [
        note(str(k), coupon=coupon, limits=[MaxLtv(limit=share), MinDscr(limit=cover)])
        for k, (share, cover, coupon) in enumerate(zip(shares, covers, coupons, strict=False))
    ]
    found = capital(*built, denomination=denomination, limit=limit)
    assert found.issued <= 150.0e6 * limit * (1.0 + 1e-12)
    assert all(math.fmod(principal, denomination) == 0.0 for principal in principals(found))
    assert all(0.0 <= each.unrounded - each.principal + 1e-6 < denomination + 2e-6 for each in found.classes)
    seniors = 0.0
    for each in found.classes:
        assert each.attachment.value == pytest.approx(seniors / 150.0e6)
        seniors += each.principal
        assert each.detachment.value == pytest.approx(seniors / 150.0e6)
        assert each.principal == 0.0 or all(row.met for row in each.limits)
    assert found.classes[-1].detachment.debt in (None, 1.0)


@given(tighter=st.floats(1.0, 2.0), limit=st.floats(1.1, 2.5))
def test_a_tighter_cover_never_gives_a_class_more(tighter, limit):
    def issued(cover):
        senior = note("A", limits=[MaxLtv(limit=0.3)])
        return capital(senior, note("B", coupon=0.07, limits=[MinDscr(limit=cover)]), limit=1.0).issued

    assert issued(limit * tighter) <= issued(limit)
