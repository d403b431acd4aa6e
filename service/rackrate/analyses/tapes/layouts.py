"""Layouts of loan tapes as data: which column of each says what of a loan.

Elements are those of Regulation AB, Schedule AL, item 2 (17 CFR 229.1125), as EX-102 spells them, slips
included; `property/` marks those of a property. S and L are field numbers of the loan setup file and of the
loan periodic update of the CRE Finance Council's investor reporting package.
"""

from collections.abc import Iterator

from msgspec import Struct

from rackrate.analyses.tapes.records import DateFormat
from rackrate.deal.answers.tape import Basis, Layout

Column = str | None


class Figures(Struct, frozen=True, kw_only=True):
    """Columns of a property's figures as of one date."""

    noi: Column
    ncf: Column
    value: Column
    value_date: Column
    dscr: Column
    occupancy: Column = None
    start: Column = None
    end: Column = None


class Tenancy(Struct, frozen=True, kw_only=True):
    """Columns of one of a property's largest tenants."""

    name: str
    area: str
    expiry: str


class Columns(Struct, frozen=True, kw_only=True):
    """Columns of a layout by what they say; None where it has none, first choices first where several."""

    layout: Layout
    dates: DateFormat
    id: str
    balance: tuple[str, ...]
    rate: tuple[str, ...]
    maturity: str
    fees: tuple[str, ...]
    originator: Column = None
    originated: Column = None
    original_balance: Column = None
    rate_type: Column = None
    margin: Column = None
    margin_has_unit: bool = True
    cap: Column = None
    floor: Column = None
    day_count: Column = None
    ard: Column = None
    interest_only: Column = None
    amortisation: Column = None
    payment_type: Column = None
    first_due: Column = None
    period_end: Column = None
    original_term: Column = None
    remaining_term: Column = None
    lockout: Column = None
    yield_maintenance: Column = None
    premiums: Column = None
    defeasance: Column = None
    defeased: Column = None
    structure: Column = None
    lien: Column = None
    securitisation: Figures | None = None
    most_recent: Figures | None = None
    property_type: Column = None
    market: Column = None
    name: Column = None
    city: Column = None
    area: Column = None
    tenants: tuple[Tenancy, ...] = ()
    status: Column = None
    missed: dict[str, int] = {}
    advances: tuple[str, ...] = ()

    def all(self) -> Iterator[str]:
        """Yield every column."""
        for name in self.__struct_fields__:
            if name not in ("layout", "dates", "missed", "margin_has_unit"):
                yield from _names(getattr(self, name))


def _names(item: object) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, tuple):
        for each in item:
            yield from _names(each)
    elif isinstance(item, Figures | Tenancy):
        for name in item.__struct_fields__:
            yield from _names(getattr(item, name))


_MISSED = {"A": 0, "B": 0, "0": 0, "4": 0, "1": 1, "2": 2, "3": 3, "5": 3}
_P = "property/"


def _tenancy(which: str) -> Tenancy:
    """Columns of the largest tenant, or of the second or third.

    >>> _tenancy("second").area
    'property/squareFeetSecondLargestTenantNumber'
    """
    rank = f"{which.capitalize()}Largest" if which else "Largest"
    return Tenancy(
        name=f"{_P}{rank[0].lower()}{rank[1:]}Tenant",
        area=f"{_P}squareFeet{rank}TenantNumber",
        expiry=f"{_P}leaseExpiration{rank}TenantDate",
    )


SCHEDULE_AL = Columns(
    layout="schedule_al",
    dates="month first",
    id="assetNumber",
    originator="originatorName",
    originated="originationDate",
    original_balance="originalLoanAmount",
    balance=("reportPeriodEndScheduledLoanBalanceAmount", "scheduledPrincipalBalanceSecuritizationAmount"),
    rate=("reportPeriodInterestRatePercentage", "interestRateSecuritizationPercentage"),
    rate_type="originalInterestRateTypeCode",
    margin="armMarginNumber",
    margin_has_unit=False,
    cap="lifetimeRateCapPercentage",
    floor="lifetimeRateFloorPercentage",
    day_count="interestAccrualMethodCode",
    maturity="maturityDate",
    ard="hyperAmortizingDate",
    interest_only="originalInterestOnlyTermNumber",
    amortisation="originalAmortizationTermNumber",
    payment_type="paymentTypeCode",
    first_due="firstLoanPaymentDueDate",
    period_end="reportingPeriodEndDate",
    lockout="prepaymentLockOutEndDate",
    yield_maintenance="yieldMaintenanceEndDate",
    premiums="prepaymentPremiumsEndDate",
    defeasance=f"{_P}defeasanceOptionStartDate",
    defeased=f"{_P}DefeasedStatusCode",
    fees=("servicerTrusteeFeeRatePercentage",),
    structure="loanStructureCode",
    lien="lienPositionSecuritizationCode",
    securitisation=Figures(
        noi=f"{_P}netOperatingIncomeSecuritizationAmount",
        ncf=f"{_P}netCashFlowFlowSecuritizationAmount",
        value=f"{_P}valuationSecuritizationAmount",
        value_date=f"{_P}valuationSecuritizationDate",
        dscr=f"{_P}debtServiceCoverageNetCashFlowSecuritizationPercentage",
        occupancy=f"{_P}physicalOccupancySecuritizationPercentage",
    ),
    most_recent=Figures(
        noi=f"{_P}mostRecentNetOperatingIncomeAmount",
        ncf=f"{_P}mostRecentNetCashFlowAmount",
        value=f"{_P}mostRecentValuationAmount",
        value_date=f"{_P}mostRecentValuationDate",
        dscr=f"{_P}mostRecentDebtServiceCoverageNetCashFlowpercentage",
        occupancy=f"{_P}mostRecentPhysicalOccupancyPercentage",
        start=f"{_P}mostRecentFinancialsStartDate",
        end=f"{_P}mostRecentFinancialsEndDate",
    ),
    property_type=f"{_P}propertyTypeCode",
    market=f"{_P}propertyState",
    name=f"{_P}propertyName",
    city=f"{_P}propertyCity",
    area=f"{_P}netRentableSquareFeetNumber",
    tenants=(_tenancy(""), _tenancy("second"), _tenancy("third")),
    status="paymentStatusLoanCode",
    missed=_MISSED,
    advances=(
        "totalPrincipalInterestAdvancedOutstandingAmount",
        "totalTaxesInsuranceAdvancesOutstandingAmount",
        "otherExpensesAdvancedOutstandingAmount",
    ),
)
CREFC_SETUP = Columns(
    layout="crefc_setup",
    dates="compact",
    id="S4",
    originator="S86",
    originated="S91",
    original_balance="S5",
    balance=("S44",),
    rate=("S45",),
    rate_type="S14",
    margin="S25",
    cap="S26",
    floor="S27",
    day_count="S15",
    maturity="S43",
    ard="S79",
    interest_only="S92",
    amortisation="S7",
    payment_type="S17",
    original_term="S6",
    remaining_term="S41",
    lockout="S18",
    yield_maintenance="S19",
    premiums="S20",
    defeasance="S80",
    fees=("S46", "S47", "S48", "S49", "S50", "S51"),
    structure="S90",
    lien="S78",
    securitisation=Figures(noi="S65", ncf="S83", value="S67", value_date="S68", dscr="S84", occupancy="S69"),
    property_type="S61",
    market="S58",
)
CREFC_PERIODIC = Columns(
    layout="crefc_periodic",
    dates="compact",
    id="L4",
    balance=("L7",),
    rate=("L10",),
    maturity="L11",
    fees=("L12", "L13", "L14", "L15", "L16", "L17"),
    most_recent=Figures(
        noi="L68", ncf="L96", value="L75", value_date=None, dscr="L97", start="L72", end="L73"
    ),
    status="L40",
    missed=_MISSED | {"6": 3},
    advances=("L37", "L38", "L39"),
)
LAYOUTS: dict[Layout, Columns] = {each.layout: each for each in (SCHEDULE_AL, CREFC_SETUP, CREFC_PERIODIC)}


def figures_of(columns: Columns, basis: Basis) -> Figures:
    """Columns of a property's figures that a basis asks for first."""
    found = columns.most_recent if basis == "most_recent" else columns.securitisation
    return found or columns.securitisation or columns.most_recent or _NONE


_NONE = Figures(noi=None, ncf=None, value=None, value_date=None, dscr=None)
