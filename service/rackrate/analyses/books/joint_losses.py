"""Joint losses of a book: cents added path by path, then what each deal and obligor adds to the tail."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np

from rackrate.analyses.books.simulated import Simulated
from rackrate.deal.answers.books.losses import (
    BookEstimate,
    BookLoss,
    CategoryLosses,
    DealLoss,
    ObligorLoss,
    TailLoss,
)
from rackrate.deal.errors import FieldError, Invalid
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
    """Losses of the deals that are added, in any order, over the same paths."""

    def __init__(self, paths: int) -> None:
        self.paths = paths
        self.vectors: Integers = np.zeros((1 + len(CATEGORIES), paths), dtype=np.int64)
        self._principals = [ExactSum() for _ in CATEGORIES]

    def add(self, deal: Simulated) -> None:
        """Add a deal's losses on each path.

        Raises
        ------
        Invalid
            If the principal is beyond what can be counted in cents.
        """
        paths, amounts = deal.losses()
        self.vectors[1:, paths] += amounts.T
        self.vectors[0, paths] += amounts.sum(axis=1)
        for total, principal in zip(self._principals, deal.principals, strict=True):
            total.add(principal)
        if 100.0 * fsum(total.value for total in self._principals) > MOST_CENTS:
            raise Invalid.of([FieldError("/fx", "the book's principal is beyond what is counted in cents")])

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
            paths, amounts = deal.losses()
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
        tails = self.tails()
        totals: dict[str | None, int] = {}
        for deal in again():
            _, places, amounts = deal.shared()
            for place in np.unique(places).tolist():
                key = None if place < 0 else deal.keys[place]
                totals[key] = totals.get(key, 0) + sum(amounts[places == place].tolist())
        order = sorted(totals, key=lambda key: (key is None, -totals[key], (key or "").encode()))
        dense = {key: np.zeros(self.paths, dtype=np.int64) for key in _largest(order)}
        rest: dict[str | None, dict[str, Fraction]] = {}
        for deal in again():
            paths, places, amounts = deal.shared()
            for place in np.unique(places).tolist():
                key, here = None if place < 0 else deal.keys[place], places == place
                if key in dense:
                    np.add.at(dense[key], paths[here], amounts[here])
                    continue
                sums = rest.setdefault(key, dict.fromkeys(tails, Fraction(0)))
                for name, found in tails.items():
                    sums[name] += found.sums(paths[here], amounts[here])[0]
        return [self._obligor(key, totals[key], tails, dense.get(key), rest.get(key, {})) for key in order]

    def _obligor(
        self,
        key: str | None,
        total: int,
        tails: dict[str, Tail],
        losses: Integers | None,
        sums: dict[str, Fraction],
    ) -> ObligorLoss:
        if losses is None:
            shortfall = {
                name: BookEstimate(value=float(sums[name] / found.beta / 100), standard_error=None)
                for name, found in tails.items()
            }
            expected = BookEstimate(value=float(Fraction(total, 100 * self.paths)), standard_error=None)
            return ObligorLoss(key=key, expected_loss=expected, expected_shortfall=shortfall)
        paths = np.flatnonzero(losses)
        amounts = losses[paths]
        return ObligorLoss(
            key=key,
            expected_loss=_estimate(mean(total, pair_squares(paths, amounts), self.paths)),
            expected_shortfall={
                name: _estimate(contribution(found, found.sums(paths, amounts)))
                for name, found in tails.items()
            },
        )


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
