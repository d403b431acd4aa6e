"""Operating costs of a facility, and fees of the debt."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import Identifier, Money, MoneyCurve, Rate, Share, UnitPrice, curve_faults


class OperatingCost(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operating cost line of a facility: an amount per year, or per occupied kW and month."""

    name: Annotated[Identifier, Meta(description="Name of the line, unique in the facility.")]
    annual: Annotated[
        MoneyCurve | None,
        unit("money/year"),
        Meta(description="Amount per year, deal currency; a curve, so that an abatement can burn off."),
    ] = None
    per_kw_month: Annotated[
        UnitPrice | None,
        unit("money/kW-month"),
        Meta(description="Amount per occupied kW and month, deal currency."),
    ] = None
    growth: Annotated[Rate, Meta(description="Yearly growth from closing, share.")] = 0.0


class Fee(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee of the debt: a fixed amount and a share of the balance, ahead of interest up to a cap."""

    name: Annotated[Identifier, Meta(description="Name of the fee.")]
    annual: Annotated[Money, unit("money/year"), Meta(description="Fixed amount per year, deal currency.")]
    rate: Annotated[Share, unit("rate"), Meta(description="Share of the opening balance per year.")]
    cap_annual: Annotated[
        Money | None,
        unit("money/year"),
        Meta(description="Most paid ahead of interest per year, deal currency; no cap if absent."),
    ] = None
    senior: Annotated[
        bool, Meta(description="Whether it is paid ahead of interest; otherwise with the uncapped fees.")
    ] = True


def cost_faults(cost: OperatingCost, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one operating cost."""
    if (cost.annual is None) == (cost.per_kw_month is None):
        yield FieldError(at, "needs exactly one of annual, per_kw_month")
    if cost.annual is not None:
        yield from curve_faults(cost.annual, f"{at}/annual")
