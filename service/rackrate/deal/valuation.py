"""How collateral is valued: by appraisal, by a capitalisation rate, or by a net present value."""

from typing import Annotated

from msgspec import Meta

from rackrate.deal.parts import Part
from rackrate.deal.units import CapitalisationRate, DebtTerm, Rate


class Appraisal(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="appraisal"
):
    """The facilities' appraised values."""


class CapRate(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="cap_rate"):
    """Net cash flow at closing over a capitalisation rate."""

    cap_rate: Annotated[CapitalisationRate, Meta(description="Capitalisation rate, per year.")]


class Npv(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="npv"):
    """Net cash flow discounted over a period, and capitalised at its end."""

    discount_rate: Annotated[Rate, Meta(description="Discount rate, per year.")]
    months: Annotated[DebtTerm, Meta(description="Months discounted.")]
    terminal_cap_rate: Annotated[
        CapitalisationRate, Meta(description="Capitalisation rate at the end, per year.")
    ]


Value = Appraisal | CapRate | Npv
