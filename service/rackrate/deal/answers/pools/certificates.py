"""Certificates on a pool: figures of each class, its run, break-evens, risk retention."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from rackrate.deal.answers.tranches import Attachment
from rackrate.deal.measures import unit


class CertificateRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class by payment date."""

    name: Annotated[str, Meta(description="Name of the class.")]
    coupon: Annotated[
        list[float], unit("rate"), Meta(description="Coupon, per year; of a strip on its notional.")
    ]
    interest_due: Annotated[
        list[float], unit("money"), Meta(description="Interest due, unpaid interest included.")
    ]
    interest_paid: Annotated[list[float], unit("money"), Meta(description="Interest paid.")]
    interest_unpaid: Annotated[
        list[float], unit("money"), Meta(description="Interest unpaid after the month.")
    ]
    principal_paid: Annotated[list[float], unit("money"), Meta(description="Principal paid.")]
    premium_paid: Annotated[list[float], unit("money"), Meta(description="Prepayment premiums paid.")]
    reimbursed: Annotated[list[float], unit("money"), Meta(description="Written-down principal made good.")]
    written_down: Annotated[list[float], unit("money"), Meta(description="Principal written down.")]
    balance: Annotated[list[float], unit("money"), Meta(description="Balance after the month.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal never repaid.")]


class PoolWaterfall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificates in the reported scenario, by payment date."""

    scenario: Annotated[str, Meta(description="Name of the scenario.")]
    date: Annotated[list[date], Meta(description="Payment dates.")]
    cash: Annotated[list[float], unit("money"), Meta(description="Interest and principal funds.")]
    fees: Annotated[list[float], unit("money"), Meta(description="Fees paid.")]
    reserve: Annotated[list[float], unit("money"), Meta(description="Reserve after the month.")]
    residual: Annotated[list[float], unit("money"), Meta(description="What is left for the residual.")]
    premiums_residual: Annotated[
        list[float], unit("money"), Meta(description="Premiums left for the residual.")
    ]
    deficit: Annotated[
        list[float], unit("money"), Meta(description="Negative cash carried to the next month.")
    ]
    tripped: Annotated[list[bool], Meta(description="Whether a trigger is tripped.")]
    controlling: Annotated[list[str | None], Meta(description="Controlling class; null for none.")]
    classes: Annotated[list[CertificateRun], Meta(description="Every class.")]


class FirstLossPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a class is first left unpaid."""

    value: Annotated[float | None, unit("as-stated"), Meta(description="The point; null unless solved.")]
    status: Annotated[
        Literal["solved", "never", "at_once", "not_applicable"], Meta(description="What was found.")
    ]


class ClassBreakEven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far each may go before a class is left unpaid, in the reported scenario."""

    cdr_multiple: Annotated[FirstLossPoint, Meta(description="Multiple of the default rates.")]
    severity: Annotated[FirstLossPoint, Meta(description="Severity of every default.")]
    ncf_haircut: Annotated[FirstLossPoint, Meta(description="Uniform cut of net cash flow and values.")]


class CertificateFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class: size, position, cover, life, yield, and the stress it withstands."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[float, unit("money"), Meta(description="Principal; 0 of a strip.")]
    notional: Annotated[float | None, unit("money"), Meta(description="Notional of a strip.")]
    rank: Annotated[int | None, unit("count"), Meta(description="Rank; null of a strip.")]
    coupon: Annotated[float | None, unit("rate"), Meta(description="Coupon of the first month, per year.")]
    price: Annotated[float, unit("ratio"), Meta(description="Price per 1 of principal or notional.")]
    yield_: Annotated[float | None, unit("rate"), Meta(description="Nominal monthly yield, per year.")] = (
        field(name="yield")
    )
    duration: Annotated[float | None, unit("years"), Meta(description="Modified duration, years.")]
    attachment: Annotated[Attachment | None, Meta(description="Where the class begins.")]
    detachment: Annotated[Attachment | None, Meta(description="Where the class ends.")]
    credit_enhancement: Annotated[
        float | None, unit("share"), Meta(description="Share of the pool behind it.")
    ]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Cumulative loan to value.")]
    dscr: Annotated[float | None, unit("ratio"), Meta(description="Cumulative debt service cover.")]
    debt_yield: Annotated[float | None, unit("rate"), Meta(description="Cumulative debt yield, per year.")]
    supports: Annotated[str | None, Meta(description="Best category it fits; model-implied, not a rating.")]
    wal: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life, reported scenario, years.")
    ]
    wal_contract: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life by contract, years.")
    ]
    window: Annotated[list[date] | None, Meta(description="First and last date principal is paid.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal never repaid.")]
    interest_unpaid: Annotated[float, unit("money"), Meta(description="Interest never paid.")]
    break_even: Annotated[ClassBreakEven | None, Meta(description="Break-evens; null of a strip.")]


class RetainedClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is retained of a class."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[
        float, unit("money"), Meta(description="Principal, or notional of a strip, retained.")
    ]


class RetentionFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Risk retention."""

    kind: Annotated[Literal["vertical", "horizontal"], Meta(description="Of every class, or of the last.")]
    share: Annotated[float, unit("share"), Meta(description="Share asked for.")]
    fair_value: Annotated[float, unit("money"), Meta(description="Fair value of all classes.")]
    retained_share: Annotated[float, unit("share"), Meta(description="Share retained.")]
    passes: Annotated[bool, Meta(description="Whether that is enough.")]
    retained: Annotated[list[RetainedClass], Meta(description="By class.")]
