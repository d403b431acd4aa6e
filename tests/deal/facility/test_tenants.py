"""Ratings of every agency, on one scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders.documents import changed, deal, refused

from rackrate.deal.facility.tenants import scale
from rackrate.deal.requests.underwriting import Deal

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
    *("AAA+", "AAA-", "Aaa1", "AAA (low)", "CC+", "CC (high)", "C-", "C (low)", "Ca1", "C1", "Baa+", "BBB1"),
    *("CCC2", "BB3", "Caa-", "Ba (high)", "BBBsfsf", "BBB (sf) sf", "(P)BBB (P)", "A (P)(P)"),
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


ENDS = {"AAA": "AAA", "Aaa": "AAA", "CC": "CCC", "Ca": "CCC", "C": "CCC", "NR": None, "WR": None}
LETTERS: dict[str, tuple[str | None, str]] = {
    **{word: (word, "graded") for word in ("BBB", "BB", "CCC")},
    **{word: (category, "numbered") for word, category in (("Baa", "BBB"), ("Ba", "BB"), ("Caa", "CCC"))},
    **{word: (word, "graded numbered") for word in ("AA", "A", "B")},
    **{word: (category, "") for word, category in ENDS.items()},
}
MODIFIERS = {
    **dict.fromkeys(("+", "-", " (high)", "(mid)", " (low)"), "graded"),
    **dict.fromkeys("123", "numbered"),
}


@given(
    st.sampled_from(sorted(LETTERS)),
    st.sampled_from(["", *MODIFIERS]),
    st.sampled_from(["", "sf", "(sf)", " (sf)", "(P)", " (P) (sf)", "sf(sf)", "(P) (P)"]),
    st.sampled_from(["", "(P)", "(P) "]),
)
def test_an_agencys_own_modifiers_and_suffixes_change_no_category_and_no_others_are_taken(
    letters: str, modifier: str, suffix: str, prefix: str
) -> None:
    """Moody's numbers its letters, the others grade theirs, nobody the ends of the scale."""
    category, kinds = LETTERS[letters]
    written = prefix + letters + modifier + suffix
    twice = written.count("sf") > 1 or written.count("(P)") > 1
    if twice or (modifier and MODIFIERS[modifier] not in kinds.split()):
        with pytest.raises(ValueError, match="no rating"):
            scale(written)
    else:
        assert scale(written) == category


@pytest.mark.parametrize("rating", ["D", "SD", "RD", "d", "D (sf)"])
def test_a_rating_of_default_is_refused_by_name(rating: str) -> None:
    with pytest.raises(ValueError, match="in default"):
        scale(rating)
    assert list(refused(changed(deal("gpu"), {"/tenants/0/rating": rating}), Deal)) == ["/tenants/0/rating"]
