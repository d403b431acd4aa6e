"""Ratings of every agency, on one scale."""

import pytest

from rackrate.deal.credit import defaulted, scale

SCALE = {
    "AAA": ["AAA", "Aaa", "aaa", " AAA ", "AAA (sf)", "AAA(sf)"],
    "AA": ["AA+", "AA", "AA-", "Aa1", "Aa2", "Aa3", "AA (high)", "AA(low)", "AA (middle)", "AA- (sf)"],
    "A": ["A+", "A", "A-", "A1", "A2", "A3", "A (high)", "A(low)"],
    "BBB": ["BBB+", "BBB-", "Baa1", "Baa3", "BBB (low)", "BBB high"],
    "BB": ["BB+", "BB", "Ba1", "Ba3", "BB (high)"],
    "B": ["B+", "B", "B-", "B1", "B3", "B (low)"],
    "CCC": ["CCC+", "CCC", "CCC-", "Caa1", "Caa3", "CC", "C", "Ca", "CCC (high)"],
}


@pytest.mark.parametrize(
    ("rating", "category"), [(r, category) for category in SCALE for r in SCALE[category]]
)
def test_a_rating_falls_into_its_category_whatever_its_modifier(rating: str, category: str) -> None:
    assert scale(rating) == category
    assert not defaulted(rating)


@pytest.mark.parametrize(
    "rating", ["NR", "WR", "WD", "", "n/a", "A-1", "P-2", "F1+", "AAAA", "E", "investment grade", "A+-"]
)
def test_what_is_no_long_term_rating_has_no_category(rating: str) -> None:
    assert scale(rating) is None


@pytest.mark.parametrize("rating", ["D", "SD", "RD", "d", "D (sf)"])
def test_a_rating_of_default_is_refused_by_name(rating: str) -> None:
    assert defaulted(rating)
    with pytest.raises(ValueError, match="in default"):
        scale(rating)
