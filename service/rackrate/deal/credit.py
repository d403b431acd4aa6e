"""Tenants as obligors: how likely each is to stop paying."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.errors import FieldError
from rackrate.deal.units import Factor, Identifier, Name, Probability, Rating, Years

# The letters are those of S&P, Fitch, KBRA and DBRS, then Moody's own; all below B but default is CCC.
_SCALE = {
    **{letters: letters for letters in ("AAA", "AA", "A", "BBB", "BB", "B", "CCC")},
    "CC": "CCC",
    "C": "CCC",
    "BAA": "BBB",
    "BA": "BB",
    "CAA": "CCC",
    "CA": "CCC",
}
_IN_DEFAULT = {"D", "SD", "RD"}
_MODIFIERS = re.compile(r"\s*(?:\(?(?:HIGH|MIDDLE|MID|LOW)\)?|[+-]|(?<=[ABC])[1-3])?\s*(?:\(SF\))?\s*$")


class Tenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor of one or more leases; all of its leases default together."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the deal.")]
    name: Annotated[Name | None, Meta(description="Name for people to read.")] = None
    rating: Annotated[
        Rating | None,
        Meta(
            description="Rating on any agency's long-term scale; modifiers are ignored, NR means not rated."
        ),
    ] = None
    one_year_pd: Annotated[
        Probability | None, Meta(description="Probability of default within a year; goes before the rating.")
    ] = None
    cumulative_pd: Annotated[
        Annotated[list[tuple[Years, Probability]], Meta(min_length=1, max_length=100)] | None,
        Meta(
            description="Cumulative default probabilities as ascending [years, probability] pairs; "
            "goes before one_year_pd and the rating.",
        ),
    ] = None
    pd_multiplier: Annotated[Factor, Meta(description="Multiplies the hazard of default.")] = 1.0
    security_months: Annotated[
        Factor, Meta(description="Deposit or letter of credit, in months of rent, drawn on default.")
    ] = 0.0


def _letters(rating: str) -> str:
    return _MODIFIERS.sub("", rating.strip().upper())


def defaulted(rating: str) -> bool:
    """Tell whether a rating says the obligor is already in default (D, SD, RD).

    >>> defaulted("SD"), defaulted("CCC-")
    (True, False)
    """
    return _letters(rating) in _IN_DEFAULT


@lru_cache(maxsize=1024)
def scale(rating: str) -> str | None:
    """Return a rating's category on the common scale, or None where it is not a rating.

    Raises
    ------
    ValueError
        If the rating says that the obligor is in default: no hazard rate stands for that.

    >>> scale("AA-"), scale("A (low)"), scale("Baa2"), scale("Ca"), scale("NR")
    ('AA', 'A', 'BBB', 'CCC', None)
    """
    letters = _letters(rating)
    if letters in _IN_DEFAULT:
        raise ValueError(f"rating {rating!r} means the obligor is in default")
    return _SCALE.get(letters)


def tenant_faults(tenant: Tenant, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one tenant."""
    if tenant.rating is None and tenant.one_year_pd is None and tenant.cumulative_pd is None:
        yield FieldError(at, "needs one of rating, one_year_pd, cumulative_pd")
    if tenant.rating is not None and defaulted(tenant.rating):
        yield FieldError(f"{at}/rating", f"{tenant.rating!r} means the tenant is in default")
    for i, (before, point) in enumerate(pairwise(tenant.cumulative_pd or []), start=1):
        if point[0] <= before[0]:
            yield FieldError(
                f"{at}/cumulative_pd/{i}/0", f"years must ascend: {point[0]:g} follows {before[0]:g}"
            )
        if point[1] < before[1]:
            yield FieldError(
                f"{at}/cumulative_pd/{i}/1", f"a cumulative probability cannot fall below {before[1]:g}"
            )
