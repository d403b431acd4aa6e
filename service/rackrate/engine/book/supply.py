"""Who serves a facility's load in the first year: energy by contract, and what floats with nobody behind."""

from math import fsum
from typing import NamedTuple

import numpy as np

from rackrate.engine.rows import Rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

KINDS = {
    records.FIXED_BLOCK: "fixed_block",
    records.FULL_REQUIREMENTS: "full_requirements",
    records.INDEXED: "indexed",
    records.TARIFF: "tariff",
    records.CFD: "cfd",
}
UNSERVED, NO_LOAD = "none", "direct"


class Served(NamedTuple):
    """Energy that a contract serves: its place among the facility's, None for what nobody serves."""

    contract: int | None
    kind: str
    mwh: float


def served(contracts: Rows, load: Floats, hours: Floats) -> list[Served]:
    """Energy by contract, in their order, over the months of ``load`` [M] MWh; ``hours`` [M] of each month.

    A contract for difference serves nothing: its volume stands beside. What serves nothing is left out.
    """
    if not load.any():
        return [Served(None, NO_LOAD, 0.0)]
    month, unserved, found = np.arange(len(load)), load.copy(), []
    for place, contract in enumerate(contracts):
        active = (contract["start"] <= month) & (month < contract["end"])
        kind = KINDS[int(contract["kind"])]
        most = contract["mw"] * hours if kind in ("fixed_block", "indexed", "cfd") else np.inf
        used = np.where(active, most if kind == "cfd" else np.minimum(unserved, most), 0.0)
        if kind != "cfd":
            unserved = unserved - used
        found.append(Served(place, kind, fsum(used.tolist())))
    found.append(Served(None, UNSERVED, fsum(unserved.tolist())))
    return [one for one in found if one.mwh > 0.0]


def floating(of: list[Served]) -> float:
    """Energy at the index that no contract for difference covers, MWh."""
    indexed = sum(one.mwh for one in of if one.kind in ("indexed", UNSERVED))
    return indexed - min(indexed, sum(one.mwh for one in of if one.kind == "cfd"))
