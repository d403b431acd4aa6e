"""Series of an answer: waterfall, cash flow and power supply, period by period."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from rackrate.deal.measures import unit

Series = list[float]


class ClassRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class through the waterfall, deal currency by period."""

    name: Annotated[str, Meta(description="Name of the class.")]
    interest_due: Annotated[
        Series, unit("money"), Meta(description="Interest due, unpaid interest of before included.")
    ]
    interest_paid: Annotated[Series, unit("money"), Meta(description="Interest paid.")]
    capitalised: Annotated[
        Series, unit("money"), Meta(description="Interest deferred and added to the balance.")
    ]
    principal_paid: Annotated[Series, unit("money"), Meta(description="Principal paid.")]
    additional_paid: Annotated[Series, unit("money"), Meta(description="Additional interest paid.")]
    balance: Annotated[Series, unit("money"), Meta(description="Balance after the payment.")]
    interest_unpaid: Annotated[
        Series, unit("money"), Meta(description="Interest still unpaid after the payment.")
    ]
    principal_loss: Annotated[
        float, unit("money"), Meta(description="Principal unpaid after legal final, deal currency.")
    ]
    first_shortfall: Annotated[
        date | None,
        Meta(
            description="First payment date that leaves interest unpaid, or legal final if principal is;"
            " deferred interest is not unpaid. Null if never."
        ),
    ]
    ltv_trigger: Annotated[
        date | None,
        Meta(description="First payment date on which its LTV trigger is tripped; null if never."),
    ]


class TriggerDates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """First payment date on which each DSCR trigger is tripped; null if never."""

    trap: Annotated[date | None, Meta(description="Cash is trapped.")]
    amortise: Annotated[
        date | None, Meta(description="All classes amortise; a sweep after a failed ARD alone is no trip.")
    ]
    pik: Annotated[date | None, Meta(description="Deferrable interest is deferred.")]


class ArdEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened on the anticipated repayment date."""

    month: Annotated[int, unit("months"), Meta(description="Month from closing.")]
    refinanced: Annotated[bool, Meta(description="Whether the debt was refinanced.")]
    balance: Annotated[float, unit("money"), Meta(description="Debt outstanding on the date, deal currency.")]
    proceeds: Annotated[
        float, unit("money"), Meta(description="What was repaid, deal currency; 0 if not refinanced.")
    ]


class WaterfallRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every account and class by period, deal currency; zero after refinancing."""

    case: Annotated[
        str | None, Meta(description="Case of the run; null for a cash flow of the client's own.")
    ]
    date: Annotated[list[date], Meta(description="Payment dates.")]
    available: Annotated[Series, unit("money"), Meta(description="Cash that came in.")]
    fees: Annotated[Series, unit("money"), Meta(description="Fees paid ahead of interest.")]
    uncapped_fees: Annotated[Series, unit("money"), Meta(description="Fees paid behind principal.")]
    reserve: Annotated[Series, unit("money"), Meta(description="Liquidity reserve after the payment date.")]
    trap: Annotated[Series, unit("money"), Meta(description="Trapped cash after the payment date.")]
    equity: Annotated[Series, unit("money"), Meta(description="Paid to equity.")]
    dscr_actual: Annotated[
        list[float | None],
        unit("ratio"),
        Meta(description="Cover on actual service; null before it is known."),
    ]
    dscr_assumed: Annotated[
        list[float | None],
        unit("ratio"),
        Meta(description="Cover on assumed amortisation; null without a constant."),
    ]
    service_actual: Annotated[
        Series,
        unit("money"),
        Meta(
            description="Debt service that dscr_actual divides by: interest accrued and scheduled principal, "
            "of three months where periods are months; 0 before it is known and where nothing is owed."
        ),
    ]
    service_assumed: Annotated[
        list[float | None],
        unit("money"),
        Meta(
            description="Debt service that dscr_assumed divides by: the constant on the balance, over the "
            "same months; null without a constant."
        ),
    ]
    trapping: Annotated[list[bool], Meta(description="Whether cash is trapped.")]
    amortising: Annotated[
        list[bool], Meta(description="Whether classes amortise by trigger or after the ARD.")
    ]
    sweeping: Annotated[list[bool], Meta(description="Whether classes amortise by the trigger.")]
    pik: Annotated[list[bool], Meta(description="Whether deferrable interest is deferred.")]
    ard: Annotated[
        ArdEvent | None,
        Meta(
            description="Anticipated repayment; null if nothing was outstanding, or the ARD is legal final."
        ),
    ]
    triggers: Annotated[TriggerDates, Meta(description="When each DSCR trigger first trips.")]
    sale: Annotated[
        float, unit("money"), Meta(description="Sale proceeds at legal final net of costs; 0 if none.")
    ]
    classes: Annotated[list[ClassRun], Meta(description="The classes, most senior first.")]


class FacilityCashFlow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cash flow lines of one facility by month."""

    id: Annotated[str, Meta(description="Identifier of the facility.")]
    lines: Annotated[
        dict[str, Series], unit("money"), Meta(description="Line by name, deal currency by month.")
    ]


class CashFlow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cash flow lines by month, from rent down to what is available to the waterfall."""

    case: Annotated[str, Meta(description="Case of the run.")]
    date: Annotated[list[date], Meta(description="Payment dates.")]
    lines: Annotated[
        dict[str, Series], unit("money"), Meta(description="Line by name, deal currency by month.")
    ]
    facilities: Annotated[
        list[FacilityCashFlow] | UnsetType, Meta(description="The same by facility, where asked for.")
    ] = UNSET


class PowerRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Power used, bought and recovered by month."""

    load_mwh: Annotated[Series, unit("MWh"), Meta(description="Load, MWh.")]
    unhedged_mwh: Annotated[Series, unit("MWh"), Meta(description="Bought at the index, MWh.")]
    cost: Annotated[Series, unit("money"), Meta(description="Power cost, deal currency.")]
    recovery: Annotated[Series, unit("money"), Meta(description="Recovered from tenants, deal currency.")]
    shortfall: Annotated[Series, unit("money"), Meta(description="Paid for and not used, deal currency.")]
    hedged_share: Annotated[
        float | None,
        unit("share"),
        Meta(description="Share of load hedged over the term; null without load."),
    ]


class OwnTranche(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class paid from a cash flow of the client's own."""

    name: Annotated[str, Meta(description="Name of the class.")]
    wal: Annotated[float | None, unit("years"), Meta(description="Weighted average life on the run, years.")]
    yield_: Annotated[
        float | None, unit("rate"), Meta(description="Nominal yield at the price on the run, per year.")
    ] = field(name="yield")
    duration: Annotated[float | None, unit("years"), Meta(description="Modified duration on the run, years.")]
    principal_loss: Annotated[
        float, unit("money"), Meta(description="Principal unpaid after legal final, deal currency.")
    ]
    interest_unpaid: Annotated[
        float, unit("money"), Meta(description="Interest unpaid after legal final, deal currency.")
    ]
