"""What is refused at the command line is told with the line of the file."""

import json
from pathlib import Path

import pytest

from rackrate.__main__ import main


@pytest.fixture
def wrong(examples: Path, tmp_path: Path) -> Path:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    deal["debt"]["rate"] = "nan"
    (tmp_path / "wrong.json").write_text(json.dumps(deal, indent=1))
    return tmp_path / "wrong.json"


def line_of(file: Path, text: str) -> int:
    return next(i for i, line in enumerate(file.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize("command", ["underwrite", "explain", "sensitivity", "simulate", "compare"])
def test_the_line_that_is_wrong_is_shown_with_a_mark_below_it(
    command: str, wrong: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(wrong)]) == 1
    told = capsys.readouterr().err.splitlines()
    line = line_of(wrong, '"rate": "nan"')
    assert f"{wrong}:{line}:11: /debt/rate: expected a number or an object, got the text 'nan'" in told[1]
    assert told[2] == f'{line:8} |   "rate": "nan",'
    assert told[3] == "         |           ^"


def test_of_two_files_the_one_that_is_wrong_is_named(
    wrong: Path, examples: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = str(examples / "powered-shell-leasehold.json")
    assert main(["compare", good, str(wrong)]) == 1
    line = line_of(wrong, '"rate": "nan"')
    assert f"{wrong}:{line}:11: /against/debt/rate" in capsys.readouterr().err
    structure = json.loads((examples / "powered-shell-leasehold.json").read_text())["structure"]
    structure["classes"][0]["principal"] = "much"
    (tmp_path / "structure.json").write_text(json.dumps(structure, indent=1))
    assert main(["compare", good, str(tmp_path / "structure.json")]) == 1
    line = line_of(tmp_path / "structure.json", "much")
    assert f"structure.json:{line}:" in capsys.readouterr().err


def test_what_options_ask_is_no_line_of_the_file(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deal = str(examples / "gpu-compute-loan.json")
    assert main(["simulate", deal, "--paths", "3"]) == 1
    assert "  /paths: 3 is odd: paths come in pairs" in capsys.readouterr().err.splitlines()


def test_where_json_breaks_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.json").write_text('{\n "name": "x",\n "debt": {,}\n}')
    assert main(["underwrite", str(tmp_path / "broken.json")]) == 1
    told = capsys.readouterr().err.splitlines()
    assert "broken.json:3:11: " in told[1]
    assert told[2:] == ['       3 |  "debt": {,}', "         |           ^"]


def test_a_long_line_is_shown_around_what_is_wrong(
    wrong: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "dense.json").write_text(json.dumps(json.loads(wrong.read_text())))
    assert main(["underwrite", str(tmp_path / "dense.json")]) == 1
    shown, mark = capsys.readouterr().err.splitlines()[2:4]
    assert shown[mark.index("^") :].startswith('"nan", "day_count"')
    assert len(shown) < 100
