"""Pools held against hand calculations, QuantLib and what must be so whatever the numbers."""

import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.pool.pools import loan, pool, structure, underwritten

SOME = settings(max_examples=20)


def test_a_conduit_of_three_loans_by_hand() -> None:
    """Three loans of 1, 2 and 3 million at 6% for a year, each on 120,000 a year and a value of 2 million.

    A month's interest is 0.5% of 6,000,000: 30,000. The trustee takes 12,000 a year: 1,000. Class A of
    4,000,000 at 4.8% is due 16,000. The pool's rate is (30,000 - 1,000)/6,000,000; class B, 2,000,000, is
    paid at it: 9,666.67. What is left is 30,000 - 1,000 - 16,000 - 9,666.67 = 3,333.33.
    """
    loans = [loan(id=str(n), balance=n * 1e6, sponsor=f"sponsor-{n}") for n in (1, 2, 3)]
    classes = [
        {"name": "A", "rank": 1, "coupon": 0.048, "principal": 4_000_000, "price": 1.0},
        {"name": "B", "rank": 2, "coupon": {"wac_less": 0.0}, "residual": True, "price": 0.9},
    ]
    fees = [{"name": "trustee", "annual": 12_000, "rate": 0.0}]
    document = pool(*loans, structure=structure(*classes, scenario="contract", fees=fees))
    answer = underwritten(document, with_tranches=True)

    summary = answer.summary
    assert (summary.count, summary.balance, summary.issued) == (3, 6e6, 6e6)
    # 360,000 a year over 6% of 6,000,000; loan by loan 120,000 over 60,000, 120,000 and 180,000
    assert (summary.dscr, summary.wa_dscr) == pytest.approx((1.0, (1 * 2.0 + 2 * 1.0 + 3 * 2 / 3) / 6))
    assert (summary.ltv, summary.wa_ltv) == pytest.approx((1.0, (1 * 0.5 + 2 * 1.0 + 3 * 1.5) / 6))
    assert summary.wa_debt_yield == pytest.approx((1 * 0.12 + 2 * 0.06 + 3 * 0.04) / 6)
    assert (summary.wa_rate, summary.wa_term_months) == pytest.approx((0.06, 12.0))
    assert answer.concentration.hhi == pytest.approx((1 + 4 + 9) / 36)
    assert summary.effective_loans == pytest.approx(36 / 14)
    assert [group.share for group in answer.concentration.groups] == pytest.approx([1 / 6, 2 / 6, 3 / 6])

    assert answer.collateral.interest[:12] == pytest.approx([30_000.0] * 12)
    assert answer.collateral.balloon[11] == pytest.approx(6e6)
    assert answer.collateral.pool_rate[0] == pytest.approx(29_000 / 6e6)
    assert answer.waterfall is not None
    a, b = answer.waterfall.classes
    assert answer.waterfall.fees[:12] == pytest.approx([1_000.0] * 12)
    assert a.interest_paid[:12] == pytest.approx([16_000.0] * 12)
    assert b.coupon[0] == pytest.approx(12 * 29_000 / 6e6)
    assert b.interest_paid[:12] == pytest.approx([2e6 * 29_000 / 6e6] * 12)
    assert answer.waterfall.residual[0] == pytest.approx(30_000 - 1_000 - 16_000 - 2e6 * 29_000 / 6e6)
    assert (a.principal_paid[11], b.principal_paid[11]) == pytest.approx((4e6, 2e6))

    first, last = answer.tranches
    assert (first.credit_enhancement, last.credit_enhancement) == pytest.approx((2 / 6, 0.0))
    assert (first.ltv, last.ltv) == pytest.approx((4 / 6, 1.0))
    assert (first.debt_yield, last.debt_yield) == pytest.approx((0.09, 0.06))
    yearly = 0.048 * 4e6, 12 * 29_000 / 6e6 * 2e6  # 192,000 and 116,000
    assert (first.dscr, last.dscr) == pytest.approx((360_000 / yearly[0], 360_000 / sum(yearly)))
    assert (first.wal, last.wal) == pytest.approx((1.0, 1.0))
    assert first.yield_ == pytest.approx(12 * 0.004)  # twelve times a month's, at par
    assert first.break_even is not None
    assert first.break_even.cdr_multiple.status == "not_applicable"


def test_yield_maintenance_is_what_quantlib_says_the_contract_is_worth() -> None:
    """A level loan prepaid in its first month: its later payments and balloon at 3%, compounded monthly."""
    protection = [{"kind": "yield_maintenance", "until": "2029-11-01", "floor": 0.0, "spread": 0.005}]
    lent = loan(prepayment=protection, maturity="2029-12-01", amortisation={"kind": "level", "months": 300})
    document = pool(lent, structure=structure(scenario="fast"))
    document["market"]["treasury"] = 0.025
    document["scenarios"] = [{"name": "fast", "cpr": {"yield_maintenance": 0.5}, "test_maturity": False}]
    contract = underwritten(
        pool(lent | {"prepayment": []}, structure=structure(scenario="contract"))
    ).collateral
    start = QuantLib.Date(1, 1, 2027)
    QuantLib.Settings.instance().evaluationDate = start
    calendar = QuantLib.Period(QuantLib.Monthly)
    dates = QuantLib.Schedule(
        start, QuantLib.Date(1, 12, 2029), calendar, QuantLib.NullCalendar(), QuantLib.Unadjusted,
        QuantLib.Unadjusted, QuantLib.DateGeneration.Forward, False,
    )  # fmt: skip
    paid = [contract.interest[i] + contract.scheduled[i] + contract.balloon[i] for i in range(1, 36)]
    flows = [QuantLib.SimpleCashFlow(amount, day) for amount, day in zip(paid, list(dates)[1:], strict=True)]
    months = QuantLib.Thirty360(QuantLib.Thirty360.BondBasis)
    rate = QuantLib.InterestRate(0.03, months, QuantLib.Compounded, QuantLib.Monthly)
    worth = QuantLib.CashFlows.npv(QuantLib.Leg(flows), rate, False, start, start)
    run = underwritten(document).collateral
    over = worth / contract.balance[0] - 1.0
    assert over > 0.05
    assert run.premiums[0] == pytest.approx(run.prepaid[0] * over, rel=1e-9)


@SOME
@given(st.floats(0.0, 0.2), st.sampled_from(["ACT/360", "30/360"]), st.integers(60, 360), st.integers(2, 9))
def test_a_pool_of_one_performing_loan_and_one_class_is_that_loan(
    rate: float, day_count: str, months: int, years: int
) -> None:
    lent = loan(
        rate=rate, day_count=day_count, maturity=f"{2026 + years}-12-01",
        amortisation={"kind": "level", "months": months},
    )  # fmt: skip
    document = pool(lent, structure=structure(scenario="contract", legal_final_months=120))
    answer = underwritten(document)
    assert answer.waterfall is not None
    (note,) = answer.waterfall.classes
    run = answer.collateral
    paid = [scheduled + balloon for scheduled, balloon in zip(run.scheduled, run.balloon, strict=True)]
    assert note.principal_paid == pytest.approx(paid, abs=1e-5)
    assert note.interest_paid == pytest.approx(run.interest, abs=1e-5)
    assert note.balance == pytest.approx(run.balance, abs=1e-5)
    assert (note.principal_loss, sum(answer.waterfall.residual)) == pytest.approx((0.0, 0.0), abs=1e-4)
