"""Loans on ground leases: what a lease that is lost for good is worth to the lender."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.pool.pools import loan, pool, underwritten

NPV = {"kind": "npv", "discount_rate": 0.07, "months": 120, "terminal_cap_rate": 0.08}
LENSES = [{"kind": "appraisal"}, {"kind": "cap_rate", "cap_rate": 0.06}, NPV]


def on_ground(lens: dict[str, Any], default: int, **changes: Any) -> dict[str, Any]:
    """A loan of 60 million on a lease at 100,000 a month that is lost in a month of the case `lost`.

    The landlord gets half of the lesser of 100 million and 9 million over 8%: 50 million, 18 months on.
    """
    lease = {
        "id": "g",
        "commencement": "2020-12-01",
        "expiry": "2046-12-01",
        "rent": 1.2e6,
        "escalation": {"kind": "fixed", "rate": 0.0},
        "fee_value": 8e7,
        "combined_value": 1e8,
        "reversion": 3e7,
        "leasehold": {"kind": "stated", "ncf": 9e6},
        "step_up_share": 0.5,
        **changes,
    }
    stress = {
        "name": "stress",
        "case": "lost",
        "loan_defaults": [{"loan": "1", "month": 8}],
        "recovery": {"kind": "value", "cap_rate": None, "costs": 0.0, "decline": 0.0},
        "recovery_months": 3,
        "advances": {"kind": "none"},
    }
    return pool(
        loan(balance=6e7, security={"kind": "ground_leases", "ids": ["g"]}),
        ground_leases=[lease],
        valuation=lens,
        cases=[{"name": "lost", "ground_defaults": [{"ground_lease": "g", "month": default}]}],
        scenarios=[stress],
    )


@settings(max_examples=20)
@given(st.sampled_from(LENSES), st.integers(0, 11))
def test_a_lease_lost_for_good_is_worth_its_receipt_from_then_on_in_every_lens(
    lens: dict[str, Any], default: int
) -> None:
    """The loan that defaults in month 8 is sold at boundary 11: 60 million less the receipt of 50."""
    answer = underwritten(on_ground(lens, default))
    (stress,) = (each for each in answer.scenarios if each.name == "stress")
    assert stress.collateral_loss == pytest.approx(1e7)


def test_until_it_is_lost_a_lease_is_worth_its_rent_and_the_receipt_to_come() -> None:
    """Six rents of 100,000 and, at boundary 24, 50 million, at 7%: the reversion is lost with the lease."""
    (told,) = underwritten(on_ground(NPV, 6)).loans
    value = {case.case: case.value for case in told.cases}
    rents = sum(1e5 * 1.07 ** (-(k + 1) / 12) for k in range(6))
    assert value["lost"] == pytest.approx(rents + 5e7 / 1.07**2)


def test_a_receipt_after_expiry_is_no_part_of_a_discounted_value() -> None:
    """The lease ends in month 18, the receipt comes in month 23: six rents are left."""
    (told,) = underwritten(on_ground(NPV, 6, expiry="2028-06-01")).loans
    value = {case.case: case.value for case in told.cases}
    assert value["lost"] == pytest.approx(sum(1e5 * 1.07 ** (-(k + 1) / 12) for k in range(6)))
