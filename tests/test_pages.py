"""Pages to read: what they say is what is computed, and nothing is left out."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from rackrate.analyses.deals.differences import entries
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.kernel import records

ROOT = Path(__file__).parents[1]
ANSWER = (ROOT / "docs/answer.md").read_text()
EXAMPLE = (ROOT / "docs/worked-example.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in EXAMPLE.splitlines()
    if re.match(r"\| .* \| .*[0-9].* \| -?[0-9]", line)
]


def test_the_page_of_the_fields_of_a_deal_is_fresh() -> None:
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    made = runpy.run_path(str(ROOT / ".ci/fields"))["page"](contract)
    assert (ROOT / "docs/deal.md").read_text() == made, "docs/deal.md is stale: run `make contract`"


def test_the_page_of_the_fields_has_every_field_of_every_part_of_a_deal() -> None:
    page = (ROOT / "docs/deal.md").read_text()
    _, parts = msgspec.json.schema_components([Deal])
    assert len(parts) > 50
    for name, part in parts.items():
        _, _, rest = page.partition(f"\n## {name}\n")
        section = rest.partition("\n## ")[0]
        for field in part["properties"]:
            assert f"| `{field}` |" in section or field == "comment", f"{name}.{field}"
            if field in part["required"] and field != "kind":
                assert re.search(rf"\| `{field}` \|.*\*\*needed\*\*", section), f"{name}.{field}"


def fields(kinds: dict[str, Any]) -> Iterator[str]:
    for part in kinds.values():
        yield from part["properties"]


@pytest.mark.parametrize(
    "word",
    sorted({*fields(msgspec.json.schema_components([Underwriting])[1]), *records.LINES}),
)
def test_every_figure_of_an_answer_has_its_word(word: str) -> None:
    assert f"`{word}`" in ANSWER


def test_each_step_of_the_worked_example_comes_to_its_figure() -> None:
    """The arithmetic as it is printed, to the last digit that is."""
    assert len(ROWS) > 30
    for name, arithmetic, figure, _ in ROWS:
        assert re.fullmatch(r"[0-9.,+\-*/() ]+", arithmetic), arithmetic
        worked = eval(arithmetic.replace(",", ""))
        assert round(worked, digits(figure)) == number(figure), name


def test_each_figure_of_the_worked_example_is_the_answers() -> None:
    deal = decode((ROOT / "docs/worked-example.json").read_bytes(), Deal)
    answer = msgspec.to_builtins(underwrite(deal, rulesets.newest(), id="x"))
    placed = [row for row in ROWS if row[3]]
    assert len(placed) > 25
    for name, _, figure, place in placed:
        found: Any = answer
        for part in place.strip("`").split("/"):
            found = (entries(found) or {})[part]
        assert round(found, digits(figure)) == number(figure), name
    assert answer["tranches"][0]["break_even_haircut"] == pytest.approx(0.444, abs=5e-4)


def test_the_answer_of_the_readme_is_the_one_that_is_served() -> None:
    """Byte for byte, line breaks apart; the deal is the one of the request above it."""
    _, _, page = (ROOT / "README.md").read_text().partition("    curl --json @")
    told = re.sub(r"\n +", "", page[page.index('{"summary"') :].partition("\n\n")[0])
    deal = decode((ROOT / page.split()[0]).read_bytes(), Deal)
    answer = underwrite(deal, rulesets.newest(), id="x")
    assert told == msgspec.json.encode({"summary": answer.summary}).decode()


def number(figure: str) -> float:
    return float(figure.replace(",", ""))


def digits(figure: str) -> int:
    return len(figure.partition(".")[2])
