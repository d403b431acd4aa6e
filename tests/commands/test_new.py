"""New deals: shipped ones with comments, which underwrite as they stand."""

import json
from pathlib import Path
from typing import Any

import pytest

import rackrate
from rackrate.__main__ import main
from rackrate.commands.new import LONGEST, kinds


@pytest.mark.parametrize("like", kinds())
def test_a_new_deal_underwrites_to_the_figures_of_the_one_it_is_like(
    like: str, examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "deal.json"), "--like", like]) == 0
    new, shipped = rackrate.underwrite(tmp_path / "deal.json"), rackrate.underwrite(examples / f"{like}.json")
    assert new.id != shipped.id
    for part in ("summary", "sizing", "tranches", "waterfall"):
        assert getattr(new, part) == getattr(shipped, part)
    assert main(["new", "--like", like]) == 0
    assert (tmp_path / "deal.json").read_text() in capsys.readouterr().out


def comments(document: Any) -> list[str]:
    if isinstance(document, list):
        return [told for each in document for told in comments(each)]
    if not isinstance(document, dict):
        return []
    inside = [told for value in document.values() for told in comments(value)]
    return [document["comment"], *inside] if "comment" in document else inside


def test_each_kind_of_part_is_commented_once_with_what_its_fields_take(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["new"]) == 0
    told = comments(json.loads(capsys.readouterr().out))
    assert max(map(len, told)) <= LONGEST
    assert len(set(told)) == len(told) > 15
    leases = [each for each in told if each.startswith("One contract: a tenant takes")]
    assert len(leases) == 1
    assert "contracted_kw: Contracted critical load, kW." in leases[0]
    assert "May also have ramp" in leases[0]


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deal.json").write_text("mine")
    assert main(["new", str(tmp_path / "deal.json")]) == 2
    assert capsys.readouterr().err.endswith("deal.json: File exists\n")
    assert (tmp_path / "deal.json").read_text() == "mine"


def test_what_is_taken_out_of_a_new_deal_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new"]) == 0
    deal = json.loads(capsys.readouterr().out)
    del deal["facilities"][0]["leases"][0]["rent_per_kw_month"]
    (tmp_path / "deal.json").write_text(json.dumps(deal, indent=1))
    assert main(["underwrite", str(tmp_path / "deal.json")]) == 1
    assert "/facilities/0/leases/0/rent_per_kw_month: required" in capsys.readouterr().err
