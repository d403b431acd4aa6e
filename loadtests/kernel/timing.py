"""Processor time of calls that are compared: all of them in turn, round after round, the least of each."""

# Design: other programs use the machine too. Rounds put rivals side by side in time, and the least of many
# rounds is what the call costs when nothing disturbs it.

import time
from collections.abc import Callable, Mapping
from typing import Any

SAMPLE = 0.004  # seconds that one sample lasts at least


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
