"""The Structs are the reference: every class says what it is, every field what it holds."""

import msgspec
import pytest

from rackrate.deal.own_cash_flow import SizingAnswer, SizingRequest, WaterfallAnswer, WaterfallRequest
from rackrate.deal.portfolios import RefusedLine, UnderwrittenLine
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.underwriting import Deal, Underwriting

KINDS = [Deal, Underwriting, SizingRequest, SizingAnswer, WaterfallRequest, WaterfallAnswer, Ruleset]
KINDS += [UnderwrittenLine, RefusedLine]
_, SCHEMAS = msgspec.json.schema_components(KINDS)
STRUCTS = {
    kind.__name__: kind
    for kind in msgspec.Struct.__subclasses__()
    if kind.__module__.startswith("rackrate.deal.")
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
