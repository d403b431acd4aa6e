"""Tenants as obligors: ratings and probabilities of default."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import Factor, Identifier, Name, Probability, Rating, Years

CATEGORIES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC")
# The letters are those of S&P, Fitch, KBRA and DBRS, then Moody's own; all below B but default is CCC.
_SCALE = {
    **{letters: letters for letters in CATEGORIES},
    "CC": "CCC",
    "C": "CCC",
    "BAA": "BBB",
    "BA": "BB",
    "CAA": "CCC",
    "CA": "CCC",
}
_IN_DEFAULT = {"D", "SD", "RD"}
_NOT_RATED = {"NR", "WR", "UNRATED"}
_NUMBERED = {"AA", "A", "BAA", "BA", "B", "CAA"}  # 1, 2 or 3 beside them; Moody's
_GRADED = {"AA", "A", "BBB", "BB", "B", "CCC"}  # + or -, (high) or (low); the others'
_KNOWN = (
    f"{', '.join(CATEGORIES)}, CC, C or Moody's letters for them, AA to CCC with + - (high) (mid) (low), "
    "Aa to Caa with 1 2 3, one of sf, (sf) and one (P) beside them, and NR, WR, unrated"
)
_RATING = re.compile(
    r"(?!.*SF.*SF)(?!.*\(P\).*\(P\))"  # each once
    r"(?:\(P\))?\s*(?P<letters>[A-Z]+?)\s*"
    r"(?:(?P<grade>[+-]|\((?:HIGH|MIDDLE|MID|LOW)\))|(?P<number>[123]))?"
    r"(?:\s*(?:SF|\(SF\)|\(P\)))*"
)


class Tenant(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor of one or more leases; all of its leases default together."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the deal.")]
    name: Annotated[Name | None, Meta(description="Name for people to read.")] = None
    obligor: Annotated[
        Identifier | None,
        Meta(description="Who stands behind it, the same name in every deal; its id if absent. See books."),
    ] = None
    rating: Annotated[
        Rating | None,
        Meta(
            description="Rating on any agency's long-term scale, its own modifiers and suffixes ignored; "
            "NR, WR or unrated: as the ruleset takes it. Any other text is refused."
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
        Factor,
        unit("months"),
        Meta(description="Deposit or letter of credit, in months of rent, drawn on default."),
    ] = 0.0


def _letters(rating: str) -> str | None:
    """Letters of a rating without an agency's modifiers; None where it is no rating."""
    found = _RATING.fullmatch(rating.strip().upper())
    if found is None:
        return None
    letters, known = found["letters"], _SCALE.keys() | _IN_DEFAULT | _NOT_RATED
    if found["grade"]:
        known = _GRADED
    elif found["number"]:
        known = _NUMBERED
    return letters if letters in known else None


@lru_cache(maxsize=1024)
def scale(rating: str) -> str | None:
    """Return a rating's category on the common scale, or None where it says that there is no rating.

    Raises
    ------
    ValueError
        If the rating says that the obligor is in default, for which no hazard rate stands, or is none known.

    >>> scale("AA-"), scale("A (low)"), scale("Baa2"), scale("(P)Ba1 (sf)"), scale("Ca"), scale("NR")
    ('AA', 'A', 'BBB', 'BB', 'CCC', None)
    """
    letters = _letters(rating)
    if letters is None:
        raise ValueError(f"no rating {rating!r}: known are {_KNOWN}")
    if letters in _IN_DEFAULT:
        raise ValueError(f"{rating!r} means the tenant is in default")
    return _SCALE.get(letters)


def tenant_faults(tenant: Tenant, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one tenant."""
    if tenant.rating is None and tenant.one_year_pd is None and tenant.cumulative_pd is None:
        yield FieldError(at, "needs one of rating, one_year_pd, cumulative_pd")
    if tenant.rating is not None:
        try:
            scale(tenant.rating)
        except ValueError as fault:
            yield FieldError(f"{at}/rating", str(fault))
    for i, (before, point) in enumerate(pairwise(tenant.cumulative_pd or []), start=1):
        if point[0] <= before[0]:
            yield FieldError(
                f"{at}/cumulative_pd/{i}/0", f"years must ascend: {point[0]:g} follows {before[0]:g}"
            )
        if point[1] < before[1]:
            yield FieldError(
                f"{at}/cumulative_pd/{i}/1", f"a cumulative probability cannot fall below {before[1]:g}"
            )
