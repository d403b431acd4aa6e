"""Power supply contracts of a facility, applied in the order listed to what is still unserved."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import Identifier, Kw, Mw, Rate, Share, SignedPrice, UnitPrice

_Escalation = Annotated[
    Rate,
    Meta(description="Yearly increase of the contract's prices and charges from its start, share."),
]
_Start = Annotated[date | None, Meta(description="First day of supply; closing if absent.")]
_Counterparty = Annotated[
    Identifier | None, Meta(description="Who supplies, the same name in every deal; no figure depends on it.")
]
_End = Annotated[date | None, Meta(description="First day no longer supplied; for ever if absent.")]


class FixedBlock(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed_block"
):
    """A take-or-pay block: all of it is paid for, what is not used is sold at a share of the index."""

    mw: Annotated[Mw, Meta(description="Size of the block, MW in every hour.")]
    price_per_mwh: Annotated[
        SignedPrice, unit("money/MWh"), Meta(description="Price per MWh at the contract's start.")
    ]
    resale_share: Annotated[
        Share, Meta(description="Share of the index price at which the unused part is sold.")
    ] = 0.0
    escalation: _Escalation = 0.0
    start: _Start = None
    end: _End = None
    counterparty: _Counterparty = None


class FullRequirements(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="full_requirements"
):
    """Whatever is still unserved, at a price."""

    price_per_mwh: Annotated[
        SignedPrice, unit("money/MWh"), Meta(description="Price per MWh at the contract's start.")
    ]
    escalation: _Escalation = 0.0
    start: _Start = None
    end: _End = None
    counterparty: _Counterparty = None


class Indexed(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="indexed"):
    """Whatever is still unserved, or up to a block, at the index plus an adder."""

    adder: Annotated[
        SignedPrice,
        unit("money/MWh"),
        Meta(description="Added to the index, per MWh at the contract's start."),
    ]
    mw: Annotated[Mw | None, Meta(description="Most it supplies, MW; no limit if absent.")] = None
    escalation: _Escalation = 0.0
    start: _Start = None
    end: _End = None
    counterparty: _Counterparty = None


class Tariff(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="tariff"):
    """A utility tariff: energy, a demand charge with ratchet and minimum take, and a fixed charge."""

    price_per_mwh: Annotated[
        SignedPrice, unit("money/MWh"), Meta(description="Energy price per MWh at the contract's start.")
    ]
    demand_rate: Annotated[
        UnitPrice,
        unit("money/kW-month"),
        Meta(description="Demand charge per kW of billed demand and month."),
    ]
    contracted_demand_kw: Annotated[Kw, Meta(description="Demand contracted with the utility, kW.")]
    minimum_demand_share: Annotated[
        Share, Meta(description="Least billed demand, share of contracted_demand_kw.")
    ]
    ratchet_share: Annotated[
        Share, Meta(description="Least billed demand, share of the highest peak of the eleven months before.")
    ]
    fixed_monthly: Annotated[UnitPrice, unit("money/month"), Meta(description="Fixed charge per month.")]
    escalation: _Escalation = 0.0
    start: _Start = None
    end: _End = None
    counterparty: _Counterparty = None


class Cfd(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="cfd"):
    """A contract for difference: financial only, receives index less strike on its volume."""

    mw: Annotated[Mw, Meta(description="Volume, MW in every hour.")]
    strike: Annotated[
        SignedPrice, unit("money/MWh"), Meta(description="Strike per MWh at the contract's start.")
    ]
    escalation: _Escalation = 0.0
    start: _Start = None
    end: _End = None
    counterparty: _Counterparty = None


PowerContract = FixedBlock | FullRequirements | Indexed | Tariff | Cfd


def contract_faults(contract: PowerContract, closing: date, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one power contract."""
    start = closing if contract.start is None else contract.start
    if contract.end is not None and contract.end <= start:
        yield FieldError(f"{at}/end", f"not after its start on {start}")
