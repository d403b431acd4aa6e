"""The contract held against the live service by schemathesis: whatever is sent, it does as documented."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("FUZZ_SEED", "7")
# A document that fits its schema may still contradict itself, which is a 422 and documented as one.
NOT_PROMISED = "positive_data_acceptance"
SMALL = "^/(v1/sizings|v1/rulesets|v1/underwritings/|health|openapi)"
RUNS = {
    "every boundary of the smaller operations": ["--phases", "coverage", "--include-path-regex", SMALL],
    "random requests to every operation": ["--phases", "examples,fuzzing", "--max-examples", "5"],
}


@pytest.mark.parametrize("run", RUNS)
def test_the_live_service_keeps_to_its_contract(
    run: str, start_service: Callable[..., Any], tmp_path: Path
) -> None:
    service = start_service()
    tool = [sys.executable, "-m", "schemathesis.cli", "run", str(ROOT / "openapi.yaml")]
    options = ["--url", service.url, "--seed", SEED, "--exclude-checks", NOT_PROMISED, "--no-color"]
    quiet = ["--suppress-health-check", "all"]
    command = [*tool, *options, *quiet, *RUNS[run]]
    told = os.environ | {"SCHEMATHESIS_HOOKS": str(Path(__file__).parent / "lines.py")}
    held = subprocess.run(
        command, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=500, check=False
    )
    assert held.returncode == 0, held.stdout[-5000:] + held.stderr[-2000:]
    assert "Traceback" not in service.log.read_text()
