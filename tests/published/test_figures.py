"""Figures as they are printed: read with their rounding, and held against an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rackrate.published.comparison import at, row_of, worked_out
from rackrate.published.figures import SCALES, Figure, printed

ANSWER = {
    "sizing": {"tests": [{"name": "ltv", "actual": 0.81}]},
    "due": [1.0, 2.0],
    "trips": True,
    "none": None,
}


def figure(published: str, answer: str) -> Figure:
    return Figure(what="it", published=published, source="derived", answer=answer)


@pytest.mark.parametrize(
    ("text", "value", "rounding"),
    [
        ("$48.6m", 48.6e6, 0.05e6),  # half of 0.1m
        ("-19.9%", -0.199, 0.0005),  # half of 0.1 percent
        ("1.85x", 1.85, 0.005),
        ("¥3.725bn", 3.725e9, 0.5e6),
        ("£80", 80.0, 0.5),
        ("$1,114.6m", 1114.6e6, 0.05e6),
    ],
)
def test_a_figure_is_read_with_half_its_last_digit(text: str, value: float, rounding: float) -> None:
    told = printed(text)
    assert told.value == pytest.approx(value, rel=1e-15)
    assert told.rounding == pytest.approx(rounding, rel=1e-15)
    assert told.alike(told.value) == text


@pytest.mark.parametrize("text", ["", "about 5", "5 %", "1.2.3", "5kg", "m"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no printed number"):
        printed(text)


@given(
    st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3),
    st.integers(0, 4),
    st.sampled_from([*SCALES]),
)
def test_a_number_is_within_the_rounding_of_what_is_printed_of_it(
    value: float, decimals: int, unit: str
) -> None:
    """However it is printed: a row of it agrees, and one two last digits off does not."""
    pattern = printed(f"${1:.{decimals}f}{unit}")
    text = pattern.alike(value)
    assert row_of(figure(text, "'it'"), {"it": value}).agrees
    off = value + 4 * pattern.rounding
    assert not row_of(figure(text, "'it'"), {"it": off}).agrees


def test_places_are_named_as_comparisons_name_them() -> None:
    assert at(ANSWER, "sizing/tests/ltv/actual") == 0.81
    assert worked_out("2 * ('due/1' - 'due/0') / 'sizing/tests/ltv/actual'", ANSWER) == 2 * (2.0 - 1.0) / 0.81


@pytest.mark.parametrize("place", ["sizing/tests/dscr/actual", "due/2", "due", "sizing", "trips", "none", ""])
def test_a_place_without_a_figure_is_refused(place: str) -> None:
    with pytest.raises(LookupError):
        at(ANSWER, place)


@pytest.mark.parametrize(
    "arithmetic", ["open('due/1')", "'due/1' ** 9", "x", "[1]", "-'due/1'", "True if 1 else 0"]
)
def test_nothing_but_arithmetic_is_worked_out(arithmetic: str) -> None:
    with pytest.raises(ValueError, match="no arithmetic"):
        worked_out(arithmetic, ANSWER)
