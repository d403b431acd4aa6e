"""Records as the text of a file: an EX-102 document, or rows of a CREFC file."""

import csv
import io
from collections.abc import Iterator
from xml.sax.saxutils import escape

from rackrate.analyses.tapes.crefc_names import SETUP_NAMES
from rackrate.analyses.tapes.layouts import Columns
from rackrate.analyses.tapes.xml_records import NAMESPACE, PROPERTY, RECORD, ROOT

PERIODIC_FIELDS = 150
ELEMENTS = (  # in the order of the SEC's schema, of those that are written
    *("assetTypeNumber", "assetNumber", "reportingPeriodBeginningDate", "reportingPeriodEndDate"),
    *("originatorName", "originationDate", "originalLoanAmount", "maturityDate"),
    *("originalAmortizationTermNumber", "interestAccrualMethodCode", "originalInterestRateTypeCode"),
    *("originalInterestOnlyTermNumber", "firstLoanPaymentDueDate", "lienPositionSecuritizationCode"),
    *("loanStructureCode", "paymentTypeCode", "hyperAmortizingDate", "prepaymentLockOutEndDate"),
    *("yieldMaintenanceEndDate", "prepaymentPremiumsEndDate", "property/propertyName"),
    *("property/propertyState", "property/propertyTypeCode", "property/valuationSecuritizationAmount"),
    *("property/valuationSecuritizationDate", "property/DefeasedStatusCode"),
    *("property/defeasanceOptionStartDate", "property/netOperatingIncomeSecuritizationAmount"),
    "property/netCashFlowFlowSecuritizationAmount",
    "property/debtServiceCoverageNetCashFlowSecuritizationPercentage",
    *("reportPeriodBeginningScheduleLoanBalanceAmount", "totalScheduledPrincipalInterestDueAmount"),
    *("reportPeriodInterestRatePercentage", "servicerTrusteeFeeRatePercentage", "scheduledInterestAmount"),
    *("scheduledPrincipalAmount", "unscheduledPrincipalCollectedAmount"),
    *("reportPeriodEndScheduledLoanBalanceAmount", "totalPrincipalInterestAdvancedOutstandingAmount"),
    *("totalTaxesInsuranceAdvancesOutstandingAmount", "otherExpensesAdvancedOutstandingAmount"),
    *("paymentStatusLoanCode", "liquidationPrepaymentCode", "liquidationPrepaymentDate"),
    "realizedLossToTrustAmount",
)
KIND = {"assetTypeNumber": "Prospectus Loan ID"}


def xml_text(columns: Columns, rows: list[dict[str, str]]) -> str:
    """Write records as an EX-102 document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{ROOT} xmlns="{NAMESPACE}">']
    for cells in rows:
        lines += [f" <{RECORD}>", *_elements(KIND | cells), f" </{RECORD}>"]
    return "\n".join([*lines, f"</{ROOT}>", ""])


def _elements(cells: dict[str, str]) -> Iterator[str]:
    """Write the elements of a record in the schema's order, those of its property together."""
    inside = False
    for name in ELEMENTS:
        if name not in cells:
            continue
        place, _, tag = name.rpartition("/")
        if bool(place) is not inside:
            yield f"  <{'' if place else '/'}{PROPERTY}>"
            inside = bool(place)
        yield f"{'   ' if inside else '  '}<{tag}>{escape(cells[name])}</{tag}>"


def crefc_text(columns: Columns, rows: list[dict[str, str]]) -> str:
    """Write records as a CREFC file: a setup file under its header, a periodic one without."""
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\n")
    is_setup = columns.layout == "crefc_setup"
    letter, count = ("S", len(SETUP_NAMES)) if is_setup else ("L", PERIODIC_FIELDS)
    if is_setup:
        writer.writerow([name or "EMPTY FIELD" for name in SETUP_NAMES])
    for cells in rows:
        writer.writerow([cells.get(f"{letter}{i}", "") for i in range(1, count + 1)])
    return told.getvalue()
