"""Positions of JSON pointers in a text."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rackrate.deal.codec.positions import position

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=6), inside, max_size=4),
    max_leaves=20,
)


def pointers(document: Any, at: str = "") -> list[tuple[str, Any]]:
    found = [(at, document)]
    if isinstance(document, dict):
        for name, value in document.items():
            found += pointers(value, f"{at}/{name.replace('~', '~0').replace('/', '~1')}")
    if isinstance(document, list):
        for i, value in enumerate(document):
            found += pointers(value, f"{at}/{i}")
    return found


@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_stands_at_the_position_of_a_pointer_is_what_it_leads_to(
    document: Any, indent: int | str | None, escaped: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=escaped)
    for pointer, value in pointers(document):
        line, column = position(text, pointer)
        rest = "\n".join([text.split("\n")[line - 1][column - 1 :], *text.split("\n")[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == value
        assert position(text, f"{pointer}/not there") == (line, column)


@given(st.text(alphabet='{}[]:,"\\a1 \n', max_size=40), st.text(alphabet="/a1~", max_size=6))
def test_of_a_text_that_is_broken_the_position_is_within_it(text: str, pointer: str) -> None:
    line, column = position(text, pointer)
    lines = text.split("\n")
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1
