"""Market curves: power index, inflation, base rate."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import Identifier, IndexCurve, RateCurve, curve_faults


class Market(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The curves a deal is priced on: each a number, or ascending [date, value] pairs."""

    power_index: Annotated[IndexCurve, unit("money/MWh"), Meta(description="Wholesale power price, per MWh.")]
    cpi: Annotated[RateCurve, Meta(description="Inflation per year, share.")]
    base_rate: Annotated[RateCurve, Meta(description="Index of floating rates, per year.")]
    power_hub: Annotated[
        Identifier | None, Meta(description="Hub that power_index quotes, the same name in every deal.")
    ] = None


def market_faults(market: Market, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in the curves."""
    yield from curve_faults(market.power_index, f"{at}/power_index")
    yield from curve_faults(market.cpi, f"{at}/cpi")
    yield from curve_faults(market.base_rate, f"{at}/base_rate")
