"""The readable underwriting."""

from pathlib import Path

import pytest

from rackrate.__main__ import main


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
