"""The methodology page speaks of everything the model has a word for."""

import re
import typing
from pathlib import Path

import pytest

from rackrate.deal import sizing_tests
from rackrate.deal.answers.figures import Caution
from rackrate.engine.facility.cases import NEUTRAL
from rackrate.kernel import records

PAGE = (Path(__file__).parents[1] / "docs/methodology.md").read_text()
CODES = typing.get_args(typing.get_args(Caution.__annotations__["code"])[0])
TESTS = [str(test.__struct_config__.tag) for test in typing.get_args(sizing_tests.SizingTest)]


@pytest.mark.parametrize("word", [*NEUTRAL, *records.LINES, *TESTS, *CODES])
def test_every_adjustment_line_test_and_warning_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_every_source_cited_is_listed_and_every_source_listed_is_cited() -> None:
    text, _, sources = PAGE.partition("## Sources")
    cited = {int(number) for group in re.findall(r"\[([0-9,\s]+)\]", text) for number in group.split(",")}
    listed = {int(number) for number in re.findall(r"(?m)^([0-9]+)\. ", sources)}
    assert cited == listed
