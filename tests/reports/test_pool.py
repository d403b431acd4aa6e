"""The readable pool."""

import json
from pathlib import Path

import pytest

from rackrate.__main__ import main


def test_a_person_sees_loans_maturities_concentration_and_what_classes_lose(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = str(examples / "pools" / "conduit-twelve-loans.json")
    assert main(["pool", pool, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert main(["pool", pool]) == 0
    printed = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    year = answer["concentration"]["maturity"][0]
    assert any(line.startswith(f"{year['id']} {year['share']:.2%}") for line in lines)
    largest = answer["concentration"]["sponsor"][0]
    assert any(f"{largest['id']} {largest['share']:.2%}" in line for line in lines)
    lost = [f"{one['classes'][-1]['principal_loss'] / 1e6:,.1f}m" for one in answer["scenarios"]]
    assert f"HRR loses {' '.join(lost)}" in lines
    assert any(line.startswith("! pool_test_failed: ") for line in lines)
    for loan in answer["loans"]:
        assert sum(f"{loan['balance'] / 1e6:,.1f}m {loan['share']:.2%}" in line for line in lines) >= 1


def test_a_pool_of_many_loans_shows_the_largest_and_counts_the_rest(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((examples / "pools" / "gpu-term-loans.json").read_bytes())
    one = document["loans"][0]
    document["loans"] = [one | {"id": f"loan-{n}", "name": None, "balance": 1e6 + n} for n in range(53)]
    document |= {"structure": None, "scenarios": []}
    file = tmp_path / "many.json"
    file.write_text(json.dumps(document))
    assert main(["pool", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "and 3 smaller loans" in printed
    assert "loan-52 " in printed
    assert "loan-2 " not in printed
