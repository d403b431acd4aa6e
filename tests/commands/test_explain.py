"""Explanations: what binds, what breaks first and when, what would make the loan larger."""

import json
from pathlib import Path

import msgspec
import pytest

import rackrate
from rackrate.__main__ import main
from rackrate.reports.tables import WIDTH, percent


def explained(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["explain", str(file), *options]) == 0
    return capsys.readouterr().out


def test_every_shipped_deal_is_explained_within_the_page(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in sorted(examples.glob("*.json")):
        told = explained(file, capsys)
        answer = rackrate.underwrite(file)
        assert max(map(len, told.splitlines())) <= WIDTH, file.name
        assert f"{answer.summary.binding_test} of " in told or answer.summary.binding_test == "classes"
        assert told.rstrip().endswith(answer.id)
        for found in answer.break_evens:
            if found.measure == "ncf_haircut" and found.status == "solved":
                assert percent(found.value) in told, (file.name, found)


def test_what_breaks_first_is_told_with_its_date_and_a_waterfall_just_past_it_agrees(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Just short of the cut that is told the trap never trips, just past it does on the date that is told."""
    file = examples / "hyperscale-single-tenant.json"
    told = explained(file, capsys)
    assert "trap trips at a cut of 10.99%, on 2026-03-20: " in told
    for cut, date in ((0.1098, "None"), (0.1100, "2026-03-20")):
        stress = [{"name": "cut", "adjustment": "ncf_haircut", "value": cut}]
        (outcome,) = rackrate.sensitivity(file, stresses=stress).stresses
        assert outcome.triggers is not None
        assert str(outcome.triggers.trap) == date


def test_what_breaks_without_any_stress_comes_first(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "hyperscale-single-tenant.json").read_text())
    deal["structure"]["triggers"]["trap_below"] = 3.0
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    run = rackrate.underwrite(deal).waterfall
    assert run is not None
    told = explained(tmp_path / "deal.json", capsys)
    assert f"As it is, without any stress: trap trips, on {run.triggers.trap}." in told
    rows = [line.split() for line in told.splitlines() if line.startswith("trap trips")]
    assert rows == [["trap", "trips", "as", "it", "is", str(run.triggers.trap)]]


def test_a_loan_without_classes_is_explained_by_its_cover(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    deal["structure"] = None
    (tmp_path / "deal.json").write_text(msgspec.json.encode(deal).decode())
    told = explained(tmp_path / "deal.json", capsys, "--principal", "0.9")
    assert "least DSCR 1 at a cut of " in told
    assert "WHAT WOULD MAKE THE LOAN 0.9 TIMES ITSELF" in told
