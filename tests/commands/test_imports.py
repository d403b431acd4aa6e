"""What is imported where no HTTP is served."""

import subprocess
import sys
from pathlib import Path

import pytest

EDGE = ("litestar", "redis", "uvicorn", "rackrate.api", "rackrate.app")


def loaded_by(program: str, *arguments: str) -> list[str]:
    """Which modules of the edge a fresh interpreter has loaded after `program`."""
    script = f"import sys\n{program}\nprint(*({set(EDGE)} & sys.modules.keys()), file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return ended.stderr.split()


@pytest.mark.parametrize("command", ["underwrite", "portfolio", "explain"])
def test_a_command_on_a_file_loads_no_server(command: str, examples: Path, tmp_path: Path) -> None:
    deal = (examples / "powered-shell-leasehold.json").read_bytes()
    asked = tmp_path / "deal.json"
    asked.write_bytes(deal.replace(b"\n", b" "))
    run = "from rackrate.__main__ import main\nassert main(sys.argv[1:]) == 0"
    assert loaded_by(run, command, str(asked)) == []


def test_the_process_of_long_work_loads_no_server() -> None:
    assert loaded_by("import rackrate.job_worker") == []


def test_the_command_that_serves_loads_the_edge() -> None:
    """That the tests above can fail: the same names are found where they are needed."""
    assert set(loaded_by("import rackrate.commands.serve")) == set(EDGE)


def test_every_command_starts_without_what_only_extras_install(examples: Path) -> None:
    """What a module named None in `sys.modules` raises is what one that is not installed raises."""
    extras = (
        "xlsxwriter",
        "openpyxl",
        "typst",
        "pyarrow",
        "httpx2",
        "tenacity",
        "litestar",
        "redis",
        "zstandard",
    )
    script = f"""
import sys
sys.modules.update(dict.fromkeys({extras}))
from rackrate.__main__ import main
assert main(["underwrite", sys.argv[1], "--json"]) == 0
assert main(["serve"]) == 2
"""
    deal = str(examples / "powered-shell-leasehold.json")
    done = subprocess.run(
        [sys.executable, "-c", script, deal], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'rackrate[server]'" in done.stderr
