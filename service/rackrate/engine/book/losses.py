"""Joint losses of a book: whole cents by path, their distribution, and what each deal and obligor adds."""

# Design: whole numbers only, so that no order of addition shows: cents are rounded once, deal by deal and
# class by class, and every mean is an exact fraction that is rounded once.

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats

LEVELS = {"0.95": 950, "0.99": 990, "0.999": 999}
"""Levels of the tail, in thousandths."""
CATEGORIES = ("AAA", "AA", "A", "BBB", "BB", "none")
MOST_CENTS = 2**62
CENTS = 100


def cents(losses: Floats, q: float) -> Integers:
    """Losses [N] in whole cents of another currency, half to even.

    >>> cents(np.array([0.125, 1.0]), 1.0).tolist()
    [12, 100]
    """
    return np.rint((losses * q) * 100.0).astype(np.int64)


@dataclass(frozen=True)
class Value:
    """An estimate and its standard error."""

    value: float
    standard_error: float | None


@dataclass(frozen=True)
class Tail:
    """The worst paths: all ``above`` a loss, and a ``share`` of those ``at`` it; ``beta`` in all."""

    above: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    at: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    share: Fraction
    beta: Fraction
    var: int

    def sums(self, paths: Integers, amounts: Integers) -> tuple[Fraction, Fraction]:
        """Weighted sums of amounts on some paths, and of their squares."""
        totals = []
        for part in (self.above, self.at):
            inside = amounts[part[paths] & (amounts != 0)].tolist()
            totals.append((sum(inside), sum(amount * amount for amount in inside)))
        (total, square), (total_at, square_at) = totals
        return total + self.share * total_at, square + self.share * square_at


def tail(losses: Integers, ordered: Integers, thousandths: int) -> Tail:
    """The worst paths of a vector of losses [N]; `ordered` is the same, ascending."""
    paths = len(losses)
    var = int(ordered[-(-thousandths * paths // 1000) - 1])
    above, at = losses > var, losses == var
    beta = Fraction((1000 - thousandths) * paths, 1000)
    share = (beta - int(above.sum())) / int(at.sum())
    return Tail(above, at, share, beta, var)


@dataclass(frozen=True)
class LossDistribution:
    """A vector of losses over paths: probability, mean, quantiles and tail means, in units of money."""

    loss_probability: Value
    expected_loss: Value
    quantiles: dict[str, float]
    quantile_errors: dict[str, float]
    expected_shortfall: dict[str, Value]


def distribution(losses: Integers) -> LossDistribution:
    """Distribution of losses in cents [N], pairs of paths beside each other.

    >>> found = distribution(np.array([0, 0, 100, 300] * 50))
    >>> found.expected_loss.value, found.quantiles["0.95"], found.expected_shortfall["0.95"].value
    (1.0, 3.0, 3.0)
    """
    ordered, paths = np.sort(losses), len(losses)
    hit = losses > 0
    counts = int(hit.sum()), int((hit[0::2] & hit[1::2]).sum())
    somewhere = np.flatnonzero(hit)
    amounts = losses[somewhere]
    tails = {name: tail(losses, ordered, level) for name, level in LEVELS.items()}
    return LossDistribution(
        loss_probability=_odds(*counts, paths // 2),
        expected_loss=mean(sum(amounts.tolist()), pair_squares(somewhere, amounts), paths),
        quantiles={name: found.var / CENTS for name, found in tails.items()},
        quantile_errors={name: _quantile_error(ordered, level / 1000) for name, level in LEVELS.items()},
        expected_shortfall={
            name: _shortfall(found, LEVELS[name], found.sums(somewhere, amounts))
            for name, found in tails.items()
        },
    )


def _odds(paths: int, both: int, pairs: int) -> Value:
    p, square = Fraction(paths, 2 * pairs), Fraction(paths + 2 * both, 4 * pairs)
    return Value(float(p), _root((square - p * p) / (pairs - 1)))


def pair_squares(paths: Integers, amounts: Integers) -> int:
    """Sum over pairs of the square of both paths' amounts together; paths that are left out are 0."""
    pairs: dict[int, int] = {}
    for path, amount in zip(paths.tolist(), amounts.tolist(), strict=True):
        pairs[path // 2] = pairs.get(path // 2, 0) + amount
    return sum(both * both for both in pairs.values())


def mean(total: int, squares: int, paths: int) -> Value:
    """Mean of cents over paths, from their sum and the squares of pairs."""
    pairs, value = paths // 2, Fraction(total, paths)
    return Value(
        float(value / CENTS), _root((Fraction(squares, 4 * pairs) - value * value) / (pairs - 1)) / CENTS
    )


def _root(variance: Fraction) -> float:
    return math.sqrt(max(0.0, float(variance)))


def _quantile_error(ordered: Integers, level: float) -> float:
    paths = len(ordered)
    step = math.sqrt(level * (1.0 - level) / paths)

    def quantile(u: float) -> int:
        return int(ordered[min(max(math.ceil(u * paths), 1), paths) - 1])

    return (quantile(min(1.0, level + step)) - quantile(max(0.0, level - step))) / 2 / CENTS


def _shortfall(of: Tail, thousandths: int, sums: tuple[Fraction, Fraction]) -> Value:
    """Mean of the worst paths; its error is of that mean and of where the tail begins."""
    total, square = sums
    value = total / of.beta
    spread = square / of.beta - value * value
    beyond = value - of.var
    return Value(
        float(value / CENTS),
        _root((spread + Fraction(thousandths, 1000) * beyond * beyond) / of.beta) / CENTS,
    )


def contribution(of: Tail, sums: tuple[Fraction, Fraction]) -> Value:
    """What a part adds to the book's tail mean; the weights of the paths are taken as given."""
    total, square = sums
    value = total / of.beta
    return Value(float(value / CENTS), _root((square - of.beta * value * value) / of.beta / of.beta) / CENTS)
