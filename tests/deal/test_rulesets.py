"""House defaults: read strictly, known by their hash, and refused by name when unknown."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rackrate.deal import rulesets
from rackrate.deal.cases import MOVABLE, Case, value_fault
from rackrate.deal.errors import Invalid
from rackrate.deal.pools import rulesets as pool_rulesets
from rackrate.deal.provenance import sourced

CHINA = "china-national-2026.1"
FILE = Path(rulesets.__file__).parent / "rulesets" / "house-2026.1.toml"


def test_the_shipped_ruleset_is_the_one_published() -> None:
    ruleset = rulesets.load("house-2026.1")
    assert ruleset.sha256 == "21a177a374530f5a62afdf113637312661db1a204721f5690e0ebaacd605adbb"
    assert ruleset.sha256 == sha256(FILE.read_bytes()).hexdigest()
    assert (ruleset.name, ruleset.as_of) == ("house-2026.1", date(2026, 11, 21))
    assert "open-risk/transitionMatrix" in ruleset.text


def test_the_defaults_are_those_of_the_file() -> None:
    ruleset = rulesets.newest()
    assert ruleset.credit.cumulative_pd["BBB"][0] == 0.0018
    assert (ruleset.credit.unrated_as, ruleset.credit.horizons[-1]) == ("BB", 20)
    assert (ruleset.refinance.cap_rate, ruleset.refinance.months, ruleset.sale.costs) == (0.08, 360, 0.02)
    assert [support.category for support in ruleset.supports] == ["AAA", "AA", "A", "BBB", "BB"]
    assert ruleset.plausible.pue == (1.05, 2.2)


def test_a_case_of_the_ruleset_is_a_case_of_a_request() -> None:
    cases = rulesets.newest().cases
    assert cases["underwritten"] == Case(
        name="underwritten", vacancy_floor=0.05, management_fee_floor=0.03, capex_reserve_floor=15.0
    )
    assert cases["AAA"].pd_multiplier == 5.0


def test_an_unknown_ruleset_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Invalid) as refusal:
        rulesets.load("house-1999")
    assert [error.pointer for error in refusal.value.errors] == ["/ruleset"]
    assert rulesets.names() == [CHINA, "house-2026.1"]
    assert "house-2026.1" in refusal.value.detail


def test_a_ruleset_on_a_national_rating_scale_is_nobodys_default() -> None:
    """It is newer by date or name than none that is: only a deal that names it gets it."""
    china = rulesets.load(CHINA)
    assert (china.rating_scale, rulesets.newest().rating_scale) == ("national: China", rulesets.GLOBAL_SCALE)
    assert china.as_of == rulesets.newest().as_of


def test_a_domestic_letter_is_seven_notches_lower_on_the_global_scale() -> None:
    """AAA is BBB+, AA- is BB+, A- is B+, and BBB- is CCC+: each letter by its lowest notch."""
    china, house = (rulesets.load(name).credit for name in (CHINA, "house-2026.1"))
    mapped = {"AAA": "BBB", "AA": "BB", "A": "B", "BBB": "CCC", "BB": "CCC", "B": "CCC", "CCC": "CCC"}
    assert china.horizons == house.horizons
    assert china.cumulative_pd == {
        domestic: house.cumulative_pd[letter] for domestic, letter in mapped.items()
    }
    assert mapped[china.unrated_as] == house.unrated_as


def test_a_ruleset_is_read_once() -> None:
    assert rulesets.load("house-2026.1") is rulesets.newest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("lgd = 0.5", "lgd = nan"),
        ("lgd = 0.5", "lgd = 1.5"),
        ("lgd = 0.5", 'lgd = "0.5"'),
        ("lgd = 0.5", "lgd = 0.5\nlgg = 0.5"),
        ("lgd = 0.5", ""),
        ("costs = 0.02", "costs = inf"),
        ("pd_multiplier = 5.0", "pd_multiplyer = 5.0"),
        ('unrated_as = "BB"', 'unrated_as = "NR"'),
        ("horizons = [1, 2,", "horizons = [2, 1,"),
        ("horizons = [1, 2,", "horizons = [2,"),
        ("AAA = [0.0, 0.0003", "AAA = [0.1, 0.0003"),
        ("CCC = [", "CC = ["),
    ],
)
def test_a_ruleset_that_is_wrong_is_not_read(old: str, new: str) -> None:
    content = FILE.read_text()
    assert old in content
    with pytest.raises((msgspec.ValidationError, ValueError)):
        rulesets.parse(content.replace(old, new, 1).encode())


def leaves(tree: dict[str, Any], at: str = "") -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{at}{name}.")
        else:
            yield f"{at}{name}"


@pytest.mark.parametrize("load", [rulesets.newest, lambda: rulesets.load(CHINA), pool_rulesets.newest])
def test_every_number_of_a_ruleset_has_a_source_beside_it(load: Callable[[], Any]) -> None:
    ruleset = load()
    numbers = set(leaves(tomllib.loads(ruleset.text))) - {"name", "as_of", "rating_scale", "deal_ruleset"}
    assert set(ruleset.sources) == numbers
    assert all(source.endswith(".") and len(source) > 20 for source in ruleset.sources.values())


def test_a_number_without_a_source_is_not_read() -> None:
    """What would be read without its source: a table that the file of sources does not name."""
    tree, told = {"credit": {"lgd": 0.5, "recovery": 0.5}}, {"credit.lgd": "House."}
    with pytest.raises(ValueError, match=r"no source is given for credit\.recovery"):
        sourced(tree, told)


def test_a_source_of_nothing_is_not_read() -> None:
    with pytest.raises(ValueError, match=r"the source of credit\.lgg is of nothing"):
        sourced({"credit": {"lgd": 0.5}}, {"credit.lgd": "House.", "credit.lgg": "House."})


def test_a_ruleset_that_nothing_is_told_of_is_not_read() -> None:
    content = FILE.read_text().replace('name = "house-2026.1"', 'name = "house-1999"', 1)
    with pytest.raises(ValueError, match="house-1999: nothing says where its numbers come from"):
        rulesets.parse(content.encode())


def test_the_stresses_of_a_memo_are_adjustments_that_a_case_could_have() -> None:
    stresses = rulesets.newest().stresses
    assert len({stress.name for stress in stresses}) == len(stresses) >= 8
    for stress in stresses:
        assert stress.adjustment in MOVABLE
        assert value_fault(stress.adjustment, stress.value) is None
