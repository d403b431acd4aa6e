"""Remarks of a deal: what its comments say is published, derived, chosen and assumed, part by part."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from rackrate.analyses.deals.differences import entries


class Remark(Struct, frozen=True):
    """A comment, the first part that has it, and how many others have the same."""

    place: str
    others: int
    comment: str

    @property
    def parts(self) -> str:
        """Which parts it is of."""
        return f"{self.place} and {self.others} more" if self.others else self.place


def remarks_of(document: bytes) -> list[Remark]:
    """Every comment of a deal, in the order of the document, equal ones once.

    >>> remarks_of(b'{"comment": "a", "fees": [{"id": "x", "comment": "b"}, {"id": "y", "comment": "b"}]}')
    [Remark(place='deal', others=0, comment='a'), Remark(place='fees/x', others=1, comment='b')]
    """
    found: dict[str, list[str]] = {}
    for place, comment in _comments(msgspec.json.decode(document), ""):
        found.setdefault(comment, []).append(place or "deal")
    return [Remark(places[0], len(places) - 1, comment) for comment, places in found.items()]


def _comments(node: Any, at: str) -> Iterator[tuple[str, str]]:
    children = entries(node) or {}
    if isinstance(node, dict) and "comment" in node:
        yield at, node["comment"]
    for name, child in children.items():
        yield from _comments(child, f"{at}/{name}" if at else name)
