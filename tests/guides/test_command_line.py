"""The page on the command line: every command it lists runs, and it lists every command."""

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from tests.conftest import EXAMPLES, ROOT

from rackrate.__main__ import main

PAGE = (ROOT / "docs/command-line.md").read_text()
LISTED = [line.split() for line in re.findall(r"^    rackrate (.*?)(?: {2,}#.*)?$", PAGE, flags=re.MULTILINE)]
RUN = [words for words in LISTED if words[0] != "completion"]
OTHERS = {"serve", "contract", "key"}  # in http.md and operations.md
FILES = {  # what FILE stands for
    "size": "own/sizing.json",
    "waterfall": "own/waterfall.json",
    "tape": "tapes/schedule_al.xml",
    "rent-roll": "rent-rolls/rent-roll.csv",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    deal = json.loads((EXAMPLES / "gpu-compute-loan.json").read_bytes())
    (tmp_path / "other.json").write_text(json.dumps(deal | {"name": "another"}))
    lines = [json.dumps(deal | {"name": f"deal {i}"}) for i in range(3)]
    (tmp_path / "deals.ndjson").write_text("\n".join(lines))
    shutil.copy(EXAMPLES / "pools/gpu-term-loans.json", tmp_path / "pool.json")
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", RUN, ids=" ".join)
def test_every_command_of_the_page_is_answered(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if words[0] == "new":
        (folder / "deal.json").unlink()
    asked = [str(EXAMPLES / FILES[words[0]]) if word == "FILE" else word for word in words]
    assert main(asked) == 0, capsys.readouterr().err
    assert len(capsys.readouterr().out.splitlines()) >= 1
    written = [file for option, file in pairwise(words) if option in ("--memo", "--workbook")]
    assert all((folder / file).stat().st_size > 1000 for file in written)


def test_every_command_is_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    named = re.search(r"\{([\w,-]+)\}", capsys.readouterr().out)
    assert named is not None
    assert set(named[1].split(",")) - OTHERS == {words[0] for words in LISTED}
