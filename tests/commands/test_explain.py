"""Explanations: what binds, what breaks first and when, what would make the loan larger."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.builders.any_deal import any_deal

import rackrate
from rackrate.__main__ import main
from rackrate.deal.errors import Refusal
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
    assert "First trap trips, at a cut of 10.99%, on 2026-03-20: " in told
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
    assert "First least DSCR 1, at a cut of " in told
    assert "WHAT WOULD MAKE THE LOAN 0.9 TIMES ITSELF" in told


def refusal_of(deal: dict[str, Any]) -> str | None:
    try:
        rackrate.underwrite(deal)
    except Refusal as refusal:
        return refusal.detail
    return None


@pytest.mark.parametrize("seed", range(8))
def test_any_deal_is_explained_or_refused_with_the_reason_of_the_service(
    seed: int, examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever breaks first in words is the least of the cuts that are listed below it."""
    documents = [json.loads(file.read_bytes()) for file in sorted(examples.glob("*.json"))]
    deal = any_deal(documents, seed)
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    status = main(["explain", str(tmp_path / "deal.json")])
    told = capsys.readouterr()
    reason = refusal_of(deal)
    assert status == (0 if reason is None else 1)
    assert reason is None or reason in told.err
    if reason is not None:
        return
    assert max(map(len, told.out.splitlines())) <= WIDTH
    rows = told.out.partition("cut of NCF")[2].partition("\n\n")[0].splitlines()[1:]
    cuts = [float(found[1]) for row in rows if (found := re.search(r"([\d.]+)%", row))]
    first = re.search(r"First .*?, at a\s+cut of ([\d.]+)%", told.out)
    assert cuts == sorted(cuts)
    assert first is None or float(first[1]) == cuts[0]
    assert ("As it is" in told.out) == (first is None and bool(rows) and "as it is" in rows[0])
