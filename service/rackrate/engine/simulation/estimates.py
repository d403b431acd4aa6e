"""Estimates from simulated paths: probabilities, means, quantiles and their standard errors."""

# Design: counts and whole-number sums only, so that no order of addition shows: any number of threads gives
# the same bits. Pairs of paths are the independent draws: a standard error is taken from pair to pair.

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rackrate.deal.requests.simulation import Distribution, Estimate, TailMean
from rackrate.engine.timeline import Floats
from rackrate.kernel.arguments import Tallies
from rackrate.kernel.records import FLAGS

COVER_BINS, COVER_FROM, COVER_WIDTH = 4096, -4.0, 1.0 / 256.0
OCTAVE, OCTAVES, FIRST = 1024, 56, 2.0**-10
PART = 2**50
MOST = 2.0**49  # what the kernel adds up: an amount, or a square about the centre in units of the scale
Counts = NDArray[np.int64]


@dataclass
class Tally:
    """Counts and sums over paths (axes: P period, K class, Q quantity: equity, losses [K], lives [K]).

    The arrays are those that ``rackrate.kernel.simulate`` adds to; ``totals`` carries its sums on.
    """

    periods: int
    classes: int
    cover_bins: NDArray[np.int32] = field(init=False)
    cover_reach: Floats = field(init=False)
    known: Counts = field(init=False)
    flags: Counts = field(init=False)
    losses: Counts = field(init=False)
    sums: Counts = field(init=False)
    bins: NDArray[np.int32] = field(init=False)
    reach: Floats = field(init=False)
    breach: Counts = field(init=False)
    totals: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        quantities = 1 + 2 * self.classes
        self.cover_bins = np.zeros((self.periods, COVER_BINS), dtype=np.int32)
        self.cover_reach = np.tile([np.inf, -np.inf], (self.periods, 1))
        self.known = np.zeros(self.periods, dtype=np.int64)
        self.flags = np.zeros((self.periods + 1, len(FLAGS), 2), dtype=np.int64)
        self.losses = np.zeros((self.classes, 2, 2), dtype=np.int64)
        self.sums = np.zeros((quantities, 4), dtype=np.int64)
        self.bins = np.zeros((quantities, OCTAVE * OCTAVES), dtype=np.int32)
        self.reach = np.tile([np.inf, -np.inf], (quantities, 1))
        self.breach = np.full(3, -1, dtype=np.int64)
        self.totals = [[0, 0] for _ in range(quantities)]

    @property
    def arrays(self) -> Tallies:
        """The arrays the kernel adds to."""
        return Tallies(**{name: getattr(self, name) for name in Tallies._fields})

    def carry(self) -> None:
        """Move the kernel's sums into whole numbers of any size, before they could overflow."""
        for total, (units, parts, squares, square_parts) in zip(self.totals, self.sums.tolist(), strict=True):
            total[0] += units * PART + parts
            total[1] += squares * PART + square_parts
        self.sums[:] = 0

    def uncounted(self, centres: Floats, scales: Floats) -> bool:
        """Whether an amount, or its square about the centre, was too large for the kernel's sums."""
        off = np.abs(self.reach - centres[:, None]) / scales[:, None]
        return not (np.abs(self.reach) <= MOST).all() or not (off * off <= MOST).all()

    def add(self, other: "Tally") -> None:
        """Add the counts and sums of other paths."""
        for name in ("cover_bins", "known", "flags", "losses", "bins"):
            getattr(self, name)[...] += getattr(other, name)
        for mine, theirs in ((self.cover_reach, other.cover_reach), (self.reach, other.reach)):
            np.minimum(mine[:, 0], theirs[:, 0], out=mine[:, 0])
            np.maximum(mine[:, 1], theirs[:, 1], out=mine[:, 1])
        for total, more in zip(self.totals, other.totals, strict=True):
            total[0] += more[0]
            total[1] += more[1]


def odds(counts: Counts, pairs: int) -> Estimate:
    """Estimate a probability from the count of paths, and of whole pairs, in which something happened.

    >>> odds(np.array([4, 2]), 4)
    Estimate(value=0.5, standard_error=0.28867513459481287)
    """
    paths, both = counts.tolist()
    p = paths / (2 * pairs)
    square = (paths + 2 * both) / (4 * pairs)
    return Estimate(value=p, standard_error=_error(square - p * p, pairs))


def _error(variance: float, pairs: int) -> float | None:
    """Standard error of a mean over pairs; none from a single one, which has no variance."""
    return math.sqrt(max(0.0, variance) / (pairs - 1)) if pairs > 1 else None


def mean(total: list[int], centre: float, scale: float, pairs: int) -> Estimate:
    """Estimate a mean from whole-number sums of amounts, and of squares of pairs about a centre."""
    value = total[0] / (PART * 2 * pairs)
    off = (value - centre) / scale
    error = _error(total[1] / (PART * pairs) - off * off, pairs)
    return Estimate(value=value, standard_error=None if error is None else scale * error)


@dataclass(frozen=True)
class Spread:
    """Histogram of paths, from which quantiles are read: bin i covers ``edges[i]`` to ``edges[i + 1]``.

    Within a bin paths lie evenly between its edges, none below the least nor above the greatest of all.
    """

    counts: NDArray[np.int64]
    edges: Floats
    least: float
    greatest: float

    def quantile(self, level: float) -> float:
        """Value below which a share of the paths lies, linear within a bin."""
        through = np.cumsum(self.counts)
        at = level * float(through[-1])
        k = min(int(np.searchsorted(through, at)), len(through) - 1)
        inside = (at - float(through[k] - self.counts[k])) / max(1, int(self.counts[k]))
        low, high = float(self.edges[k]), float(self.edges[k + 1])
        return min(max(low + inside * (high - low), self.least), self.greatest)

    def draws(self, share: float = 1.0) -> int:
        """Independent draws for certain in an uppermost share of the paths: two of them may be a pair."""
        return (math.ceil(round(share * float(self.counts.sum()), 6)) + 1) // 2

    def quantile_error(self, level: float) -> float | None:
        """Standard error: half the interval between the levels a binomial error away (Woodruff, 1952)."""
        if self.draws() < 2:
            return None
        step = math.sqrt(level * (1.0 - level) / float(self.counts.sum()))
        return (self.quantile(min(1.0, level + step)) - self.quantile(max(0.0, level - step))) / 2.0

    def tail_mean(self, level: float) -> TailMean:
        """Mean of the quantiles from a level on; the error is of the tail's mean and of its size."""
        beyond = (1.0 - level) * float(self.counts.sum())
        above = np.cumsum(self.counts[::-1])[::-1] - self.counts
        weight = np.clip(beyond - above, 0.0, self.counts)
        of_bin = self._upper_means(weight / np.maximum(self.counts, 1))
        quantile = self.quantile(level)
        at = max(math.fsum((weight * of_bin).tolist()) / beyond, quantile)  # never below it by rounding
        spread = math.fsum((weight * (of_bin - at) ** 2).tolist()) / beyond
        excess = at - quantile
        error = math.sqrt((spread + level * excess * excess) / beyond)
        return TailMean(level=level, value=at, standard_error=error if self.draws(1.0 - level) > 1 else None)

    def _upper_means(self, share: Floats) -> Floats:
        """Mean of the uppermost share of each bin, of what lies beyond least and greatest at those."""
        high, wide = self.edges[1:], np.diff(self.edges)
        low = high - share * wide
        across = np.where(high > low, high - low, 1.0)
        below = np.clip((self.least - low) / across, 0.0, 1.0)
        above = np.clip((high - self.greatest) / across, 0.0, 1.0)
        inside = np.clip(low, self.least, self.greatest) + np.clip(high, self.least, self.greatest)
        means: Floats = below * self.least + above * self.greatest + (1.0 - below - above) * inside / 2.0
        return np.where(high > low, means, np.clip(high, self.least, self.greatest))


def amounts(tally: Tally, quantity: int) -> Spread:
    """Histogram of a quantity; its first bin holds all below 2**-10, as zero."""
    counts = tally.bins[quantity]
    last = int(np.flatnonzero(counts)[-1]) + 1
    octave, inside = np.divmod(np.arange(last), OCTAVE)
    edges: Floats = np.concatenate([[0.0], np.ldexp(FIRST * (1.0 + inside / OCTAVE), octave)])
    edges[:2] = 0.0
    least, greatest = tally.reach[quantity].tolist()
    return Spread(counts[:last].astype(np.int64), edges, least, greatest)


def cover(tally: Tally, period: int) -> Spread:
    """Histogram of the DSCR in a period."""
    edges = COVER_FROM + COVER_WIDTH * np.arange(COVER_BINS + 1, dtype=np.float64)
    least, greatest = tally.cover_reach[period].tolist()
    return Spread(tally.cover_bins[period].astype(np.int64), edges, least, greatest)


def odds_of_pairs(happened: NDArray[np.bool_]) -> Estimate:
    """Estimate a probability from what happened on both paths of each pair [N, 2].

    >>> odds_of_pairs(np.array([[True, True], [True, False], [True, False], [False, False]])).value
    0.5
    """
    counts = np.array([happened.sum(), happened.all(axis=1).sum()])
    return odds(counts, len(happened))


def pair_mean(values: Floats) -> Estimate:
    """Estimate a mean from the values on both paths of each pair [N, 2], to the last digit of their sum.

    >>> pair_mean(np.array([[1.0, 3.0], [2.0, 4.0]]))
    Estimate(value=2.5, standard_error=0.5)
    """
    pairs = len(values)
    value = math.fsum(values.ravel().tolist()) / (2 * pairs)
    squares = math.fsum(((values.mean(axis=1) - value) ** 2).tolist())
    return Estimate(value=value, standard_error=_error(squares / pairs, pairs))


def sample(values: Floats) -> Spread:
    """Every value of a few paths as a bin of its own, so that quantiles are values.

    >>> sample(np.array([[0.0, 0.0], [0.0, 7.0]])).quantile(0.9)
    7.0
    """
    distinct, counts = np.unique(values, return_counts=True)
    edges = np.repeat(distinct, 2)
    bins = np.zeros(2 * len(distinct) - 1, dtype=np.int64)
    bins[::2] = counts
    return Spread(bins, edges, float(distinct[0]), float(distinct[-1]))


def distribution(spread: Spread, average: Estimate, levels: tuple[float, ...]) -> Distribution:
    """A quantity's mean and quantiles."""
    return Distribution(
        mean=average,
        quantiles={f"{level:g}": spread.quantile(level) for level in levels},
        standard_errors={f"{level:g}": spread.quantile_error(level) for level in levels},
    )
