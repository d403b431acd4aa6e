"""A tape by hand: every reason that is reported, every field by its column, and no more than is said."""

import json
from typing import Any

import msgspec
import pytest

from rackrate.analyses.registry import READ_TAPE, ruleset_of
from rackrate.analyses.tapes.crefc_names import SETUP_NAMES
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.tape import TapeRequest

OPENING = '<assetData xmlns="http://www.sec.gov/edgar/document/absee/cmbs/assetdata">'
RECORD = {
    "assetNumber": "1",
    "reportingPeriodEndDate": "12-11-2025",
    "originalLoanAmount": "1000",
    "maturityDate": "11-01-2030",
    "originalAmortizationTermNumber": "360",
    "interestAccrualMethodCode": "3",
    "originalInterestRateTypeCode": "1",
    "originalInterestOnlyTermNumber": "0",
    "firstLoanPaymentDueDate": "11-11-2025",
    "loanStructureCode": "WL",
    "paymentTypeCode": "2",
    "reportPeriodInterestRatePercentage": "0.06",
    "servicerTrusteeFeeRatePercentage": "0.0002",
    "reportPeriodEndScheduledLoanBalanceAmount": "900",
    "paymentStatusLoanCode": "0",
}
PROPERTY = {
    "propertyState": "VA",
    "propertyTypeCode": "OF",
    "valuationSecuritizationAmount": "2000",
    "netOperatingIncomeSecuritizationAmount": "150",
    "netCashFlowFlowSecuritizationAmount": "140",
    "mostRecentNetOperatingIncomeAmount": "160",
    "mostRecentNetCashFlowAmount": "145",
    "mostRecentValuationAmount": "2100",
    "mostRecentValuationDate": "01-31-2026",
    "mostRecentFinancialsStartDate": "01-01-2025",
    "mostRecentFinancialsEndDate": "12-31-2025",
    "debtServiceCoverageNetCashFlowSecuritizationPercentage": "1.31",
    "mostRecentDebtServiceCoverageNetCashFlowpercentage": "1.41",
}
Cells = dict[str, str | None]


def told(cells: Cells) -> str:
    return "".join(f"<{name}>{text}</{name}>" for name, text in cells.items() if text is not None)


def record(changed: Cells | None = None, property_: Cells | None = None, base: Cells | None = None) -> str:
    own = (RECORD if base is None else base) | (changed or {})
    inside = (PROPERTY if base is None else {}) | (property_ or {})
    return f"<assets>{told(own)}<property>{told(inside)}</property></assets>"


def read(*records: str, **asked: Any) -> dict[str, Any]:
    content = f"{OPENING}{''.join(records)}</assetData>".encode()
    return answered({"file": "xml", "content": content} | asked)


def answered(asked: dict[str, Any]) -> dict[str, Any]:
    request = decode(msgspec.msgpack.encode(asked), TapeRequest, "msgpack")
    found: dict[str, Any] = json.loads(
        msgspec.json.encode(READ_TAPE.compute(request, ruleset_of(request), "x"))
    )
    return found


def read_setup(changed: dict[str, str]) -> dict[str, Any]:
    """A setup file of one loan by field number, over one that is whole."""
    cells = {
        "S4": "1",
        "S5": "1000",
        "S6": "120",
        "S7": "360",
        "S14": "1",
        "S15": "1",
        "S17": "5",
        "S41": "90",
    }
    cells |= {"S43": "20300101", "S44": "900", "S45": "0.05", "S61": "OF", "S65": "1", "S67": "2", "S83": "1"}
    cells |= {"S90": "WL", "S92": "24"} | changed
    row = ",".join(cells.get(f"S{i}", "") for i in range(1, len(SETUP_NAMES) + 1))
    content = f"{','.join(SETUP_NAMES)}\n{row}\n".encode()
    return answered({"file": "csv", "layout": "crefc_setup", "content": content})


def report(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(entry["element"], entry["reason"], entry["value"]) for entry in answer["report"]]


def test_a_whole_record_has_nothing_to_report() -> None:
    """Two payments are due of 360 from 11 November to 11 December."""
    answer = read(record())
    assert answer["report"] == []
    (loan,) = answer["loans"]
    assert loan["amortisation"] == {"kind": "level", "months": 358}
    assert loan["security"] == {"kind": "stated", "noi": 150.0, "ncf": 140.0, "value": 2000.0}
    assert loan["reported"] == {"dscr": 1.31}
    assert answer["totals"]["wa_ltv"] == {"value": 0.45, "balance": 900.0}


@pytest.mark.parametrize(
    ("changed", "told", "left_out"),
    [
        ({"maturityDate": None}, ("maturityDate", "missing", None), "maturity"),
        ({"maturityDate": "2030-11-01"}, ("maturityDate", "unreadable", "2030-11-01"), "maturity"),
        ({"maturityDate": "02-30-2030"}, ("maturityDate", "unreadable", "02-30-2030"), "maturity"),
        (
            {"interestAccrualMethodCode": "5"},
            ("interestAccrualMethodCode", "unknown_code", "5"),
            "day_count",
        ),
        ({"interestAccrualMethodCode": None}, ("interestAccrualMethodCode", "missing", None), "day_count"),
        ({"paymentTypeCode": "6"}, ("paymentTypeCode", "unknown_code", "6"), "amortisation"),
        ({"paymentTypeCode": "98"}, ("paymentTypeCode", "unknown_code", "98"), "amortisation"),
        (
            {"reportPeriodInterestRatePercentage": "6.0"},
            ("reportPeriodInterestRatePercentage", "ambiguous_unit", "6.0"),
            "rate",
        ),
        (
            {"servicerTrusteeFeeRatePercentage": "1.5"},
            ("servicerTrusteeFeeRatePercentage", "ambiguous_unit", "1.5"),
            "fee_rate",
        ),
        (
            {"originalInterestRateTypeCode": "2", "armMarginNumber": "250"},
            ("armMarginNumber", "ambiguous_unit", "250"),
            "rate",
        ),
        (
            {"originalInterestRateTypeCode": "3"},
            ("originalInterestRateTypeCode", "unknown_code", "3"),
            "rate",
        ),
        ({"loanStructureCode": "A2"}, ("pari_passu_share", "not_in_layout", "A2"), "pari_passu_share"),
        ({"loanStructureCode": "ZZ"}, ("loanStructureCode", "unknown_code", "ZZ"), "pari_passu_share"),
        (
            {"reportPeriodEndScheduledLoanBalanceAmount": "9x"},
            ("reportPeriodEndScheduledLoanBalanceAmount", "unreadable", "9x"),
            "balance",
        ),
        (
            {"reportPeriodEndScheduledLoanBalanceAmount": "-900"},
            ("reportPeriodEndScheduledLoanBalanceAmount", "unreadable", "-900"),
            "balance",
        ),
        ({"originalLoanAmount": "-1"}, ("originalLoanAmount", "unreadable", "-1"), "original_balance"),
        (
            {"originalInterestOnlyTermNumber": "-60"},
            ("originalInterestOnlyTermNumber", "unreadable", "-60"),
            "interest_only_months",
        ),
        (
            {"originatorName": None, "originationDate": "1-1-2025"},
            ("originationDate", "unreadable", "1-1-2025"),
            "originated",
        ),
    ],
)
def test_what_cannot_be_read_is_left_out_and_listed(
    changed: Cells, told: tuple[str, str, str | None], left_out: str
) -> None:
    answer = read(record(changed))
    assert told in report(answer)
    assert left_out not in answer["loans"][0]


def test_a_second_choice_is_named() -> None:
    cells: Cells = {
        "reportPeriodEndScheduledLoanBalanceAmount": None,
        "scheduledPrincipalBalanceSecuritizationAmount": "950",
    }
    answer = read(record(cells))
    assert answer["loans"][0]["balance"] == 950.0
    first, second = list(cells)
    assert report(answer) == [(first, "fallback", second)]


@pytest.mark.parametrize(
    ("end", "is_year"),
    [("12-25-2025", False), ("12-26-2025", True), ("01-06-2026", True), ("01-07-2026", False)],
)
def test_recent_income_is_that_of_a_year_or_falls_back(end: str, is_year: bool) -> None:
    """From 1 January 2025, both days counted: to 26 December are 360 days, to 6 January 371."""
    answer = read(record(None, {"mostRecentFinancialsEndDate": end}), basis="most_recent")
    (loan,) = answer["loans"]
    assert loan["security"]["ncf"] == (145.0 if is_year else 140.0)
    assert loan["reported"]["dscr"] == (1.41 if is_year else 1.31)
    assert (loan["security"]["value"], loan["security"]["value_date"]) == (2100.0, "2026-01-31")
    fallback = [("mostRecentFinancialsEndDate", "fallback", "not a year")]
    assert report(answer) == ([] if is_year else fallback)


def test_properties_are_of_the_loan_whose_number_they_extend() -> None:
    members = [
        record({"assetNumber": number}, {"valuationSecuritizationAmount": value}, base={})
        for number, value in (("1.01", "1200"), ("1-002", "700"), ("9.01", "5"), ("1.1", "5"), ("1.001", "5"))
    ]
    answer = read(members[0], record(), *members[1:])
    assert [(row["loan"], row["line"], row["rollup"]) for row in answer["properties"]] == [
        ("1", 2, True),
        ("1", 1, False),
        ("1", 3, False),
    ]
    assert answer["totals"]["properties"] == 2
    assert report(answer) == [
        ("valuationSecuritizationAmount", "rollup_differs", "1900.0"),
        ("assetNumber", "no_parent", "9.01"),
        ("assetNumber", "no_parent", "1.1"),
        ("assetNumber", "no_parent", "1.001"),
    ]


def test_a_loan_or_an_element_that_is_there_twice_is_not_chosen_between() -> None:
    twice = record().replace("</maturityDate>", "</maturityDate><maturityDate>11-01-2031</maturityDate>")
    answer = read(twice, record({"originalLoanAmount": "5"}))
    assert len(answer["loans"]) == 1
    assert "maturity" not in answer["loans"][0]
    assert report(answer) == [("maturityDate", "duplicate", None), ("assetNumber", "duplicate", "1")]


DATES = {
    "L": "prepaymentLockOutEndDate",
    "Y": "yieldMaintenanceEndDate",
    "P": "prepaymentPremiumsEndDate",
}


@pytest.mark.parametrize(
    ("ends", "defeasance", "protection"),
    [
        ("", None, []),
        ("L2027", None, ["lockout 2027-06-01"]),
        ("L2027 Y2029", None, ["lockout 2027-06-01", "yield_maintenance 2029-06-01"]),
        ("L2027 Y2029 P2029", None, ["lockout 2027-06-01", "yield_maintenance 2029-06-01"]),
        ("L2027 P2029", None, ["lockout 2027-06-01", "penalty 2029-06-01"]),
        ("L2027 P2029", "06-02-2027", ["lockout 2027-06-01", "defeasance 2029-06-01"]),
        ("L2029", "06-02-2027", ["lockout 2027-06-01", "defeasance 2029-06-01"]),
        (
            "L2027 Y2028 P2029",
            "06-02-2027",
            ["lockout 2027-06-01", "yield_maintenance 2028-06-01", "penalty 2029-06-01"],
        ),
        ("Y2028", None, ["yield_maintenance 2028-06-01"]),
    ],
)
def test_protection_is_in_order_of_time(ends: str, defeasance: str | None, protection: list[str]) -> None:
    changed: Cells = {DATES[end[0]]: f"06-01-{end[1:]}" for end in ends.split()}
    answer = read(record(changed, {"defeasanceOptionStartDate": defeasance}))
    found = [f"{entry['kind']} {entry['until']}" for entry in answer["loans"][0]["prepayment"]]
    assert found == protection
    told = {element for element, reason, _ in report(answer) if reason == "not_in_layout"}
    assert ("yield maintenance floor" in told) == any("yield" in entry for entry in protection)
    assert ("prepayment premium" in told) == any("penalty" in entry for entry in protection)


def test_a_loan_that_is_defeased_is_so_to_its_maturity() -> None:
    (loan,) = read(record({DATES["L"]: "06-01-2027"}, {"DefeasedStatusCode": "F"}))["loans"]
    assert loan["prepayment"] == [{"kind": "defeasance", "until": "2030-11-01"}]


@pytest.mark.parametrize(("code", "missed"), [*zip("AB04123", (0, 0, 0, 0, 1, 2, 3), strict=True), ("5", 3)])
def test_payment_status_is_payments_missed(code: str, missed: int) -> None:
    changed: Cells = {"paymentStatusLoanCode": code, "otherExpensesAdvancedOutstandingAmount": "7"}
    assert read(record(changed))["loans"][0]["status"] == {"arrears_months": missed, "advances": 7.0}
    unknown = read(record({"paymentStatusLoanCode": "6"}))
    assert ("paymentStatusLoanCode", "unknown_code", "6") in report(unknown), "6 is CREFC's"


def test_shares_of_area_above_the_whole_are_not_read() -> None:
    tenant: Cells = {
        "netRentableSquareFeetNumber": "1000",
        "largestTenant": "Acme",
        "squareFeetLargestTenantNumber": "500",
        "secondLargestTenant": "Beta",
        "squareFeetSecondLargestTenantNumber": "1060",
        "leaseExpirationSecondLargestTenantDate": "01-31-2030",
    }
    answer = read(record(None, tenant))
    assert answer["beside"][0]["largest_tenants"] == [
        {"name": "Acme", "area_share": 0.5},
        {"name": "Beta", "lease_expiry": "2030-01-31"},
    ]
    assert report(answer) == [("squareFeetSecondLargestTenantNumber", "ambiguous_unit", "1060")]


def test_a_setup_file_counts_terms_from_what_remains() -> None:
    """Thirty of 120 months are over: none of 24 interest only are left, six of 360 level ones are paid."""
    (loan,) = read_setup({})["loans"]
    assert loan["interest_only_months"] == 0
    assert loan["amortisation"] == {"kind": "level", "months": 354}
    assert loan["day_count"] == "30/360"


def test_a_floating_loan_of_a_setup_file_has_floor_and_cap_of_its_index() -> None:
    """A rate between 4 and 8 percent over a margin of 2.5 is an index between 1.5 and 5.5."""
    answer = read_setup({"S14": "2", "S25": "0.025", "S26": "0.08", "S27": "0.04"})
    assert answer["loans"][0]["rate"] == pytest.approx({"margin": 0.025, "floor": 0.015, "cap": 0.055})
    assert answer["totals"]["wa_rate"] == {"value": None, "balance": 0.0}
    assert report(read_setup({"S14": "2"})) == [("S25", "missing", None)]


def test_columns_of_a_setup_file_are_found_by_name_where_they_are_moved() -> None:
    names = ["Prospectus Loan ID", "My notes", "MATURITY DATE AT CONTRIBUTION", "Note Rate At Contribution"]
    content = f"{','.join(names)}\n7,S4,20300101,0.05\n".encode()
    answer = answered({"file": "csv", "layout": "crefc_setup", "content": content})
    (loan,) = answer["loans"]
    assert (loan["id"], loan["maturity"], loan["rate"]) == ("7", "2030-01-01", 0.05)
    assert "balance" not in loan


def test_a_row_with_more_cells_than_columns_is_no_loan() -> None:
    content = b"Prospectus Loan ID,Original Note Amount\n1,5\n2,Acme, Inc.\n"
    answer = answered({"file": "csv", "layout": "crefc_setup", "content": content})
    assert [loan["id"] for loan in answer["loans"]] == ["1"]
    assert (3, "row", "unreadable") in {(e["line"], e["element"], e["reason"]) for e in answer["report"]}
