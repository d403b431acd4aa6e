"""A slot of a queue, released once."""

from collections.abc import Callable


class Slot:
    """One request in the lane, until it is answered or goes elsewhere."""

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        """Call `end` at the end."""
        self._end = end

    def end(self) -> None:
        """Count no longer; a second time changes nothing."""
        if self._end is not None:
            self._end()
            self._end = None
