"""The generator of `volley.c`, compiled, kept to one core, and what it saw."""

import json
import os
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
RECORD = np.dtype([("due", "f8"), ("took", "f8"), ("status", "i4"), ("hit", "i4")])
MARK = "########"  # becomes a running number
WARM_S = 0.1  # of a run that is not counted
CORES = sorted(os.sched_getaffinity(0))
IN_TIME_S = 1.0


@dataclass(frozen=True)
class Volley:
    """What became of each request of a run, how busy the generator was, and how long it had no core."""

    records: np.ndarray
    seconds: float
    generator_share: float
    waited_s: float

    @property
    def good(self) -> np.ndarray:
        return (self.records["status"] == 200) | (self.records["status"] == 304)

    @property
    def rate(self) -> float:
        """Answers a second, after the first moment."""
        ended = self.records["due"] + self.records["took"]
        return float((self.good & (ended > WARM_S) & (ended <= self.seconds)).sum() / (self.seconds - WARM_S))

    @property
    def goodput(self) -> float:
        """Answers within a second, per second of asking."""
        return float((self.good & (self.records["took"] <= IN_TIME_S)).sum() / self.seconds)

    def percentile(self, share: float) -> float:
        """Time in milliseconds within which a share of the good answers came."""
        took = self.records["took"][self.good]
        return float(1e3 * np.quantile(took, share)) if len(took) else float("nan")

    def count(self, status: int) -> int:
        return int((self.records["status"] == status).sum())


def request(path: str, body: bytes = b"", keep: bool = True, method: str = "POST", **headers: str) -> bytes:
    """One whole HTTP request."""
    told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    told |= {} if keep else {"Connection": "close"}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@cache
def program() -> Path:
    """The generator, compiled if it is not."""
    source, built = HERE / "load" / "volley.c", HERE.parent / "build" / "volley"
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        built.parent.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", built, source, "-lm"], check=True)
    return built


class Aim:
    """A running volley."""

    def __init__(self, port: int, requests: list[bytes], seconds: float, how: list[float]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        asked, told = Path(self._folder.name) / "asked", Path(self._folder.name) / "told"
        asked.write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in requests))
        self._told, self._seconds = told, seconds
        connections, rate, first, patience_s = how
        words = [program(), port, connections, seconds, rate, asked, told, first, patience_s]
        self._child = subprocess.Popen(
            [str(word) for word in words],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}),
        )

    def result(self) -> Volley:
        """Wait for the end."""
        told, _ = self._child.communicate(timeout=self._seconds + 120)
        if self._child.returncode:
            raise RuntimeError("the generator failed")
        used = json.loads(told)
        records = np.fromfile(self._told, RECORD)
        self._folder.cleanup()
        return Volley(records, self._seconds, used["cpu_s"] / used["wall_s"], used["waited_s"])


_numbers = iter(range(0, 10**8, 10**5))  # so that no two runs send the same numbers


def aim(
    port: int,
    requests: list[bytes],
    connections: int = 8,
    seconds: float = 1.0,
    rate: float = 0.0,
    patience_s: float = 10.0,
) -> Aim:
    """Start a volley: a closed loop, or an open one at a rate."""
    return Aim(port, requests, seconds, [connections, rate, next(_numbers), patience_s])


def fire(
    port: int,
    requests: list[bytes],
    connections: int = 8,
    seconds: float = 1.0,
    rate: float = 0.0,
    patience_s: float = 10.0,
) -> Volley:
    """Do a whole volley."""
    return aim(port, requests, connections, seconds, rate, patience_s).result()
