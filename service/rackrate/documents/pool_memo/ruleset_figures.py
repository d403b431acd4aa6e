"""House numbers that a pool rests on, each with its source; limits of use; what the memo was made from."""

import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.documents.layout.blocks import Block, Identity, Table, Text, row
from rackrate.documents.memo.assumptions import LIMITS
from rackrate.documents.wording import name

HEADING = "House defaults and where they come from"


def ruleset_figures(
    ruleset: PoolRuleset, keys: Sequence[str], underwriting: PoolUnderwriting | GroundUnderwriting
) -> Iterator[Block]:
    """Keys of a ruleset of pools with their figures and sources, then limits of use and identity."""
    stated = tomllib.loads(ruleset.text)
    rows = [row(key, _figure(stated, key), ruleset.sources[key]) for key in keys if key in ruleset.sources]
    yield Table((f"Key of {name(ruleset.name)}", "figure", "source"), "llL", rows)
    yield Text(LIMITS, note=True)
    stamps = (("House defaults", underwriting.ruleset), ("Of pools", underwriting.pool_ruleset))
    yield Identity(
        [
            ("Answer", underwriting.id),
            ("Engine", underwriting.engine),
            *((label, f"{stamp.name}, sha256 {stamp.sha256}") for label, stamp in stamps),
        ]
    )


def _figure(stated: dict[str, Any], key: str) -> str:
    """A house number as its file has it; a list of them is a table."""
    value: Any = stated
    for part in key.split("."):
        value = value[part]
    return "a table" if isinstance(value, list) else f"{value:g}"
