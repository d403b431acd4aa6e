"""A line of a portfolio: a deal under a key of the client's own."""

from typing import Annotated

from msgspec import Meta, Raw, Struct

from rackrate.deal.answers.portfolio_lines import written_elsewhere
from rackrate.deal.units import Identifier


class KeyedDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a portfolio with a key of its own, which the line of the answer has too."""

    key: Annotated[Identifier, Meta(description="Key of the client's own; no figure depends on it.")]
    deal: Annotated[
        Raw,
        written_elsewhere(
            "The deal or pool; pointers of a refusal point into it.", "Deal", "Pool", "GroundPool"
        ),
    ]
