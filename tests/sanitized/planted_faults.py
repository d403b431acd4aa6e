"""The sanitizers themselves, tested: each fault planted on purpose must end the process with its report."""

import subprocess
import sys

import pytest

FAULTS = [
    ("read_past_the_end(np.ones(5))", "heap-buffer-overflow"),
    ("read_before_the_start(np.ones(5))", "heap-buffer-overflow"),
    ("divide_a_whole_number_by_zero(7, 0)", "division by zero"),
    ("divide_by_zero(1.0, 0.0)", "division by zero"),
    ("overflow(2**63 - 1)", "signed integer overflow"),
    ("cast(1e20)", "outside the range of representable values"),
]


def run(expression: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression in a process of its own, on the build these tests run on."""
    program = f"import numpy as np; from rackrate.kernel._planted import *; print({expression})"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("expression", "report"), FAULTS)
def test_a_planted_fault_is_reported(expression: str, report: str) -> None:
    ended = run(expression)
    assert ended.returncode != 0
    assert report in ended.stderr


def test_the_same_functions_used_well_are_not() -> None:
    ended = run("divide_a_whole_number_by_zero(7, 2), divide_by_zero(1.0, 2.0), overflow(1), cast(1.5)")
    assert (ended.returncode, ended.stdout) == (0, "3 0.5 2 1\n")
