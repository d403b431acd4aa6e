"""Processor time of calls that are compared: all of them in turn, round after round, the least of each."""

# Design: other programs use the machine too. Rounds put rivals side by side in time, and the least of many
# rounds is what the call costs when nothing disturbs it. What is freed stays with the process, for all alike:
# to give pages back to the system and fault them in again costs as much as the arithmetic of many scenarios.

import ctypes
import time
from collections.abc import Callable, Mapping
from typing import Any

SAMPLE = 0.016  # seconds that one sample lasts at least: the first of its calls find the caches of another
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
KEPT = {M_TRIM_THRESHOLD: 2**30, M_MMAP_THRESHOLD: 2**25}  # bytes: the second is the most glibc takes


def keep_memory() -> None:
    """Keep what is freed."""
    libc = ctypes.CDLL(None)
    for parameter, size in KEPT.items():
        if not libc.mallopt(parameter, size):
            raise RuntimeError(f"the allocator does not take {size} for {parameter}")


def measure(calls: Mapping[str, Callable[[], Any]], rounds: int = 15) -> dict[str, float]:
    """Least processor time of each call, in microseconds."""
    repeats = {}
    for name, call in calls.items():
        call()
        start = time.process_time()
        call()
        repeats[name] = max(1, int(SAMPLE / max(time.process_time() - start, 1e-7)))
    least = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                call()
            least[name] = min(least[name], (time.process_time() - start) / repeats[name])
    return {name: 1e6 * seconds for name, seconds in least.items()}
