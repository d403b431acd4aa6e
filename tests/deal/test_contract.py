"""The Structs are the reference: every class says what it is, every field what it holds and in what unit."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.codec.decode import read
from rackrate.deal.parts import Part
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.rulesets import Ruleset, newest
from rackrate.deal.units import AT_END, Comment, Currency, Identifier, Name

KINDS = [Deal, Underwriting, SizingRequest, SizingAnswer, WaterfallRequest, WaterfallAnswer, Ruleset]
KINDS += [UnderwrittenLine, RefusedLine]
_, SCHEMAS = msgspec.json.schema_components(KINDS)
_, ASKED = msgspec.json.schema_components([Deal, SizingRequest, WaterfallRequest])
REMARK = "as told by the broker, not yet checked"


def _below(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


STRUCTS: dict[str, Any] = {
    kind.__name__: kind for kind in _below(msgspec.Struct) if kind.__module__.startswith("rackrate.deal.")
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_and_every_field_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema["description"].endswith(".")
    assert len(schema["description"].splitlines()) == 1
    for field, described in schema["properties"].items():
        is_tag = field == "kind" and list(described) == ["enum"]
        assert is_tag or described["description"].endswith("."), field


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_is_frozen_and_takes_no_unknown_fields(name: str) -> None:
    config = STRUCTS[name].__struct_config__
    assert config.frozen
    assert config.forbid_unknown_fields


def test_names_of_objects_need_no_module_to_tell_them_apart() -> None:
    assert len(SCHEMAS) > 60
    assert set(SCHEMAS) <= set(STRUCTS)


@pytest.mark.parametrize("name", ASKED)
def test_every_part_of_a_request_may_carry_a_comment(name: str) -> None:
    assert issubclass(STRUCTS[name], Part)


def _remarked(node: Any) -> Any:
    """Write a comment into every object of a document."""
    if isinstance(node, dict):
        return {key: _remarked(value) for key, value in node.items()} | {"comment": REMARK}
    return [_remarked(item) for item in node] if isinstance(node, list) else node


def test_comments_are_part_of_the_request_and_move_no_figure(examples: Path) -> None:
    for file in sorted(examples.glob("*.json")):
        body = file.read_bytes()
        plain, text = read(body, Deal)
        remarked, with_comments = read(json.dumps(_remarked(json.loads(body))).encode(), Deal)
        assert b"comment" not in text
        assert with_comments.count(REMARK.encode()) > 10
        assert underwrite(plain, newest(), id="") == underwrite(remarked, newest(), id="")


TEXTS: dict[str, tuple[Any, Callable[[str], bool]]] = {
    "name": (Name, lambda text: len(text) <= 200),
    "comment": (Comment, lambda text: len(text) <= 1000),
    "identifier": (Identifier, lambda text: len(text) <= 64 and not (text[0] in "=+@-" or text[0].isspace())),
}
CONTROLS = [range(0x20), range(0x7F, 0xA0), range(0x2028, 0x202F), range(0x2066, 0x206A)]


@pytest.mark.parametrize("kind", TEXTS)
@given(text=st.text(st.characters(codec="utf-8"), max_size=70))
@example("abc\n")
@example("\u3000abc")
@example("-1")
@example("a\u202eb")
def test_text_is_printable_and_an_identifier_is_no_formula(kind: str, text: str) -> None:
    """Against the same rule written as Python: what is no control and sets no direction is printable."""
    annotated, fits = TEXTS[kind]
    printable = not any(ord(letter) in controls for letter in text for controls in CONTROLS)
    assert _takes(annotated, text) == (text != "" and printable and fits(text))


def _takes(kind: Any, text: str) -> bool:
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", [Name, Comment, Identifier, Currency])
def test_a_pattern_as_published_has_no_look_around_and_takes_the_same_but_for_a_last_line_break(
    kind: Any,
) -> None:
    pattern = msgspec.json.schema(kind)["pattern"]
    published = pattern.removesuffix(AT_END)
    assert published != pattern
    assert "(?" not in published
    assert re.search(published, "ABC\n")
    assert not re.search(pattern, "ABC\n")
