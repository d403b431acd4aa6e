"""Compiled simulation: signatures. What each means is written at its twin in reference/simulate.py.

Axes: T tenant, M month, K class. Arguments in groups: arguments.py.
"""

from rackrate.kernel.arguments import (
    Counts,
    ExitInputs,
    FacilityInputs,
    Floats,
    RiskFactors,
    Tallies,
    WaterfallInputs,
)

def default_thresholds(
    survival: Floats,  # [T, M]
    thresholds: Floats,  # OUT [T, M]
) -> None: ...
def simulate(
    seed: int,
    first_pair: int,
    pairs: int,  # at most 4,096
    risk: RiskFactors,
    facilities: FacilityInputs,
    exits: ExitInputs,
    structure: WaterfallInputs,
    centres: Floats,  # [1 + 2 K] about which squares are taken
    scales: Floats,  # [1 + 2 K] in which they are taken
    tallies: Tallies,  # ADDED TO
    outcomes: Floats,  # OUT [2 pairs, 1 + 2 K], or [0, 0]
    defaults: Counts,  # OUT [2 pairs, T] month of default, -1 none, or [0, 0]
    flows: Floats,  # OUT [2 pairs, M], or [0, 0]
) -> None: ...
