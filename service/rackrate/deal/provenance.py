"""Provenance of house defaults: a source for each number, in a file beside the ruleset's own."""

# Design: a ruleset's bytes are part of the ids of all answers made with it. Where its numbers come from
# changes none of them, and so stands in a file of its own, which may be put better without moving an id.

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from rackrate.deal.cases import Stress

FOLDER = files("rackrate.deal") / "rulesets" / "sources"
UNSOURCED = frozenset({"name", "as_of", "rating_scale", "deal_ruleset"})  # what it is, not what it assumes


class Provenance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of a ruleset: sources by key, the stresses that a memo shows."""

    ruleset: str
    sources: dict[str, str]
    stresses: list[Stress] = []


def provenance(ruleset: str) -> Provenance:
    """Read what is told of a ruleset.

    Raises
    ------
    ValueError
        If nothing is.
    """
    for file in FOLDER.iterdir():
        if file.name == f"{ruleset}.toml":
            return msgspec.convert(tomllib.loads(file.read_text()), Provenance)
    raise ValueError(f"ruleset {ruleset}: nothing says where its numbers come from")


def sourced(tree: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, str]:
    """Put beside each number of a ruleset its source: that of its key, else of the nearest one above.

    Raises
    ------
    ValueError
        If a number has none, or a source no number.

    >>> sourced({"credit": {"lgd": 0.5, "horizons": [1, 2]}}, {"credit": "a", "credit.lgd": "b"})
    {'credit.lgd': 'b', 'credit.horizons': 'a'}
    """
    found = {key: next((above for above in _above(key) if above in told), None) for key in _keys(tree)}
    for key, above in found.items():
        if above is None:
            raise ValueError(f"no source is given for {key}")
    for key in told:
        if key not in found.values():
            raise ValueError(f"the source of {key} is of nothing")
    return {key: told[above] for key, above in found.items() if above is not None}


def _keys(tree: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the key of each number; those of a list are one."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _keys(value, f"{at}{name}.")
        elif at or name not in UNSOURCED:
            yield f"{at}{name}"


def _above(key: str) -> Iterator[str]:
    """Yield a key, then those above it.

    >>> list(_above("a.b.c"))
    ['a.b.c', 'a.b', 'a']
    """
    while key:
        yield key
        key = key.rpartition(".")[0]
