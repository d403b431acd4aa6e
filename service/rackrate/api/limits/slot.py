"""A slot of a queue, released once."""

from collections.abc import Callable


class Slot:
    """A slot that one request holds, until it is answered or computed elsewhere."""

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        """Call `end` when it is released."""
        self._end = end

    def end(self) -> None:
        """Release the slot; a second call does nothing."""
        if self._end is not None:
            self._end()
            self._end = None
