"""How many processors there are to use, by affinity and by the control group's quota."""

import math
from pathlib import Path

import pytest

from rackrate.processors import available, quota


def group(folder: Path, line: str, files: dict[str, str]) -> tuple[Path, Path]:
    """A process in the group that `line` names, with these files in the mounted tree."""
    (folder / "cgroup").write_text(line)
    for name, text in files.items():
        path = folder / "sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "cgroup", folder / "sys"


@pytest.mark.parametrize(
    ("line", "files", "allowed"),
    [
        ("0::/pod/app", {"pod/app/cpu.max": "150000 100000"}, 1.5),
        ("0::/pod/app", {"pod/app/cpu.max": "max 100000", "pod/cpu.max": "50000 100000"}, 0.5),
        ("0::/", {"cpu.max": "300000 100000"}, 3.0),
        ("0::/", {"cpu.max": "max 100000"}, math.inf),
        ("0::/", {"cpu.max": "nonsense"}, math.inf),
        ("0::/", {}, math.inf),
        (
            "5:memory:/m\n4:cpu,cpuacct:/docker/x",
            {"cpu/docker/x/cpu.cfs_quota_us": "200000\n", "cpu/docker/x/cpu.cfs_period_us": "100000\n"},
            2.0,
        ),
        (
            "4:cpu,cpuacct:/docker/x",
            {"cpu/docker/x/cpu.cfs_quota_us": "-1\n", "cpu/docker/x/cpu.cfs_period_us": "100000\n"},
            math.inf,
        ),
    ],
)
def test_the_tightest_quota_around_a_process_counts(
    tmp_path: Path, line: str, files: dict[str, str], allowed: float
) -> None:
    assert quota(*group(tmp_path, line, files)) == allowed


def test_half_a_processor_runs_one_worker(tmp_path: Path) -> None:
    assert available(*group(tmp_path, "0::/", {"cpu.max": "50000 100000"})) == 1


def test_no_quota_leaves_the_affinity(tmp_path: Path) -> None:
    assert available(tmp_path / "nowhere", tmp_path) >= 1
