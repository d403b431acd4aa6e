"""What is read from a file and read again when the file changes: keys are rotated without a restart."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")

LOOK_S = 1.0

logger = logging.getLogger("rackrate.files")


class Fresh(Generic[Value]):
    """The contents of a file as `read` understands them; a change that it does not is not taken over."""

    def __init__(
        self, path: str, read: Callable[[str], Value], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the file at `path` for the first time; what `read` raises is raised."""
        self._path, self._read, self._clock = path, read, clock
        self._mark, self._value = self._stamp(), read(path)
        self._looked = clock()

    @property
    def value(self) -> Value:
        """The latest contents that were understood."""
        now = self._clock()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self._look()
        return self._value

    def _look(self) -> None:
        mark = self._stamp()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._value = self._read(self._path)
            logger.info("read %s again", self._path)
        except Exception as error:  # noqa: BLE001  whatever is wrong with the new file, the old contents still hold
            logger.error("%s changed and is not understood (%s): still using what it said", self._path, error)

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = Path(self._path).stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino
