"""Arguments of the kernel: those of ``simulate`` in groups, by name, and the error of one that does not fit.

Axes: F facility, L lease, T tenant, C power contract, Q operating cost, M month, P period, K class.
Rows: records.py.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.int32]
Rows = np.ndarray[Any, np.dtype[np.void]]


class RiskFactors(NamedTuple):
    """Inputs of the risk factors: seed, factor model, default thresholds and renewal probabilities."""

    factor: Rows  # FACTOR_TERMS [1]
    thresholds: Floats  # [T, M] of `default_thresholds`
    chances: Floats  # [F] Phi^-1 of the renewal probability
    tenant_streams: Integers  # [T] the cipher's streams, bit patterns of 64 bits
    lease_streams: Integers  # [L]
    rent_groups: Integers  # [F] which of the rent streams a facility's market draws from
    rent_streams: Integers  # [G]
    power_stream: int  # of 64 bits, unsigned
    offset: int  # month of the deal from which rents and power move; negative where they have before closing


class FacilityInputs(NamedTuple):
    """Facilities in one scenario: their leases, markets, power contracts and operating costs, by month."""

    leases: Rows  # LEASE [L], facility by facility
    markets: Rows  # MARKET [F]
    scenario: Rows  # SCENARIO [1]
    facilities: Rows  # FACILITY [F]
    contracts: Rows  # POWER [C]
    costs: Rows  # COST [Q], facility by facility
    amounts: Floats  # [Q, M]
    rent: Floats  # [L, M] of `contract`
    kw: Floats  # [L, M] of `contract`
    change: Integers  # [L, M] next month in which a contract's terms change
    market_rent: Floats  # [F, M]
    growth: Floats  # [F, M]
    pue: Floats  # [F, M]
    power_index: Floats  # [M] price per MWh
    hours: Floats  # [M]


class ExitInputs(NamedTuple):
    """Values of a path at the ARD, at legal final, and where LTV triggers look at it."""

    exits: Rows  # EXIT [1]
    takeouts: Rows  # TAKEOUT [tests]
    takeout_factors: Floats  # [tests, F] value at the ARD of 1 a year
    sale_factors: Floats  # [F] value at legal final of 1 a year
    watched: Floats  # [P] value that LTV triggers look at, NaN for the path's own; [0] without
    watch_factors: Floats  # [P, F] value of 1 a year where the path's own is looked at; [0, 0] without


class WaterfallInputs(NamedTuple):
    """A structure, at the rates of one scenario."""

    terms: Rows  # WATERFALL [1]
    notes: Rows  # NOTE [K]
    coupon: Floats  # [K, P]
    accrual: Floats  # [K, P]
    schedule: Floats  # [K, P]
    fees: Rows  # FEE
    payments: Rows  # PAYMENT
    members: Integers  # classes of the payments


class Tallies(NamedTuple):
    """What paths are added to; quantities are equity, and each class's loss and life."""

    cover_bins: Counts  # ADDED TO [P, 4096]
    cover_reach: Floats  # WIDENED [P, 2]
    known: Integers  # ADDED TO [P] paths with a cover
    flags: Integers  # ADDED TO [P + 1, 4, 2] paths, and whole pairs, with a flag on; last row ever
    losses: Integers  # ADDED TO [K, 2, 2] paths, and whole pairs, with interest missed, principal lost
    sums: Integers  # ADDED TO [1 + 2 K, 4]
    bins: Counts  # ADDED TO [1 + 2 K, 57344]
    reach: Floats  # WIDENED [1 + 2 K, 2]
    breach: Integers  # OUT [3] first path, period and kind in which the books disagree


def misfit(array: Any, expected: str, lengths: Sequence[int | None], kind: Any) -> ValueError:
    """Name an argument that does not fit, what it should be and what it is.

    Parameters
    ----------
    array : object
        What was given.
    expected : str
        The argument's name and axes: ``"pue [facilities, months]"``.
    lengths : sequence of int or None
        Of each axis; None where any will do. Empty where `expected` says all there is to say.
    kind : str, numpy.dtype or None
        Numbers that are asked for, or the record whose rows are.

    >>> misfit(np.zeros((1, 2)), "pue [facilities, months]", (1, 3), "float64")
    ValueError('pue: expected [facilities, months] = [1, 3] of float64, got [1, 2] of float64')
    """
    name, _, axes = expected.partition(" ")
    known = "" if all(n is None for n in lengths) else f" = [{', '.join(map(_length, lengths))}]"
    return ValueError(f"{name}: expected {axes}{known}{_kind(kind)}, got {_given(array)}")


def _length(n: int | None) -> str:
    return "any" if n is None else str(n)


def _kind(kind: Any) -> str:
    if kind is None:
        return ""
    names = getattr(kind, "names", None)
    return f" of {kind}" if names is None else f", rows of {', '.join(names)}"


def _given(array: Any) -> str:
    if not isinstance(array, np.ndarray):
        return type(array).__name__
    gaps = "" if array.flags.c_contiguous else ", not C-contiguous"
    sealed = "" if array.flags.writeable else ", read-only"
    return f"{list(array.shape)}{_kind(array.dtype)}{gaps}{sealed}"
