"""The base of every part of a request: an optional comment."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.units import Comment


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a request; where there is no comment, the canonical text has none either."""

    comment: Annotated[
        Comment | UnsetType, Meta(description="A remark for people to read; no figure depends on it.")
    ] = UNSET
