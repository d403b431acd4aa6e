"""The page on Python runs as it stands, and says what there is."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.guides.blocks import blocks_of, run_python

import rackrate

PAGE = "docs/python.md"


def test_every_block_runs_after_those_before_it(
    start_service: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_python(PAGE, start_service().url)
    told = capsys.readouterr().out
    assert len(blocks_of(PAGE)) == len(blocks_of(PAGE, "python")) > 10
    assert told.startswith("min_debt_yield 2642363025.08")
    for line in ("/currency", "True\n", "404 not-found", "20000 20000", "at 5.50%", "at -100.00% "):
        assert line in told, line
    assert str(names["month"]) != ""


def test_every_function_is_in_its_table() -> None:
    page = (ROOT / PAGE).read_text()
    for name in rackrate.__all__:
        assert f"`{name}" in page, name
