"""Classes of certificates: their limits and coupons."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.debt import FloatingRate
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.units import (
    Cover,
    DayCount,
    DebtYield,
    Identifier,
    InterestRate,
    Ltv,
    Money,
    NotePrice,
    Rate,
    Share,
)

_LimitCase = Annotated[Identifier | None, Meta(description="Case held in; the class's if absent.")]


class Capacity(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="capacity"
):
    """The pool's capacity of a category."""

    category: Annotated[Identifier, Meta(description="Category of the pool ruleset.")]


class CreditEnhancement(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="credit_enhancement"
):
    """Share of the pool behind the class, at least."""

    limit: Annotated[Share, Meta(description="Least credit enhancement.")]


class PoolLtv(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="max_ltv"):
    """Cumulative principal over the pool's share of value, at most."""

    limit: Annotated[Ltv, Meta(description="Greatest loan to value.")]


class PoolDebtYield(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_debt_yield"
):
    """The pool's share of net cash flow over cumulative principal, at least."""

    limit: Annotated[DebtYield, Meta(description="Least debt yield, per year.")]


class PoolDscr(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_dscr"
):
    """The pool's share of net cash flow over a year's coupon, at least."""

    limit: Annotated[Cover, Meta(description="Least debt service cover.")]


CertificateLimit = Capacity | CreditEnhancement | PoolLtv | PoolDebtYield | PoolDscr


class CertificateCoupon(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coupon: a rate or a margin, perhaps capped at the pool's rate, or the pool's rate less something."""

    rate: Annotated[InterestRate | None, Meta(description="Per year.")] = None
    margin: Annotated[Rate | None, Meta(description="Over market.base_rate, per year.")] = None
    floor: Annotated[Rate | None, Meta(description="Least base rate, per year.")] = None
    cap: Annotated[Rate | None, Meta(description="Greatest base rate, per year.")] = None
    wac_cap: Annotated[bool, Meta(description="At most the pool's rate of the month.")] = False
    wac_less: Annotated[Rate | None, Meta(description="The pool's rate less this, per year.")] = None

    @property
    def contracted(self) -> float | FloatingRate:
        """The rate before any cap at the pool's; 0 where it is the pool's less something."""
        if self.margin is not None:
            return FloatingRate(margin=self.margin, floor=self.floor, cap=self.cap)
        return self.rate or 0.0


class Certificate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class: of principal with a rank and a coupon, or an interest strip of others (`io`)."""

    name: Annotated[Identifier, Meta(description="Name, unique in the structure.")]
    rank: Annotated[
        Annotated[int, unit("count"), Meta(ge=1, le=50)] | None,
        Meta(description="Rank of a class of principal, 1 first."),
    ] = None
    coupon: Annotated[
        InterestRate | CertificateCoupon | None, Meta(description="Coupon of a class of principal.")
    ] = None
    day_count: Annotated[DayCount, Meta(description="How interest accrues.")] = "30/360"
    io: Annotated[
        Annotated[list[Identifier], Meta(min_length=1, max_length=50)] | None,
        Meta(description="Classes whose excess interest it is paid; for a strip alone."),
    ] = None
    limits: Annotated[list[CertificateLimit], Meta(max_length=20, description="What sizes it.")] = []
    principal: Annotated[Money | None, Meta(description="Principal, where it is not sized.")] = None
    residual: Annotated[bool, Meta(description="Whether it takes what the others leave.")] = False
    case: Annotated[Identifier | None, Meta(description="Case it is sized in.")] = None
    controls: Annotated[bool, Meta(description="Whether it may control special servicing.")] = False
    horizontal: Annotated[bool, Meta(description="Whether it is retained horizontally.")] = False
    price: Annotated[NotePrice, Meta(description="Price per 1 of principal or notional.")] = 1.0


def coupon_faults(coupon: InterestRate | CertificateCoupon | None, at: str) -> Iterator[FieldError]:
    """Yield a coupon that is not one of a fixed, a floating and a net rate, or whose limits contradict it."""
    if not isinstance(coupon, CertificateCoupon):
        return
    given = [name for name in ("rate", "margin", "wac_less") if getattr(coupon, name) is not None]
    if len(given) != 1:
        yield FieldError(at, "needs one of rate, margin, wac_less")
    if coupon.margin is None and not (coupon.floor is None and coupon.cap is None):
        yield FieldError(f"{at}/margin", "required with floor and cap")
    if coupon.floor is not None and coupon.cap is not None and coupon.floor > coupon.cap:
        yield FieldError(f"{at}/cap", f"below the floor {coupon.floor:g}")
