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
    assert max(map(len, printed.splitlines())) <= 110
