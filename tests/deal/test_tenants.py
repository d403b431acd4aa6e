"""Ratings of every agency, on one scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders.documents import changed, deal, refused

from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.tenants import scale

SCALE = {
    "AAA": ["AAA", "Aaa", "aaa", " AAA ", "AAA (sf)", "AAA(sf)", "AAAsf", "(P)Aaa (sf)", "Aaa (P)"],
    "AA": [
        "AA+",
        "AA",
        "AA-",
        "Aa1",
        "Aa2",
        "Aa3",
        "AA (high)",
        "AA(low)",
        "AA (mid)",
        "AA- (sf)",
        "AA-sf",
        "AA (high) (sf)",
    ],
    "A": ["A+", "A", "A-", "A1", "A2", "A3", "A (high)", "A(low)"],
    "BBB": ["BBB+", "BBB-", "Baa1", "Baa3", "BBB (low)", "BBB (high)"],
    "BB": ["BB+", "BB", "Ba1", "Ba3", "BB (high)"],
    "B": ["B+", "B", "B-", "B1", "B3", "B (low)"],
    "CCC": ["CCC+", "CCC", "CCC-", "Caa1", "Caa3", "CC", "C", "Ca", "CCC (high)"],
}


@pytest.mark.parametrize(
    ("rating", "category"), [(r, category) for category in SCALE for r in SCALE[category]]
)
def test_a_rating_falls_into_its_category_whatever_its_modifier(rating: str, category: str) -> None:
    assert scale(rating) == category


@pytest.mark.parametrize("rating", ["NR", "WR", "nr", "unrated", "Unrated", "NR (sf)"])
def test_what_is_not_rated_is_left_to_the_ruleset(rating: str) -> None:
    assert scale(rating) is None


UNKNOWN = [
    *("junk", "AA++", "A+-", "BBB (stable)", "BBB positive", "AAAA", "AA4", "A A", "E", "n/a", "-", "NR+"),
    *("A-1", "P-2", "F1+", "WD", "BBB(sf", "BBB (low", "BBB low", "(P)", "sf", "investment grade"),
]


@pytest.mark.parametrize("rating", UNKNOWN)
def test_any_other_text_is_refused_at_its_field_with_what_is_known(rating: str) -> None:
    found = refused(changed(deal("gpu"), {"/tenants/0/rating": rating}), Deal)
    assert list(found) == ["/tenants/0/rating"]
    assert "known are AAA, AA, A, BBB, BB, B, CCC" in found["/tenants/0/rating"]


@given(st.text(max_size=12))
def test_whatever_the_text_it_has_a_category_is_not_rated_or_is_refused(text: str) -> None:
    try:
        found = scale(text)
    except ValueError as refusal:
        found = None if repr(text) in str(refusal) else str(refusal)
    assert found in {*SCALE, None}


@given(
    st.sampled_from([("BBB", "BBB"), ("Baa", "BBB"), ("CC", "CCC"), ("A", "A"), ("NR", None)]),
    st.sampled_from(["", "+", "-", "1", "2", "3", " (high)", "(mid)", " (low)"]),
    st.sampled_from(["", "sf", "(sf)", " (sf)", "(P)", " (P) (sf)"]),
    st.sampled_from(["", "(P)", "(P) "]),
)
def test_modifiers_and_suffixes_change_no_category(
    letters: tuple[str, str | None], modifier: str, suffix: str, prefix: str
) -> None:
    written, category = letters
    if category is not None or not modifier:
        assert scale(prefix + written + modifier + suffix) == category


@pytest.mark.parametrize("rating", ["D", "SD", "RD", "d", "D (sf)"])
def test_a_rating_of_default_is_refused_by_name(rating: str) -> None:
    with pytest.raises(ValueError, match="in default"):
        scale(rating)
    assert list(refused(changed(deal("gpu"), {"/tenants/0/rating": rating}), Deal)) == ["/tenants/0/rating"]
