"""Tallies of simulated paths in plain NumPy; every argument as in ``rackrate.kernel.simulate``."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.records import CLASS_SERIES, FLAGS, SERIES

Floats = NDArray[np.float64]
UNPAID = 1e-10  # of all that was issued: nothing is missed up to it
PART, MOST = 2.0**50, 2.0**49  # parts of a unit, and the largest amount whose sums can be held
COVER_BINS, COVER_FROM, COVER_PER_UNIT = 4096, -4.0, 256.0
FIRST_OCTAVE, OCTAVE_BITS, AMOUNT_BINS = -10, 10, 56 * 1024
FLAG_ROWS = [SERIES.index(name) for name in FLAGS]
ROW = {name: k for k, name in enumerate(CLASS_SERIES)}


def tally(
    series: Floats, by_class: Floats, events: Floats, issued: Floats, step: int, centres: Floats, scales:
    Floats, first_pair: int, cover_bins: Any, cover_reach: Floats, known: Any, flags: Any, losses: Any, sums:
    Any, bins: Any, reach: Floats, breach: Any, outcomes: Floats,
) -> None:  # fmt: skip
    """Add the results of each lane to the tallies: pairs first, then their mirror images."""
    pairs = len(series) // 2
    _covers(series[:, SERIES.index("dscr_actual")], cover_bins, cover_reach, known)
    on = series[:, FLAG_ROWS].transpose(2, 1, 0)  # [P, flags, N]
    flags += _counts(np.concatenate([on, on.max(axis=0)[None]]), pairs)
    lost = by_class[:, ROW["balance"], :, -1].T
    unpaid = sum(UNPAID * principal for principal in issued.tolist())
    missed = (by_class[:, ROW["interest_unpaid"]] > unpaid).any(axis=2).T
    losses += _counts(np.stack([missed, lost > unpaid], axis=1).astype(np.float64), pairs)
    quantities = np.concatenate(
        [_in_order(series[:, SERIES.index("equity")])[None], lost, _lives(by_class, step)]
    )
    for q, amount in enumerate(quantities):
        mean = (0.5 * (amount[:pairs] + amount[pairs:]) - centres[q]) / scales[q]
        sums[q] += np.concatenate([_exact(amount), _exact(mean * mean)])
        np.add.at(bins[q], _bin(amount), 1)
        reach[q] = min(reach[q, 0], amount.min()), max(reach[q, 1], amount.max())
    if len(outcomes):
        outcomes[0::2], outcomes[1::2] = quantities[:, :pairs].T, quantities[:, pairs:].T
    breach[0] = -1
    if (events[:, 3] >= 0.0).any():
        at = min(np.flatnonzero(events[:, 3] >= 0.0), key=lambda n: 2 * (n % pairs) + n // pairs)
        breach[:] = 2 * (first_pair + at % pairs) + at // pairs, events[at, 3], events[at, 4]


def _covers(cover: Floats, cover_bins: Any, cover_reach: Floats, known: Any) -> None:
    for t, column in enumerate(cover.T):
        defined = column[~np.isnan(column)]
        at = np.clip((defined - COVER_FROM) * COVER_PER_UNIT, 0.0, COVER_BINS - 1).astype(np.int64)
        np.add.at(cover_bins[t], at, 1)
        known[t] += len(defined)
        if len(defined):
            cover_reach[t] = min(cover_reach[t, 0], defined.min()), max(cover_reach[t, 1], defined.max())


def _counts(on: Floats, pairs: int) -> Any:
    """Lanes, and whole pairs, in which flags [..., N] are on, [..., 2]."""
    first, mirror = on[..., :pairs], on[..., pairs:]
    return np.stack([(first + mirror).sum(axis=-1), (first * mirror).sum(axis=-1)], axis=-1).astype(np.int64)


def _in_order(values: Floats) -> Floats:
    return np.add.accumulate(values, axis=-1)[..., -1]


def _lives(by_class: Floats, step: int) -> Floats:
    """Weighted average lives [K, N]; what is lost counts as outstanding to legal final."""
    repaid, lost = by_class[:, ROW["principal_paid"]], by_class[:, ROW["balance"], :, -1]
    periods = repaid.shape[2]
    whole = _in_order(repaid) + lost
    late = _in_order(repaid * np.arange(1.0, periods + 1.0)) + periods * lost
    life: Floats = (step / 12.0 * late / np.where(whole > 0.0, whole, 1.0)).T
    return life


def _exact(amount: Floats) -> Any:
    """Sums of units and of 2**-50 parts, of what is not beyond 2**49."""
    amount = np.where(np.abs(amount) <= MOST, amount, 0.0)
    units = np.trunc(amount)
    return np.array([units.astype(np.int64).sum(), ((amount - units) * PART).astype(np.int64).sum()])


def _bin(amount: Floats) -> Any:
    pattern = np.maximum(amount, 0.0).view(np.int64) >> (52 - OCTAVE_BITS)
    return np.clip(pattern - ((1023 + FIRST_OCTAVE) << OCTAVE_BITS) + 1, 0, AMOUNT_BINS - 1)
