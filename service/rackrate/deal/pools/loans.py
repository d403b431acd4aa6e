"""Loans of a pool: terms, prepayment protection, what secures them, and where they stand."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.debt import DebtRate, InterestOnly, Level, TargetBalance, rate_faults, schedule_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.units import (
    MAX_POINTS,
    DayCount,
    DebtMonths,
    Identifier,
    InterestRate,
    Money,
    Name,
    PositiveMoney,
    Rate,
    Share,
    SignedMoney,
    curve_faults,
    month_index,
    repeated,
)

ShareOfWhole = Annotated[float, unit("share"), Meta(gt=0.0, le=1.0)]
Ratio = Annotated[float, unit("ratio"), Meta(ge=-1000.0, le=1000.0)]  # as somebody else reports it
_Points = Meta(min_length=1, max_length=MAX_POINTS)
SignedCurve = SignedMoney | Annotated[list[tuple[date, SignedMoney]], _Points]
ValueCurve = Money | Annotated[list[tuple[date, Money]], _Points]


class Payment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="payment"):
    """A payment of interest and principal, the same every month."""

    amount: Annotated[PositiveMoney, Meta(description="Payment a month, deal currency.")]


LoanAmortisation = InterestOnly | Level | Payment | TargetBalance

_Until = Annotated[date, Meta(description="Last payment date on which it is in force.")]


class Lockout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="lockout"):
    """No prepayment."""

    until: _Until


class Defeasance(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="defeasance"
):
    """The loan is exchanged for government bonds: its cash flow goes on."""

    until: _Until


class YieldMaintenance(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="yield_maintenance"
):
    """Prepayment at the present value of what the loan would have paid, discounted at the treasury curve."""

    until: _Until
    floor: Annotated[Share, Meta(description="Least premium, share of what is prepaid.")] = 0.0
    spread: Annotated[Rate, Meta(description="Added to the treasury curve, per year.")] = 0.0


class Penalty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="penalty"):
    """Prepayment at a stated premium."""

    until: _Until
    premium: Annotated[Share, Meta(description="Premium, share of what is prepaid.")]


class Open(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="open"):
    """Prepayment without a premium, from here to the end."""


Prepayment = Lockout | Defeasance | YieldMaintenance | Penalty | Open


class TenantShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What share of a property's cash flow a tenant pays."""

    id: Annotated[Identifier, Meta(description="Identifier of the tenant.")]
    share: Annotated[ShareOfWhole, Meta(description="Share of the property's cash flow.")]


class Stated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="stated"):
    """Property of which only totals are known, all of the whole property."""

    noi: Annotated[SignedCurve, Meta(description="Net operating income per year: a number or a curve.")]
    ncf: Annotated[SignedCurve, Meta(description="Net cash flow per year: a number or a curve.")]
    growth: Annotated[Rate, Meta(description="Growth a year from closing, compounding.")] = 0.0
    value: Annotated[ValueCurve, Meta(description="Value: a number or a curve.")]
    value_date: Annotated[date | None, Meta(description="Date of the valuation.")] = None
    tenants: Annotated[
        list[TenantShare], Meta(max_length=200, description="Tenants and their shares; at most 1 in all.")
    ] = []


class Facilities(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="facilities"
):
    """Facilities of the request, let and priced lease by lease."""

    ids: Annotated[list[Identifier], Meta(min_length=1, max_length=50, description="Their identifiers.")]


class GroundLeases(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ground_leases"
):
    """The landlord's fee under ground leases of the request."""

    ids: Annotated[list[Identifier], Meta(min_length=1, max_length=500, description="Their identifiers.")]


Security = Stated | Facilities | GroundLeases


class Subordinate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt on the same property behind the whole loan."""

    balance: Annotated[Money, Meta(description="Balance, deal currency.")]
    rate: Annotated[InterestRate, Meta(description="Interest per year.")]


class Reported(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tape says of the loan, held against what is computed."""

    dscr: Annotated[Ratio | None, Meta(description="Debt service cover on net cash flow.")] = None
    ltv: Annotated[Ratio | None, Meta(description="Loan to value.")] = None


class Status(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the loan stands at closing."""

    arrears_months: Annotated[DebtMonths, Meta(description="Payments missed; from three on in default.")] = 0
    advances: Annotated[Money, Meta(description="Advances outstanding, deal currency.")] = 0.0


class PoolLoan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan of the pool; its balance is the trust's note alone."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the pool.")]
    name: Annotated[Name | None, Meta(description="Name for people to read.")] = None
    originator: Annotated[Name | None, Meta(description="Who made the loan.")] = None
    originated: Annotated[date | None, Meta(description="Date it was made.")] = None
    original_balance: Annotated[Money | None, Meta(description="Balance when made, deal currency.")] = None
    balance: Annotated[Money, Meta(description="Balance at closing of the trust's note, deal currency.")]
    rate: Annotated[DebtRate, Meta(description="Interest per year: a number, or a margin over base_rate.")]
    day_count: Annotated[DayCount, Meta(description="How interest accrues.")]
    maturity: Annotated[date, Meta(description="Maturity.")]
    ard: Annotated[date | None, Meta(description="Anticipated repayment date; none if absent.")] = None
    interest_only_months: Annotated[
        DebtMonths, Meta(description="Months without repayment left from closing.")
    ] = 0
    amortisation: Annotated[LoanAmortisation, Meta(description="How principal is repaid afterwards.")]
    prepayment: Annotated[
        list[Prepayment], Meta(max_length=20, description="Protection in order of time; open after it.")
    ] = []
    fee_rate: Annotated[Share, Meta(description="Servicing and trustee fee of the balance, per year.")] = 0.0
    pari_passu_share: Annotated[ShareOfWhole, Meta(description="This note's share of the whole loan.")] = 1.0
    subordinate: Annotated[Subordinate | None, Meta(description="Debt behind the whole loan.")] = None
    sponsor: Annotated[Identifier | None, Meta(description="Who stands behind the borrower.")] = None
    market: Annotated[Identifier | None, Meta(description="Market the property is in, a label.")] = None
    property_type: Annotated[Identifier | None, Meta(description="Type of property, a label.")] = None
    security: Annotated[Security, Meta(description="What secures the loan.")]
    reported: Annotated[Reported | None, Meta(description="What the tape says of it.")] = None
    status: Annotated[Status, Meta(description="Where it stands at closing.")] = Status()


def tenant_share_faults(tenants: list[TenantShare], at: str) -> Iterator[FieldError]:
    """Yield tenants named twice, and shares that add up to more than all."""
    yield from repeated([tenant.id for tenant in tenants], f"{at}/{{}}/id", "the tenant")
    total = sum(tenant.share for tenant in tenants)
    if total > 1.0 + 1e-9:
        yield FieldError(at, f"the shares add up to {total:g}: at most 1")


def _protection_faults(loan: PoolLoan, has_treasury: bool, at: str) -> Iterator[FieldError]:
    before: date | None = None
    for i, entry in enumerate(loan.prepayment):
        if isinstance(entry, Open):
            if i + 1 < len(loan.prepayment):
                yield FieldError(f"{at}/{i}/kind", "open lasts to the end: nothing can follow it")
            continue
        if before is not None and entry.until <= before:
            yield FieldError(f"{at}/{i}/until", f"dates must ascend: {entry.until} follows {before}")
        if isinstance(entry, YieldMaintenance) and not has_treasury:
            yield FieldError(f"{at}/{i}/kind", "yield maintenance needs /market/treasury")
        before = entry.until


def _security_faults(security: Security, at: str) -> Iterator[FieldError]:
    if isinstance(security, Stated):
        for name in ("noi", "ncf", "value"):
            yield from curve_faults(getattr(security, name), f"{at}/{name}")
        yield from tenant_share_faults(security.tenants, f"{at}/tenants")
    else:
        yield from repeated(security.ids, f"{at}/ids/{{}}", "the identifier")


def loan_faults(loan: PoolLoan, closing: date, has_treasury: bool, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one loan."""
    yield from rate_faults(loan.rate, f"{at}/rate")
    if not isinstance(loan.amortisation, Payment):
        yield from schedule_faults(loan.amortisation, f"{at}/amortisation")
    maturity = month_index(loan.maturity, closing)
    if maturity < 1:
        yield FieldError(f"{at}/maturity", f"matured: {loan.maturity} is not after closing")
    ard = None if loan.ard is None else month_index(loan.ard, closing)
    if ard is not None and not 1 <= ard < max(maturity, 1):
        yield FieldError(f"{at}/ard", f"{loan.ard} is not between closing and maturity")
    yield from _protection_faults(loan, has_treasury, f"{at}/prepayment")
    yield from _security_faults(loan.security, f"{at}/security")


Protection = Literal["lockout", "defeasance", "yield_maintenance", "penalty", "open"]
