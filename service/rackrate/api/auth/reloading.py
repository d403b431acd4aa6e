"""Reload a file when it changes, so that keys are rotated without a restart."""

# Design: contents that were understood outlive the process that read them: the supervisor reads the files
# too, and gives them to a worker that replaces another. A file that is broken while a worker dies costs none.

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")

LOOK_S = 1.0

logger = logging.getLogger("rackrate.files")


class FileError(Exception):
    """A file that the service needs cannot be read, or is not understood."""


class ReloadingFile(Generic[Value]):
    """The parsed contents of a file, reloaded when it changes; a change that does not parse is ignored."""

    def __init__(
        self,
        path: str,
        parse: Callable[[bytes], Value],
        understood: dict[str, bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Parse the file at `path`; where that fails, use its last good contents in `understood`, by path.

        Contents that are understood are kept there.

        Raises
        ------
        FileError
            Where neither can be had.
        """
        self._path, self._parse, self._clock = path, parse, clock
        self._understood = {} if understood is None else understood
        self._mark, self._looked, self._current = self._stamp(), clock(), True
        try:
            self._value = self._read()
        except FileError as error:
            if path not in self._understood:
                raise
            self._value = parse(self._understood[path])
            self._keep(error)

    @property
    def value(self) -> Value:
        """The latest contents that parsed."""
        self._look()
        return self._value

    def is_current(self) -> bool:
        """Whether the file as it is now parses."""
        self._look()
        return self._current

    def _look(self) -> None:
        """Reload the file if it changed, checking at most once a second."""
        now = self._clock()
        if now - self._looked < LOOK_S:
            return
        self._looked, mark = now, self._stamp()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._value, self._current = self._read(), True
            logger.info("read %s again", self._path)
        except FileError as error:
            self._keep(error)

    def _read(self) -> Value:
        try:
            content = Path(self._path).read_bytes()
            value = self._parse(content)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, it is not understood
            reason = error.strerror if isinstance(error, OSError) else error
            raise FileError(f"{self._path}: {reason}") from None
        self._understood[self._path] = content
        return value

    def _keep(self, error: FileError) -> None:
        self._current = False
        logger.error("not understood, still using what it said before: %s", error)

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = Path(self._path).stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino
