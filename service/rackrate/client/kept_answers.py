"""Answers that are kept with their ETag, so that one that is still there need not be sent again."""

from collections import OrderedDict
from threading import Lock
from typing import Any


class KeptAnswers:
    """The newest answers by resource, each with its ETag; safe between threads."""

    def __init__(self, most: int) -> None:
        """Keep at most `most`."""
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[str, tuple[str, Any]] = OrderedDict()

    def keep(self, resource: str, tag: str, answer: Any) -> None:
        """Keep an answer; the one that was used least lately goes."""
        with self._lock:
            self._kept[resource] = tag, answer
            self._kept.move_to_end(resource)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def find(self, resource: str) -> tuple[str, Any]:
        """The ETag and the answer of a resource; an empty tag where none is kept.

        >>> kept = KeptAnswers(1)
        >>> kept.keep("/a", '"1"', 1)
        >>> kept.keep("/b", '"2"', 2)
        >>> kept.find("/a"), kept.find("/b")
        (('', None), ('"2"', 2))
        """
        with self._lock:
            if resource not in self._kept:
                return "", None
            self._kept.move_to_end(resource)
            return self._kept[resource]
