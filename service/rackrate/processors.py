"""Processors: how many this process may keep busy, by its affinity and by its control group's quota."""

# Design: a container's limit is a share of time, not a mask, so that the affinity alone counts every core of
# the machine and starts a worker on each.

import math
import os
from pathlib import Path

GROUP = Path("/proc/self/cgroup")
CONTROL = Path("/sys/fs/cgroup")


def available(group: Path = GROUP, control: Path = CONTROL) -> int:
    """Count the processors this process may keep busy, at least one."""
    return max(1, math.ceil(min(len(os.sched_getaffinity(0)), quota(group, control))))


def quota(group: Path = GROUP, control: Path = CONTROL) -> float:
    """Read how many processors' time the control group and those around it allow; infinite without a limit.

    Control groups of version 2 (`cpu.max`) and of version 1 (`cpu.cfs_quota_us`), as the kernel's
    Documentation/admin-guide describes them. `group` names the groups of a process, `control` is where they
    are mounted; what cannot be read is no limit.
    """
    return min((_limit(folder) for folder in _folders(group, control)), default=math.inf)


def _folders(group: Path, control: Path) -> list[Path]:
    """Every folder that may limit processor time: that of the process's own group, and all above it."""
    try:
        lines = [line.split(":", 2) for line in group.read_text().splitlines()]
    except OSError:
        return []
    found = []
    for _, controllers, path in (line for line in lines if len(line) == 3):
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = control / "cpu" if controllers else control
        own = mount / path.lstrip("/")
        found += [folder for folder in (own, *own.parents) if folder.is_relative_to(mount)]
    return found


def _limit(folder: Path) -> float:
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota_us, period_us = " ".join((folder / name).read_text() for name in names).split()
        except (OSError, ValueError):
            continue
        if quota_us.isdecimal() and period_us.isdecimal() and int(period_us):
            return int(quota_us) / int(period_us)
    return math.inf
