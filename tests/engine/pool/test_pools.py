"""Pools by hand and by property: what follows from the model whatever the numbers."""

import math
from typing import Any

import msgspec
import pytest
import QuantLib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.engine.pool.pools import loan, pool, structure, underwritten

from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.errors import Invalid

CONTRACT = {"scenario": "contract"}
SOME = settings(max_examples=25)


def defaulting(month: int, **changes: Any) -> dict[str, Any]:
    recovery = {"kind": "value", "cap_rate": None, "costs": 0.1, "decline": 0.2}
    return {
        "name": "one",
        "loan_defaults": [{"loan": "1", "month": month}],
        "recovery": recovery,
        "recovery_months": 3,
        "test_maturity": False,
        "advances": {"kind": "principal_and_interest", "rate": 0.12, "appraisal_reduction_months": 12},
        **changes,
    }


def test_three_loans_by_hand() -> None:
    """Loan 1 defaults in month 1 and is sold at the end of month 3; 2 and 3 pay.

    Interest of a month on 1,000,000 at 6% is 5,000; months 1 to 3 are advanced, 15,000 in all, at 12% a year
    on what was advanced before. The sale brings 1,250,000 less a fifth, less a tenth of the rest: 900,000.
    """
    loans = [loan(), loan(id="2", balance=2e6), loan(id="3", balance=3e6)]
    loans[0]["security"]["value"] = 1.25e6
    document = pool(*loans, scenarios=[defaulting(1)], structure=structure(scenario="one"))
    run = underwritten(document).collateral
    assert run.interest[0] == pytest.approx(30_000)
    assert run.interest[1] == pytest.approx(25_000)
    assert run.interest_advanced[:5] == pytest.approx([0, 5_000, 5_000, 5_000, 0])
    # month 2 is February 2027 (28 days), month 3 March (31 days)
    charged = 5_000 * 0.12 * 28 / 360 + 10_000 * 0.12 * 31 / 360
    proceeds = 1.25e6 * 0.8 * 0.9  # 900,000
    assert run.advance_interest[3] == pytest.approx(charged)
    assert run.reimbursed[3] == pytest.approx(15_000)
    assert run.principal_recovered[3] == pytest.approx(proceeds - 15_000 - charged)
    assert run.realised_loss[3] == pytest.approx(1e6 - (proceeds - 15_000 - charged))
    assert run.special_servicing[1:4] == pytest.approx([1e6 * 0.0025 / 12] * 3)
    assert run.balance[3] == pytest.approx(5e6)


def test_losses_are_written_down_from_the_last_class_and_interest_stays_whole() -> None:
    """Of 1,000,000 a severity of 40% loses 400,000: class B of 300,000 first, then 100,000 of A."""
    scenario = defaulting(1, recovery={"kind": "severity", "severity": 0.4})
    classes = [
        {"name": "A", "rank": 1, "coupon": 0.03, "principal": 700_000},
        {"name": "B", "rank": 2, "coupon": 0.03, "residual": True},
    ]
    answer = underwritten(pool(scenarios=[scenario], structure=structure(*classes, scenario="one")))
    assert answer.waterfall is not None
    a, b = answer.waterfall.classes
    assert sum(b.written_down) + b.principal_loss == pytest.approx(600_000)
    assert b.principal_loss == pytest.approx(300_000)
    assert a.principal_loss == pytest.approx(100_000)
    assert sum(a.principal_paid) == pytest.approx(600_000)


def test_a_pool_of_one_performing_loan_and_one_class_is_that_loan() -> None:
    document = pool(
        loan(amortisation={"kind": "level", "months": 360}, day_count="ACT/360"),
        structure=structure(scenario="contract"),
    )
    answer = underwritten(document)
    assert answer.waterfall is not None
    (note,) = answer.waterfall.classes
    assert note.interest_paid[:12] == pytest.approx(answer.collateral.interest[:12])
    assert sum(note.principal_paid) == pytest.approx(1e6)
    assert note.principal_loss == 0.0


def test_a_level_loan_amortises_as_quantlib_says() -> None:
    document = pool(loan(amortisation={"kind": "level", "months": 360}), structure=structure(**CONTRACT))
    run = underwritten(document).collateral
    payment = 1e6 / sum(1.005**-k for k in range(1, 361))
    assert run.interest[0] + run.scheduled[0] == pytest.approx(payment, rel=1e-12)
    schedule = QuantLib.Schedule(
        QuantLib.Date(1, 12, 2026), QuantLib.Date(1, 12, 2027), QuantLib.Period(QuantLib.Monthly),
        QuantLib.NullCalendar(), QuantLib.Unadjusted, QuantLib.Unadjusted,
        QuantLib.DateGeneration.Forward, False,
    )  # fmt: skip
    notionals = [1e6]
    for _ in range(11):
        notionals.append(notionals[-1] * 1.005 - payment)
    months = QuantLib.Thirty360(QuantLib.Thirty360.BondBasis)
    bond = QuantLib.AmortizingFixedRateBond(0, notionals, schedule, [0.06], months)
    coupons = [cash.amount() for cash in bond.cashflows()][: 2 * 12 : 2]
    assert run.interest[:12] == pytest.approx(coupons, rel=1e-9)


def test_yield_maintenance_is_the_present_value_at_the_treasury_curve() -> None:
    """On 1 prepaid a month after closing: eleven payments of 0.5%, then 1, at 3%/12 a month, less 1."""
    protection = [{"kind": "yield_maintenance", "until": "2027-11-01", "floor": 0.001}]
    document = pool(loan(prepayment=protection), structure=structure(scenario="fast"))
    document["market"]["treasury"] = 0.03
    document["scenarios"] = [{"name": "fast", "cpr": {"yield_maintenance": 0.5}, "test_maturity": False}]
    run = underwritten(document).collateral
    worth = sum(0.005 * 1.0025**-k for k in range(1, 12)) + 1.0025**-11
    smm = 1 - 0.5 ** (1 / 12)
    assert run.prepaid[0] == pytest.approx(1e6 * smm)
    assert run.premiums[0] == pytest.approx(1e6 * smm * (worth - 1.0))


@SOME
@given(st.floats(0.05, 0.95), st.floats(0.0, 0.3), st.floats(0.0, 0.5))
def test_splitting_a_loan_changes_nothing(share: float, cdr: float, cpr: float) -> None:
    scenario = {"name": "rates", "cdr": cdr, "cpr": {"open": cpr}, "recovery_months": 5}
    whole = underwritten(pool(scenarios=[scenario], structure=structure(scenario="rates"))).collateral
    halves = [
        loan(id=name, balance=1e6 * part, pari_passu_share=part)
        for name, part in (("1", share), ("2", 1.0 - share))
    ]
    split = underwritten(
        pool(*halves, scenarios=[scenario], structure=structure(scenario="rates"))
    ).collateral
    for name in (
        "interest",
        "prepaid",
        "balloon",
        "interest_advanced",
        "principal_recovered",
        "realised_loss",
    ):
        assert getattr(split, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-6), name


@SOME
@given(
    st.floats(0.0, 0.9), st.floats(0.0, 0.9), st.integers(1, 24), st.floats(0.2, 2.0), st.integers(0, 24),
    st.sampled_from(["principal_and_interest", "interest", "none"]),
)  # fmt: skip
def test_stated_balance_falls_by_what_is_paid_and_lost(
    cdr: float, cpr: float, recovery: int, worth: float, extension: int, advances: str
) -> None:
    """The engine asserts the identity of every month; here the whole run is added up."""
    lent = loan(amortisation={"kind": "level", "months": 300}, maturity="2029-12-01")
    lent["security"]["value"] = 1e6 * worth
    scenario = {
        "name": "rates", "cdr": cdr, "cpr": {"open": cpr}, "recovery_months": recovery,
        "extension_months": extension, "advances": {"kind": advances},
    }  # fmt: skip
    document = pool(lent, scenarios=[scenario], structure=structure(scenario="rates", legal_final_months=90))
    run = underwritten(document).collateral
    paid = (run.scheduled, run.prepaid, run.balloon, run.principal_advanced, run.principal_recovered)
    gone = math.fsum(map(math.fsum, paid)) + math.fsum(run.realised_loss)
    assert gone + run.unresolved == pytest.approx(1e6)
    assert run.unresolved == pytest.approx(0.0, abs=1e-6)


NEXT_TO_NOTHING = st.sampled_from([0.0, 5e-324, 1e-305, 1e-9, 0.05])
INCOMES = st.sampled_from([-1e5, 0.0, 5e-324, 1.2e5])


@SOME
@example(rate=5e-324, income=120_000.0, value=2e6, share=1.0)
@given(
    NEXT_TO_NOTHING,
    INCOMES,
    st.sampled_from([0.0, 5e-324, 1e-305, 2e6]),
    st.sampled_from([5e-324, 1e-300, 1.0]),
)
def test_a_ratio_beyond_the_largest_number_is_none_at_all(
    rate: float, income: float, value: float, share: float
) -> None:
    """A year's service of 1,000,000 at 5e-324 is 5e-318: 120,000 over it would be 2.4e322, above 1.8e308."""
    security = {"kind": "stated", "noi": income, "ncf": income, "value": value}
    scenarios = [{"name": "hazard", "hazard": 1.0, "recovery": {"kind": "value"}}]
    answer = underwritten(
        pool(
            loan(rate=rate, pari_passu_share=share, security=security),
            scenarios=scenarios,
            structure=structure(scenario="hazard"),
        ),
        with_tranches=True,
    )
    whole = msgspec.json.decode(msgspec.json.encode(answer), type=PoolUnderwriting)
    assert whole == answer  # JSON has no infinity: what it cannot say was None before


@pytest.mark.parametrize("final", [1, 11, 12])
def test_a_pool_whose_legal_final_is_within_a_year_is_measured_over_a_year(final: int) -> None:
    """Interest of 1,000,000 at 6% is 60,000 a year, of which 120,000 is twice; the one month pays 5,000."""
    short = pool(
        loan(maturity="2027-01-01"), structure=structure(legal_final_months=final, scenario="contract")
    )
    answer = underwritten(short, with_tranches=True)
    (case, *_) = answer.loans[0].cases
    assert (case.dscr, case.dscr_interest_only) == pytest.approx((2.0, 2.0))
    assert sum(answer.collateral.interest) == pytest.approx(5_000)
    assert len(answer.collateral.date) == final


@SOME
@given(
    st.sampled_from([0.0, 1e5 / 3, 1e13]),
    st.sampled_from([0.0, 1e5 / 3, 1e13]),
    st.floats(1e-3, 0.1),
    st.booleans(),
)
def test_a_month_adds_up_to_what_a_double_can_tell_apart_of_the_money_in_play(
    reserve: float, advances: float, coupon: float, in_arrears: bool
) -> None:
    """Doubles near 1e13 are 0.002 apart: against a millionth of a unit none of these would add up."""
    loans = [loan(id=str(i), balance=1e6 / (i + 1), rate=0.07 / (i + 1)) for i in range(3)]
    loans[0]["status"] = {"arrears_months": 3 if in_arrears else 0, "advances": advances}
    loans[0]["security"] |= {"value": advances}
    classes = [
        {"name": "A", "rank": 1, "coupon": coupon, "principal": 7e5 / 3},
        {"name": "B", "rank": 2, "coupon": coupon, "residual": True},
    ]
    scenario = {"name": "one", "cdr": 0.1, "recovery": {"kind": "value", "cap_rate": None}}
    made = structure(*classes, scenario="one", reserve={"floor": reserve, "share": 0.01})
    answer = underwritten(pool(*loans, scenarios=[scenario], structure=made))
    assert answer.waterfall is not None
    assert answer.waterfall.reserve[0] <= max(reserve, 0.01 * answer.summary.balance)


def test_a_payment_below_the_interest_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as refusal:
        underwritten(pool(loan(amortisation={"kind": "payment", "amount": 4_000})))
    assert [error.pointer for error in refusal.value.errors] == ["/loans/0/amortisation/amount"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"maturity": "2026-11-01"}, "/loans/0/maturity"),
        ({"ard": "2028-01-01"}, "/loans/0/ard"),
        ({"pari_passu_share": 0.0}, "/loans/0/pari_passu_share"),
        (
            {"prepayment": [{"kind": "yield_maintenance", "until": "2027-06-01"}]},
            "/loans/0/prepayment/0/kind",
        ),
        ({"security": {"kind": "facilities", "ids": ["none"]}}, "/loans/0/security/ids/0"),
    ],
)
def test_a_contradiction_is_refused_at_its_place(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        underwritten(pool(loan(**changes)))
    assert pointer in [error.pointer for error in refusal.value.errors]
