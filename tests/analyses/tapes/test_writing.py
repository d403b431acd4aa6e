"""A pool written as a tape: what is written reads back, balances add up, standing is told by code."""

import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rackrate.analyses.registry import READ_TAPE, WRITE_TAPE, pool_ruleset_of, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Unsupported
from rackrate.deal.requests.tape import PoolTapeRequest, TapeRequest
from rackrate.engine.certificates.runs import PoolRuns

CLOSING = dt.date(2026, 12, 1)
LAYOUTS = ("schedule_al", "crefc_setup", "crefc_periodic")
SETUP_SAYS = {
    *("id", "originator", "originated", "original_balance", "balance", "rate", "day_count", "maturity"),
    *("interest_only_months", "amortisation", "prepayment", "fee_rate", "property_type", "market"),
}
SAYS = {
    "schedule_al": SETUP_SAYS | {"status"},
    "crefc_setup": SETUP_SAYS,
    "crefc_periodic": {"id", "balance", "rate", "maturity", "fee_rate", "status"},
}


def a_loan(**changed: Any) -> dict[str, Any]:
    """A loan of 12 million on a property worth 20 million, ten years, level after two years."""
    loan = {
        "id": "1",
        "balance": 12e6,
        "rate": 0.06,
        "day_count": "30/360",
        "maturity": "2036-12-01",
        "interest_only_months": 24,
        "amortisation": {"kind": "level", "months": 360},
        "security": {"kind": "stated", "noi": 2e6, "ncf": 1.8e6, "value": 2e7},
    }
    return loan | changed


def a_pool(loans: list[dict[str, Any]], **scenario: Any) -> dict[str, Any]:
    """A pool of loans without certificates, its base scenario changed."""
    return {
        "name": "Written",
        "currency": "USD",
        "closing": str(CLOSING),
        "market": {"power_index": 50, "cpi": 0.025, "base_rate": 0.04, "treasury": 0.041},
        "loans": loans,
        "scenarios": [{"name": "base", **scenario}],
    }


def written(pool: dict[str, Any], layout: str = "schedule_al", month: int = 0) -> str:
    asked = {"pool": pool, "layout": layout, "month": month}
    request = decode(json.dumps(asked).encode(), PoolTapeRequest)
    content: str = msgspec.structs.asdict(WRITE_TAPE.compute(request, ruleset_of(request), "x"))["content"]
    return content


def read(content: str, layout: str) -> dict[str, Any]:
    kind = "xml" if layout == "schedule_al" else "csv"
    request = TapeRequest(file=kind, layout=layout, content=content.encode())  # type: ignore[arg-type]  # one of LAYOUTS
    told: dict[str, Any] = json.loads(
        msgspec.json.encode(READ_TAPE.compute(request, ruleset_of(request), "x"))
    )
    return told


def stated(pool: dict[str, Any]) -> list[float]:
    """Stated balance of the reported scenario at each boundary."""
    request = decode(json.dumps({"pool": pool}).encode(), PoolTapeRequest)
    runs = PoolRuns(request.pool, ruleset_of(request), pool_ruleset_of(request.pool))
    balances: list[float] = runs.reported_collateral[1].stated.tolist()
    return balances


def days(least: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda after: str(CLOSING + dt.timedelta(days=after)))


@st.composite
def protections(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Protection in one of the orders that layouts have."""
    orders = ["", "L", "D", "LD", "Y", "LY", "LDY", "P", "LP", "YP", "LYP", "LDYP"]
    kinds = {"L": "lockout", "D": "defeasance", "Y": "yield_maintenance", "P": "penalty"}
    found, last = [], 0
    for letter in draw(st.sampled_from(orders)):
        last += draw(st.integers(1, 600))
        entry = {"kind": kinds[letter], "until": str(CLOSING + dt.timedelta(days=last))}
        found.append(entry | ({"premium": 0.01} if letter == "P" else {}))
    return found


@st.composite
def loans(draw: st.DrawFn) -> dict[str, Any]:
    """A loan that every layout can say but for premiums."""
    money = st.floats(1.0, 1e9)
    amortisation = draw(
        st.one_of(
            st.just({"kind": "interest_only"}),
            st.integers(60, 480).map(lambda months: {"kind": "level", "months": months}),
        )
    )
    noi = draw(money)
    return {
        "id": "x",
        "originator": draw(
            st.text("abc &<>'\",;é", min_size=1, max_size=20).filter(lambda t: t == t.strip())
        ),
        "originated": draw(days(-4000, 0)),
        "original_balance": draw(money),
        "balance": draw(money),
        "rate": draw(st.one_of(st.just(0.0), st.floats(1e-6, 0.3))),
        "day_count": draw(st.sampled_from(["30/360", "ACT/360", "ACT/365F"])),
        "maturity": draw(days(1800, 4000)),
        "interest_only_months": draw(st.integers(0, 60)),
        "amortisation": amortisation,
        "prepayment": draw(protections()),
        "fee_rate": draw(st.floats(0.0, 0.01)),
        "property_type": draw(st.sampled_from(["OF", "98", "data_center"])),
        "market": draw(st.sampled_from(["VA", "TX"])),
        "status": {"arrears_months": draw(st.integers(0, 2)), "advances": draw(st.floats(0.0, 1e6))},
        "security": {"kind": "stated", "noi": noi, "ncf": draw(money), "value": draw(money)},
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=12)
@given(drawn=st.lists(loans(), min_size=1, max_size=3))
def test_what_is_written_reads_back_the_same(layout: str, drawn: list[dict[str, Any]]) -> None:
    sent = [loan | {"id": str(i)} for i, loan in enumerate(drawn)]
    back = read(written(a_pool(sent), layout), layout)["loans"]
    for loan, found in zip(sent, back, strict=True):
        for entry in loan["prepayment"]:
            entry.pop("premium", None)  # no layout has it
        for name in SAYS[layout]:
            assert found[name] == loan[name], name
        for name in ("noi", "ncf", "value"):
            assert found["security"][name] == loan["security"][name]


def scripted() -> dict[str, Any]:
    """Three loans, the second in default from month 14 and sold nine months later, the third soon repaid."""
    loans = [a_loan(), a_loan(id="2"), a_loan(id="3", maturity="2028-06-01")]
    return a_pool(loans, loan_defaults=[{"loan": "2", "month": 14}], recovery_months=9)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ending_balances_add_to_the_stated_balance_in_every_month(layout: str) -> None:
    pool = scripted()
    balances = stated(pool)
    for month in (0, 1, 13, 14, 15, 18, 22, 23, 24, 40, 119, 120, 121):
        back = read(written(pool, layout, month), layout)
        total = sum(loan["balance"] for loan in back["loans"])
        assert total == pytest.approx(balances[month], rel=1e-12, abs=1e-6), month
        assert len(back["loans"]) == 3


def element(content: str, name: str, record: int) -> str | None:
    """Text of an element of a record, from 0."""
    found = content.split("<assets>")[record + 1].partition(f"<{name}>")[2].partition("<")[0]
    return found or None


def test_a_defaulted_loan_is_told_by_missed_payments_and_then_as_sold() -> None:
    """Default in month 14: one payment is missed at boundary 15, two at 16, three from 17; sold in 22."""
    pool = scripted()
    codes = {
        month: element(written(pool, month=month), "paymentStatusLoanCode", 1) for month in range(14, 24)
    }
    assert [codes[month] for month in range(14, 24)] == ["0", "1", "2", "3", "3", "3", "3", "3", "3", "0"]
    sold = written(pool, month=23)
    assert element(sold, "liquidationPrepaymentCode", 1) == "3"
    assert element(sold, "liquidationPrepaymentDate", 1) == "11-01-2028"
    assert element(sold, "reportPeriodEndScheduledLoanBalanceAmount", 1) == "0"
    back = float(element(sold, "unscheduledPrincipalCollectedAmount", 1) or "nan")
    loss = float(element(sold, "realizedLossToTrustAmount", 1) or "nan")
    assert back + loss == pytest.approx(12e6, rel=1e-12), (
        "interest only until then: nothing was advanced of principal"
    )
    before = written(pool, month=22)
    assert float(element(before, "totalPrincipalInterestAdvancedOutstandingAmount", 1) or 0) > 0.0


def test_a_loan_that_has_been_called_does_not_default_afterwards() -> None:
    """12 million are repaid at boundary 6; what is left, 5%, is bought at 7, would default in month 12."""
    loans = [a_loan(maturity="2027-06-01"), a_loan(id="2", balance=6e5)]
    classes = [{"name": "A", "rank": 1, "coupon": 0.05, "residual": True}]
    final = {"template": "cmbs_conduit", "legal_final_months": 180, "clean_up_call": 0.1, "classes": classes}
    default = {"loan_defaults": [{"loan": "2", "month": 12}], "recovery_months": 9, "test_maturity": False}
    pool = a_pool(loans, **default, recovery={"kind": "severity", "severity": 0.4}) | {"structure": final}
    for month in (8, 14, 30):
        after = written(pool, month=month)
        assert element(after, "realizedLossToTrustAmount", 1) == "0", month
        assert element(after, "liquidationPrepaymentDate", 1) == "07-01-2027", month
        assert element(after, "reportPeriodBeginningScheduleLoanBalanceAmount", 1) == "0", month
    assert element(written(pool, month=7), "unscheduledPrincipalCollectedAmount", 1) == "600000"


def test_a_month_is_written_as_the_loan_paid_it() -> None:
    """Interest only at 6 percent over 30/360: 12,000,000 / 200 a month; repaid at month 18 by a balloon."""
    pool = scripted()
    paid = written(pool, month=5)
    assert float(element(paid, "scheduledInterestAmount", 0) or 0) == pytest.approx(60_000, rel=1e-12)
    assert element(paid, "scheduledPrincipalAmount", 0) == "0"
    assert element(paid, "reportingPeriodBeginningDate", 0) == "04-02-2027"
    assert element(paid, "reportingPeriodEndDate", 0) == "05-01-2027"
    repaid = written(pool, month=18)
    assert element(repaid, "liquidationPrepaymentCode", 2) == "5"
    assert element(repaid, "unscheduledPrincipalCollectedAmount", 2) == "12000000"
    assert element(repaid, "liquidationPrepaymentDate", 2) == "06-01-2028"


def test_terms_count_on_as_months_pass() -> None:
    """After 30 months none of 24 is interest only, and six of 360 level payments are made."""
    for layout in ("schedule_al", "crefc_setup"):
        (loan,) = read(written(a_pool([a_loan()]), layout, 30), layout)["loans"]
        assert loan["interest_only_months"] == 0
        assert loan["amortisation"] == {"kind": "level", "months": 354}


def test_what_no_layout_can_say_is_refused_or_reads_back_as_a_gap() -> None:
    backwards = [
        {"kind": "yield_maintenance", "until": "2028-12-01"},
        {"kind": "lockout", "until": "2029-12-01"},
    ]
    with pytest.raises(Unsupported, match="order"):
        written(a_pool([a_loan(prepayment=backwards)]))
    with pytest.raises(Unsupported, match="split"):
        written(a_pool([a_loan()], cdr=0.02), month=1)
    fixed = a_loan(amortisation={"kind": "payment", "amount": 80_000})
    tape = read(written(a_pool([fixed]), "crefc_setup"), "crefc_setup")
    assert "amortisation" not in tape["loans"][0]
    assert {(entry["element"], entry["reason"]) for entry in tape["report"]} >= {("S17", "unknown_code")}


def test_a_floating_loan_keeps_floor_and_cap_of_its_index_where_the_layout_has_a_margin() -> None:
    loan = a_loan(rate={"margin": 0.03, "floor": 0.01, "cap": 0.05})
    (back,) = read(written(a_pool([loan]), "crefc_setup"), "crefc_setup")["loans"]
    assert back["rate"] == pytest.approx({"margin": 0.03, "floor": 0.01, "cap": 0.05}, rel=1e-12)
    tape = read(written(a_pool([loan])), "schedule_al")
    assert "rate" not in tape["loans"][0]
    assert {"line": 1, "element": "armMarginNumber", "reason": "missing", "value": None} in tape["report"]
