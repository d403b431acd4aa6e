"""Valuation: the basis of each case, and the months that each basis reads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.deals import RULESET

from rackrate.deal.cases import Case
from rackrate.deal.valuation import Appraisal, CapRate, Npv, Value
from rackrate.engine.facility.valuation import (
    ValuationBasis,
    ValuedFacilities,
    exit_value,
    months_read,
    under_haircuts,
    valuation_basis,
    value,
    value_lines,
    without_haircut,
)
from rackrate.engine.timeline import Floats

FREEHOLD = 1_000_000
CUTS = np.array([0.0, 0.5, 0.75])
SHORT_NPV = ValuationBasis("npv", cap=0.1, rate=0.08, months=24)
NPV = Npv(discount_rate=0.09, months=60, terminal_cap_rate=0.08)


def estate(
    ncf: Floats, closing: float = 100.0, expiry: int = FREEHOLD, appraisal: float = 5000.0
) -> ValuedFacilities:
    """One hall: so much a month, and so much in each month at closing."""
    ends = np.array([expiry], dtype=np.int64)
    return ValuedFacilities(np.array([appraisal]), ends, np.full((1, 12), closing), ncf[None])


@pytest.mark.parametrize(
    ("own", "adjustments", "expected"),
    [
        (Appraisal(), {}, ValuationBasis("appraisal")),
        (Appraisal(), {"cap_rate": 0.07}, ValuationBasis("cap_rate", cap=0.07)),
        (Appraisal(), {"discount_rate": 0.1}, ValuationBasis("npv", cap=0.08, rate=0.1, months=120)),
        (
            Appraisal(),
            {"discount_rate": 0.1, "cap_rate": 0.07},
            ValuationBasis("npv", cap=0.07, rate=0.1, months=120),
        ),
        (CapRate(cap_rate=0.06), {}, ValuationBasis("cap_rate", cap=0.06)),
        (CapRate(cap_rate=0.06), {"cap_rate": 0.07}, ValuationBasis("cap_rate", cap=0.07)),
        (
            CapRate(cap_rate=0.06),
            {"discount_rate": 0.1},
            ValuationBasis("npv", cap=0.06, rate=0.1, months=120),
        ),
        (NPV, {}, ValuationBasis("npv", cap=0.08, rate=0.09, months=60)),
        (NPV, {"cap_rate": 0.07}, ValuationBasis("npv", cap=0.07, rate=0.09, months=60)),
        (NPV, {"discount_rate": 0.1}, ValuationBasis("npv", cap=0.08, rate=0.1, months=60)),
    ],
)
def test_a_cases_rates_win_over_the_deals(
    own: Value, adjustments: dict[str, float], expected: ValuationBasis
) -> None:
    """An appraisal has no cap of its own: a discount rate then takes the ruleset's 8%."""
    assert valuation_basis(own, Case(name="x", **adjustments), RULESET) == expected


def test_a_cap_rate_reads_the_figures_at_closing_and_later_those_of_the_months_to_come() -> None:
    """1,200 at closing over 8% is 15,000; from month 12 on 200 a month is earned: 30,000."""
    hall = estate(np.repeat([150.0, 200.0], 12))
    found = value_lines(ValuationBasis("cap_rate", cap=0.08), hall, np.array([0, 12]))
    assert found[0].tolist() == pytest.approx([15_000.0, 30_000.0])


def test_a_present_value_discounts_at_month_ends_and_capitalises_the_year_after() -> None:
    """21% a year: 121 in a year's time is worth 100, and 10% on 12.1 in the year after it 100 more."""
    flows = np.zeros(24)
    flows[11], flows[12] = 121.0, 12.1
    found = value(ValuationBasis("npv", cap=0.1, rate=0.21, months=12), estate(flows))
    assert found == pytest.approx(100.0 + 100.0)


def test_a_leasehold_is_worth_the_years_it_has_left() -> None:
    """Two years left at 10%: 1 - 1/1.21 of 12,000; at its end nothing, and the appraisal with it."""
    hall = estate(np.full(48, 100.0), expiry=24)
    cap = ValuationBasis("cap_rate", cap=0.1)
    worth = 12_000.0 * (1.0 - 1.0 / 1.21)
    assert value_lines(cap, hall, np.array([0, 24]))[0].tolist() == pytest.approx([worth, 0.0])
    assert value_lines(ValuationBasis("appraisal"), hall, np.array([0, 23, 24]))[0].tolist() == [
        5000.0,
        5000.0,
        0.0,
    ]
    assert exit_value(hall, 0.1, 12, 0) == pytest.approx(12_000.0 * (1.0 - 1.0 / 1.1))


def test_a_haircut_cuts_each_halls_positive_months_only() -> None:
    """Halls of +100 and -40 a month at 10%: 7,200; half of the positive months gone 1,200."""
    ends = np.array([FREEHOLD, FREEHOLD], dtype=np.int64)
    months = np.stack([np.full(12, 100.0), np.full(12, -40.0)])
    both = ValuedFacilities(np.array([5000.0, 1000.0]), ends, months, months)
    closing = np.zeros(1, dtype=np.int64)
    found = under_haircuts(
        value_lines(ValuationBasis("cap_rate", cap=0.1), both, closing), np.array([0.0, 0.5])
    )
    assert found[:, 0].tolist() == pytest.approx([7200.0, 1200.0])
    appraised = under_haircuts(value_lines(ValuationBasis("appraisal"), both, closing), np.array([0.0, 0.25]))
    assert appraised[:, 0].tolist() == [6000.0, 4500.0]


def test_a_terminal_value_is_nothing_at_least() -> None:
    """A year of 121 is worth 100 at 21%; the next loses 12.1 a month: nobody pays to be rid of it."""
    flows = np.repeat([-12.1], 24)
    flows[:12] = 0.0
    flows[11] = 121.0
    hall, npv = estate(flows), ValuationBasis("npv", cap=0.1, rate=0.21, months=12)
    assert value(npv, hall) == pytest.approx(100.0)
    assert under_haircuts(value_lines(npv, hall, np.array([0, 12])), np.array([0.0, 0.25])).tolist() == [
        pytest.approx([100.0, 0.0]),
        pytest.approx([75.0, 0.0]),
    ]


def test_a_haircut_takes_a_terminal_value_to_nothing_and_no_further() -> None:
    """Halls of 121 in a year, then of 2 and -1 a month: 100 and 100; half of 121 and of 2 gone, 50."""
    first, second = np.zeros((2, 24))
    first[11], first[12:], second[12:] = 121.0, 2.0, -1.0
    ends = np.array([FREEHOLD, FREEHOLD], dtype=np.int64)
    both = ValuedFacilities(np.zeros(2), ends, np.zeros((2, 12)), np.stack([first, second]))
    found = under_haircuts(
        value_lines(ValuationBasis("npv", cap=12.0 / 121.0, rate=0.21, months=12), both, np.zeros(1, int)),
        CUTS,
    )
    assert found[:, 0].tolist() == pytest.approx([200.0, 50.0, 25.0])
    assert both.positive.tolist() == first.tolist()


@settings(max_examples=100)
@given(st.data())
def test_no_value_is_below_nothing_nor_rises_with_a_haircut(data: st.DataObject) -> None:
    """Any halls on any basis: their value under a haircut is that of the flows cut, facility by facility."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    flows, ends = rng.normal(0.2, 1.0, (3, 60)), rng.integers(1, 90, 3)
    halls = ValuedFacilities(rng.uniform(0.0, 50.0, 3), ends, flows[:, :12], flows)
    view = data.draw(
        st.sampled_from([ValuationBasis("appraisal"), ValuationBasis("cap_rate", cap=0.1), SHORT_NPV])
    )
    cuts, at = np.array([0.0, data.draw(st.floats(0.0, 1.0)), 1.0]), np.array([0, 7, 24])
    found = under_haircuts(value_lines(view, halls, at), cuts)
    assert (found >= 0.0).all()
    assert (np.diff(found, axis=0) <= 1e-9).all()
    for cut, row in zip(cuts.tolist(), found, strict=True):
        less = [flow - cut * np.maximum(flow, 0.0) for flow in (halls.appraisals, halls.closing, halls.ncf)]
        gone = ValuedFacilities(less[0], ends, *less[1:])
        assert row == pytest.approx(without_haircut(value_lines(view, gone, at)), abs=1e-9)


def test_a_value_is_never_below_nothing() -> None:
    assert value(ValuationBasis("cap_rate", cap=0.1), estate(np.full(12, -1.0), closing=-1.0)) == 0.0


@pytest.mark.parametrize(
    ("view", "months"),
    [
        (ValuationBasis("appraisal"), 0),
        (ValuationBasis("cap_rate", cap=0.1), 12),
        (ValuationBasis("npv", months=60), 72),
    ],
)
def test_a_valuation_basis_reads_so_many_months(view: ValuationBasis, months: int) -> None:
    assert months_read(view) == months
