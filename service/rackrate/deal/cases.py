"""Cases: named sets of adjustments to a deal's inputs."""

from collections.abc import Iterator
from typing import Annotated, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import (
    CapitalisationRate,
    DebtMonths,
    Factor,
    Haircut,
    Identifier,
    Rate,
    Share,
    SignedPrice,
    UnitPrice,
    repeated,
)

ISSUER = "issuer"  # the case in which nothing is adjusted; it always exists
Default = TypeVar("Default", str, str | None)


class NamesCase(Protocol):
    """A part of a deal that may name the case it is held in."""

    @property
    def case(self) -> str | None:
        """Name of the case; None for the default."""


class TenantDefault(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant that stops paying in a given month, whatever its credit."""

    tenant: Annotated[Identifier, Meta(description="Identifier of the tenant.")]
    month: Annotated[DebtMonths, Meta(description="Month from closing in which it defaults.")]


class Case(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Adjustments to a deal's inputs, applied in the order of the fields; what is absent stays as it is."""

    name: Annotated[Identifier, Meta(description="Name of the case; replaces the ruleset's of that name.")]
    rent_haircut: Annotated[Haircut | None, Meta(description="Cut of contract rent, share.")] = None
    market_rent_haircut: Annotated[Haircut | None, Meta(description="Cut of market rent, share.")] = None
    ncf_haircut: Annotated[Haircut | None, Meta(description="Cut of positive net cash flow, share.")] = None
    vacancy_floor: Annotated[
        Share | None, Meta(description="Least vacancy, share of capacity; the facility's if that is higher.")
    ] = None
    renewal_factor: Annotated[
        Factor | None, Meta(description="Multiplies renewal probability, which stays at most 1.")
    ] = None
    downtime_add_months: Annotated[
        DebtMonths | None, Meta(description="Added to both downtimes, months.")
    ] = None
    credit: Annotated[bool | None, Meta(description="Whether tenants default with their probabilities.")] = (
        None
    )
    pd_multiplier: Annotated[Factor | None, Meta(description="Multiplies every hazard of default.")] = None
    tenant_defaults: Annotated[
        Annotated[list[TenantDefault], Meta(max_length=2000)] | None,
        Meta(description="Tenants that default, and when."),
    ] = None
    power_price_factor: Annotated[Factor | None, Meta(description="Multiplies the power index.")] = None
    power_price_add: Annotated[
        SignedPrice | None,
        unit("money/MWh"),
        Meta(description="Added to the power index after the factor, per MWh."),
    ] = None
    utilisation_factor: Annotated[Factor | None, Meta(description="Multiplies average and peak draw.")] = None
    pue_add: Annotated[Rate | None, unit("ratio"), Meta(description="Added to the PUE.")] = None
    opex_factor: Annotated[Factor | None, Meta(description="Multiplies operating costs.")] = None
    management_fee_floor: Annotated[
        Share | None, Meta(description="Least management fee, share of income less power recovery.")
    ] = None
    capex_reserve_floor: Annotated[
        UnitPrice | None,
        unit("money/kW-year"),
        Meta(description="Least capital reserve per kW of capacity and year."),
    ] = None
    rate_add: Annotated[
        Rate | None, Meta(description="Added to the base rate, fixed rates and the refinance rate, per year.")
    ] = None
    cap_rate: Annotated[
        CapitalisationRate | None, Meta(description="Values the deal at closing NCF over this rate.")
    ] = None
    discount_rate: Annotated[
        Rate | None, Meta(description="Values the deal at NPV with this rate, per year.")
    ] = None


ADJUSTMENTS: tuple[str, ...] = tuple(
    name for name in Case.__struct_fields__ if name not in ("name", *Part.__struct_fields__)
)


MOVABLE = tuple(name for name in ADJUSTMENTS if name not in ("credit", "tenant_defaults"))
"""Adjustments that are a number."""


class Stress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An adjustment at one value, under a name to be shown."""

    name: Annotated[Identifier, Meta(description="Name of the stress.")]
    adjustment: Annotated[str, Meta(max_length=96, description="An adjustment of a case that is a number.")]
    value: Annotated[float, unit("as-stated"), Meta(ge=-1000.0, le=1000.0, description="Its value.")]


def value_fault(name: str, value: float) -> str | None:
    """Say why a case could not have this value of an adjustment; None where it could."""
    try:
        msgspec.convert({"name": "point", name: round(value) if value.is_integer() else value}, Case)
    except msgspec.ValidationError as fault:
        return str(fault).partition(" - at ")[0]
    return None


def case_of(part: NamesCase, default: Default) -> str | Default:
    """Return the case that a test, a limit or a class is held in: its own, else the default."""
    return default if part.case is None else part.case


def case_faults(cases: list[Case], tenants: set[str], at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in the cases of a request."""
    yield from repeated([case.name for case in cases], f"{at}/{{}}/name", "the case")
    for i, case in enumerate(cases):
        if case.name == ISSUER:
            yield FieldError(
                f"{at}/{i}/name", "the issuer case is the deal unadjusted and cannot be replaced"
            )
        named = [default.tenant for default in case.tenant_defaults or []]
        yield from repeated(named, f"{at}/{i}/tenant_defaults/{{}}/tenant", "the tenant")
        for k, tenant in enumerate(named):
            if tenant not in tenants:
                yield FieldError(f"{at}/{i}/tenant_defaults/{k}/tenant", f"no tenant {tenant!r} in the deal")
