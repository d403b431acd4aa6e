"""The readable underwriting."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.conftest import EXAMPLES

from rackrate.__main__ import main
from rackrate.analyses.cautions.waterfall import OF_THE_RUN
from rackrate.analyses.deals.differences import labels
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.answers.figures import Caution
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.underwriting import Deal
from rackrate.reports.summary import summarise

RUN_OFF = {
    "name": "run-off",
    "credit": True,
    "pd_multiplier": 20,
    "market_rent_haircut": 0.9,
    "renewal_factor": 0,
}


@pytest.mark.parametrize("name", ["hyperscale-single-tenant", "pool-of-three", "gpu-compute-loan"])
def test_a_person_sees_principal_binding_test_cover_and_classes(
    examples: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["underwrite", str(examples / f"{name}.json")]) == 0
    printed = capsys.readouterr().out
    for word in ("Principal", "bound by", "DSCR", "LTV", "Debt yield", "binds", "class", "coupon"):
        assert word in printed
    assert "a house rule of house-2026.1" in printed
    assert "not a rating" in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_a_person_is_told_what_happens_in_the_reported_waterfall(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pool is paid in a winter: its triggers trip, and nobody refinances it at the ARD."""
    assert main(["underwrite", str(examples / "pool-of-three.json")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "the trap trigger trips for all classes on 2035-10-01 (case ai-winter)" in printed
    assert "not refinanced at the ARD on 2031-09-01, outstanding: A-2, B, C (case ai-winter)" in printed


def test_a_person_sees_the_bridge_the_shadow_prices_and_when_triggers_trip(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each figure stands where the answer has it: NCF 111.0m to 104.0m, a point of debt yield 143.9m."""
    deal = str(examples / "pool-of-three.json")
    assert main(["underwrite", deal, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert main(["underwrite", deal]) == 0
    printed = capsys.readouterr().out
    rows = [line.split() for line in printed.splitlines()]
    ncf = next(row for row in answer["bridge"] if row["line"] == "ncf")
    change = ncf["underwritten"] - ncf["issuer"]
    assert [
        "ncf",
        *(f"{figure / 1e6:,.1f}m" for figure in (ncf["issuer"], ncf["underwritten"], change)),
    ] in rows
    tests = answer["sizing"]["tests"]
    for test, name in zip(tests, labels([test["name"] for test in tests]), strict=True):
        assert f"{test['shadow_price'] / 1e8:,.1f}m" in {row[-1] for row in rows if name in row}
    for name, when in answer["waterfall"]["triggers"].items():
        assert [name, "all", when] in [[row[0], row[1], row[-1]] for row in rows if len(row) > 3]
    for note in answer["waterfall"]["classes"]:
        assert ["shortfall", note["name"], note["first_shortfall"] or "never"] in rows


def test_names_too_long_for_the_page_are_wrapped(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "pool-of-three.json").read_text())
    for k, note in enumerate(deal["structure"]["classes"]):
        note["name"] = f"{k}{'x' * 62}{k}"
    deal["sizing"]["tests"][0]["name"] = "y" * 64
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    assert main(["underwrite", str(tmp_path / "deal.json")]) == 0
    printed = capsys.readouterr().out
    assert "…" not in printed
    assert printed.count("y") - printed.count("y\n") > 60
    assert max(map(len, printed.splitlines())) <= 100


@pytest.mark.parametrize("name", ["colocation-multi-tenant", "pool-of-three"])
def test_every_event_of_the_reported_waterfall_is_printed_and_other_warnings_once_a_kind(name: str) -> None:
    """A deal in a run-off that several of its classes do not survive, three of its terms implausible."""
    document = msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes())
    document["cases"] = [*document.get("cases", []), RUN_OFF]
    document["structure"]["case"] = RUN_OFF["name"]
    deal = decode(msgspec.json.encode(document), Deal)
    answer = underwrite(deal, rulesets.newest(), id="x")
    odd = [
        Caution(code="implausible", message=f"term {k} is odd", pointer=f"/facilities/{k}/pue")
        for k in range(3)
    ]
    printed = summarise(deal, msgspec.structs.replace(answer, warnings=[*odd, *answer.warnings]))
    printed = " ".join(printed.split())
    events = [warning for warning in answer.warnings if warning.code in OF_THE_RUN]
    assert max(Counter(warning.code for warning in events).values()) > 1
    assert [warning for warning in events if f"{warning.message} ({warning.pointer})" not in printed] == []
    assert "term 0 is odd (/facilities/0/pue), and 2 more such" in printed
    assert "term 1 is odd" not in printed
