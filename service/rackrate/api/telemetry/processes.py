"""Metrics collected at scrape time: build, cache state, and resources of each process."""

# Design: read from /proc when asked, since workers come and go, and the library's own collector knows one
# process alone, and none beside files that several processes write.

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from rackrate.analyses.identity import ENGINE
from rackrate.deal import rulesets

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
JOB = b"rackrate.job_worker"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Facts:
    """A Prometheus collector of values at scrape time."""

    def __init__(self, redis: bool | None) -> None:
        """Report Redis by `redis`: whether this worker reaches it; None where it has none."""
        self._redis = redis

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        build = GaugeMetricFamily("rackrate_build_info", "What runs.", labels=["engine", "ruleset"])
        build.add_metric([ENGINE, rulesets.newest().name], 1)
        yield build
        if self._redis is not None:
            yield GaugeMetricFamily(
                "rackrate_redis_up", "1 where Redis answers the worker scraped.", self._redis
            )
        yield from processes()


def processes(proc: Path = PROC) -> Iterator[Metric]:
    """Yield processor time, memory and descriptors of the supervisor, its workers and their jobs."""
    by = ["process"]
    cpu = CounterMetricFamily("rackrate_process_cpu_seconds", "Processor time of a process.", labels=by)
    memory = GaugeMetricFamily("rackrate_process_resident_bytes", "Memory of a process.", labels=by)
    files = GaugeMetricFamily("rackrate_process_open_fds", "Descriptors a process has open.", labels=by)
    workers = 0
    for name, process in _tree(proc):
        try:
            stat = (proc / str(process) / "stat").read_text().rpartition(")")[2].split()
            held = sum(1 for _ in (proc / str(process) / "fd").iterdir())
        except OSError:
            continue  # it ended meanwhile
        workers += name.startswith("worker")
        cpu.add_metric([name], (int(stat[11]) + int(stat[12])) / TICKS_A_SECOND)
        memory.add_metric([name], int(stat[21]) * PAGE_BYTES)
        files.add_metric([name], held)
    yield GaugeMetricFamily("rackrate_workers", "Worker processes alive.", workers)
    yield from (cpu, memory, files)


def _tree(proc: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and id of each process: the supervisor's, its workers' and those of their jobs."""
    supervisor = os.getppid()
    yield "supervisor", supervisor
    for worker in _children(proc, supervisor):
        name = _read(proc, worker, "comm").decode().strip()
        if not name.startswith("worker-") or not _read(proc, worker, "cmdline"):
            continue  # not a worker, or one that ended and is not yet taken off the list
        yield name, worker
        jobs = [job for job in _children(proc, worker) if JOB in _read(proc, job, "cmdline")]
        for nth, job in enumerate(jobs):
            yield f"{name.replace('worker', 'job')}-{nth}", job


def _children(proc: Path, process: int) -> list[int]:
    """List the children of a process, the oldest first."""
    return [int(child) for child in _read(proc, process, f"task/{process}/children").split()]


def _read(proc: Path, process: int, name: str) -> bytes:
    """What the system says of a process; nothing where it has ended."""
    try:
        return (proc / str(process) / name).read_bytes()
    except OSError:
        return b""
