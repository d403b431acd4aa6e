"""Joint losses of a book: cents added path by path, then what each deal and obligor adds to the tail."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import fsum
from typing import Any

import msgspec
import numpy as np

from rackrate.analyses.books.simulated import PathLosses, Simulated
from rackrate.deal.answers.books.losses import (
    BookEstimate,
    BookLoss,
    CategoryLosses,
    DealLoss,
    ObligorLoss,
    TailLoss,
)
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.requests.book import BookSimulation
from rackrate.engine.book.exact_sum import ExactSum
from rackrate.engine.book.losses import (
    CATEGORIES,
    LEVELS,
    MOST_CENTS,
    LossDistribution,
    Tail,
    Value,
    contribution,
    distribution,
    mean,
    pair_squares,
    tail,
)
from rackrate.engine.rows import Integers

LARGEST = 200  # obligors whose errors are told
Again = Callable[[], Iterable[Simulated]]


class JointLosses:
    """Losses of the deals that are added, in any order, over the same paths.

    Of many paths the deals' own losses are kept on the worst ones of the book alone: the sums by path are
    added with each deal, or as ``vectors`` int64 [1 + 6, paths] of several.
    """

    def __init__(self, asked: BookSimulation) -> None:
        self.paths, self.tail_only = asked.paths, asked.tail_only
        self.vectors: Integers = np.zeros((1 + len(CATEGORIES), asked.paths), dtype=np.int64)
        self._principals = [ExactSum() for _ in CATEGORIES]
        self._obligors: dict[str | None, int] = {}

    def add(self, deal: Simulated) -> Simulated:
        """Add a deal; it is given back with the losses that are kept of it before the tail is known.

        Raises
        ------
        Invalid
            If the principal is beyond what can be counted in cents.
        """
        for total, principal in zip(self._principals, deal.principals, strict=True):
            total.add(principal)
        if 100.0 * fsum(total.value for total in self._principals) > MOST_CENTS:
            raise Invalid.of([FieldError("/fx", "the book's principal is beyond what is counted in cents")])
        for key, cents in deal.obligors:
            self._obligors[key] = self._obligors.get(key, 0) + int(cents)
        add_losses(self.vectors, deal.losses)
        return without_losses(deal) if self.tail_only else deal

    def add_vectors(self, vectors: Integers) -> None:
        """Add the sums by path of deals whose own losses are not kept."""
        self.vectors += vectors

    def kept(self) -> Integers:
        """Paths on which the deals' own losses are kept."""
        if not self.tail_only:
            return np.arange(self.paths)
        widest = self.tails()[next(iter(LEVELS))]
        return np.flatnonzero((widest.above | widest.at) & (self.vectors[0] > 0))

    def losses(self) -> tuple[BookLoss, list[CategoryLosses]]:
        """Losses of all classes, and of those of each category."""
        principals = [total.value for total in self._principals]
        found = [distribution(vector) for vector in self.vectors]
        whole = BookLoss(principal=fsum(principals), **_told(found[0]))
        return whole, [
            CategoryLosses(key=key, principal=principal, **_told(own))
            for key, principal, own in zip(CATEGORIES, principals, found[1:], strict=True)
        ]

    def tails(self) -> dict[str, Tail]:
        """The worst paths of the book at each level."""
        total = self.vectors[0]
        ordered = np.sort(total)
        return {name: tail(total, ordered, level) for name, level in LEVELS.items()}

    def deals(self, again: Iterable[Simulated]) -> Iterator[DealLoss]:
        """What each deal adds to the book's losses."""
        tails = self.tails()
        for deal in again:
            paths, amounts = deal.losses.by_category()
            own = amounts.sum(axis=1)
            yield DealLoss(
                row=deal.row,
                deal=deal.name,
                expected_loss=_estimate(mean(int(deal.total), int(deal.squares), self.paths)),
                expected_shortfall={
                    name: _estimate(contribution(found, found.sums(paths, own)))
                    for name, found in tails.items()
                },
                standalone_shortfall=deal.standalone,
            )

    def obligors(self, again: Again) -> list[ObligorLoss]:
        """What each obligor adds to the book's losses: expected loss descending, the null key last."""
        tails, kept, totals = self.tails(), self.kept(), self._obligors
        order = sorted(totals, key=lambda key: (key is None, -totals[key], (key or "").encode()))
        dense = {key: np.zeros(len(kept), dtype=np.int64) for key in _largest(order)}
        rest: dict[str | None, dict[str, Fraction]] = {}
        for deal in again():
            for key, paths, amounts in deal.losses.by_obligor():
                if key in dense:
                    dense[key][np.searchsorted(kept, paths)] += amounts
                    continue
                sums = rest.setdefault(key, dict.fromkeys(tails, Fraction(0)))
                for name, found in tails.items():
                    sums[name] += found.sums(paths, amounts)[0]
        none = dict.fromkeys(tails, Fraction(0))
        return [
            self._larger(key, totals[key], tails, kept, dense[key])
            if key in dense
            else self._smaller(key, totals[key], tails, rest.get(key, none))
            for key in order
        ]

    def _smaller(
        self, key: str | None, total: int, tails: dict[str, Tail], sums: dict[str, Fraction]
    ) -> ObligorLoss:
        """An obligor whose errors are not told, from its sums over the tails."""
        shortfall = {
            name: BookEstimate(value=float(sums[name] / found.beta / 100), standard_error=None)
            for name, found in tails.items()
        }
        return ObligorLoss(key=key, expected_loss=self._mean(total), expected_shortfall=shortfall)

    def _larger(
        self, key: str | None, total: int, tails: dict[str, Tail], kept: Integers, losses: Integers
    ) -> ObligorLoss:
        """An obligor with its losses on the paths that are kept."""
        somewhere = np.flatnonzero(losses)
        paths, amounts = kept[somewhere], losses[somewhere]
        whole = None if self.tail_only else _estimate(mean(total, pair_squares(paths, amounts), self.paths))
        shortfall = {
            name: _estimate(contribution(found, found.sums(paths, amounts))) for name, found in tails.items()
        }
        return ObligorLoss(key=key, expected_loss=whole or self._mean(total), expected_shortfall=shortfall)

    def _mean(self, total: int) -> BookEstimate:
        return BookEstimate(value=float(Fraction(total, 100 * self.paths)), standard_error=None)


def add_losses(vectors: Integers, losses: PathLosses) -> None:
    """Add a deal's losses to sums by path, all and by category [1 + 6, paths]."""
    paths, amounts = losses.by_category()
    vectors[1:, paths] += amounts.T
    vectors[0, paths] += amounts.sum(axis=1)


def without_losses(deal: Simulated) -> Simulated:
    """A deal without its losses by path, once they are added up."""
    return msgspec.structs.replace(deal, losses=PathLosses(row=deal.row))


def _largest(order: list[str | None]) -> list[str | None]:
    """The keys whose errors are told: the largest named, and the null key."""
    return [*[key for key in order if key is not None][:LARGEST], *[key for key in order if key is None]]


def _estimate(value: Value) -> BookEstimate:
    return BookEstimate(value=value.value, standard_error=value.standard_error)


def _told(found: LossDistribution) -> dict[str, Any]:
    return {
        "loss_probability": _estimate(found.loss_probability),
        "expected_loss": _estimate(found.expected_loss),
        "quantiles": found.quantiles,
        "quantile_errors": found.quantile_errors,
        "expected_shortfall": [
            TailLoss(level=float(name), value=value.value, standard_error=value.standard_error)
            for name, value in found.expected_shortfall.items()
        ],
    }
