"""Documents of a deal in a file, written where they are asked for."""

from pathlib import Path

import pytest

from rackrate.__main__ import main
from rackrate.documents import document


def test_a_memo_is_written_where_it_is_asked_for(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal, memo = examples / "powered-shell-leasehold.json", tmp_path / "memo.pdf"
    assert main(["underwrite", str(deal), "--memo", str(memo)]) == 0
    assert memo.read_bytes().startswith(b"%PDF-")
    assert "Principal" in capsys.readouterr().out


def test_a_memo_that_nothing_here_can_write_is_refused_by_what_it_needs(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "find_spec", lambda name: None)
    deal, memo = examples / "powered-shell-leasehold.json", tmp_path / "memo.pdf"
    assert main(["underwrite", str(deal), "--memo", str(memo)]) == 1
    assert not memo.exists()
    assert "pip install 'rackrate[memo]'" in capsys.readouterr().err
