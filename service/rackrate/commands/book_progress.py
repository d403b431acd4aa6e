"""Progress of a book on standard error: a bar, a line each ten seconds, JSON, or nothing."""

import json
import shutil
import sys
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

PROGRESS = ("bar", "lines", "json", "none")
EVERY_S, OVER_S = 10.0, 30.0  # between lines; over which a rate is taken


class Progress:
    """Reports progress of a run, and whether it was asked to stop."""

    def __init__(self, form: str | None) -> None:
        """Tell it in a form; without one a bar on a terminal, else lines."""
        self.form = form or ("bar" if sys.stderr.isatty() else "lines")
        self.signal = 0
        self._name, self._done, self._of, self._rejected = "plan", 0, 0, 0
        self._marks: deque[tuple[float, int]] = deque()
        self._told = time.monotonic()
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def stopping(self) -> bool:
        """Whether the run is to end."""
        return self.signal != 0

    def stage(self, name: str, of: int) -> None:
        """Begin a stage."""
        self._close()
        self._name, self._done, self._of = name, 0, of
        self._marks = deque([(time.monotonic(), 0)])
        if self.form == "bar":
            self._bar = tqdm(total=of, desc=name, unit=" deals", file=sys.stderr)

    def advance(self, documents: int, rejected: int) -> None:
        """Count documents as done."""
        self._done, self._rejected = self._done + documents, self._rejected + rejected
        now = time.monotonic()
        self._marks.append((now, self._done))
        while now - self._marks[0][0] > OVER_S and len(self._marks) > 2:
            self._marks.popleft()
        if self._bar is not None:
            self._bar.update(documents)
            self._bar.set_postfix_str(f"{self._rejected} rejects")
        elif self.form in ("lines", "json") and (now - self._told >= EVERY_S or self._done == self._of):
            self._tell(now)

    def _tell(self, now: float) -> None:
        self._told = now
        rate = self._rate(now)
        left = (self._of - self._done) / rate if rate else None
        if self.form == "json":
            told = {"stage": self._name, "done": self._done, "of": self._of, "deals_per_s": rate}
            print(
                json.dumps(told | {"seconds_left": left, "rejects": self._rejected}),
                file=sys.stderr,
                flush=True,
            )
            return
        wait = "" if left is None else f", {left:.0f} s left"
        done = f"{self._name}: {self._done} of {self._of} deals, {rate or 0:.0f}/s{wait}"
        print(f"{done}, {self._rejected} rejects", file=sys.stderr, flush=True)

    def _rate(self, now: float) -> float | None:
        start, done = self._marks[0]
        return (self._done - done) / (now - start) if now > start else None

    def note(self, text: str) -> None:
        """Print a note."""
        if self.form == "json":
            text = json.dumps({"note": text})
        if self.form != "none":
            print(text, file=sys.stderr, flush=True)

    def full(self, out: Path) -> str:
        """What a full disk lacks: as much again for each document that is not done."""
        used = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        each = used / max(1, self._done)
        lacking = round(each * (self._of - self._done))
        free = shutil.disk_usage(out).free
        return (
            f"no space left in {out}: {self._done} of {self._of} deals of {self._name} are done, "
            f"about {lacking} bytes more are needed and {free} are free; make room and run it again"
        )

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
