"""The methodology page speaks of everything the model has a word for."""

import re
import typing
from pathlib import Path

import pytest

from rackrate.deal import sizing_tests
from rackrate.deal.answers.figures import Caution
from rackrate.engine.facility.cases import NEUTRAL
from rackrate.kernel import records

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in ("CHANGELOG.md", "DESIGN.md"))]
PAGE = (ROOT / "docs/methodology.md").read_text()
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
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


def _items(page: Path) -> list[str]:
    """The paragraphs and list items of a page, each on one line; headings, tables and code apart."""
    items, is_open = list[str](), False
    for line in FENCED.sub("", page.read_text()).splitlines():
        goes_on = is_open and not re.match(r"- |\d+\. |#|\|", line)
        if goes_on and line:
            items[-1] += " " + line.strip()
        elif re.match(r"- |\d+\. |\S", line) and not re.match(r"#|\||!|<", line):
            items.append(line)
            goes_on = True
        is_open = goes_on and bool(line)
    return items


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_item_of_a_page_is_whole_sentences_and_says_what_no_other_says(page: Path) -> None:
    items = _items(page)
    assert items
    broken = [item for item in items if not re.search(r"[.:;>)*`|]$|\d$", item)]
    assert broken == []
    joined = [seam for item in items for seam in re.findall(r".{0,30}[a-z`)]\. [a-z].{0,30}", item)]
    assert joined == []
    sentences = [said for item in items for said in re.split(r"(?<=[.:;]) ", item) if len(said) > 40]
    leads = [lead[0] for item in items if (lead := re.match(r"- \*\*.+?\*\*", item))]
    for said in (sentences, leads):
        assert {twice for twice in said if said.count(twice) > 1} == set()
