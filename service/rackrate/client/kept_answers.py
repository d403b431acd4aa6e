"""Answers that are kept with their ETag, so that one that is still there need not be sent again."""

# Design: bytes are kept, not Structs: what a program does to the lists of one answer is in no other.

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple


class Kept(NamedTuple):
    """An answer as it was sent, and its ETag."""

    tag: str
    content: bytes


NOTHING = Kept("", b"")


class KeptAnswers:
    """The newest answers by resource; safe between threads."""

    def __init__(self, most: int) -> None:
        """Keep at most `most`."""
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def keep(self, resource: str, answer: Kept) -> None:
        """Keep an answer; the one that was used least lately goes."""
        with self._lock:
            self._kept[resource] = answer
            self._kept.move_to_end(resource)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def find(self, resource: str) -> Kept:
        """Find the answer of a resource, or nothing.

        >>> kept = KeptAnswers(1)
        >>> kept.keep("/a", Kept('"1"', b"1"))
        >>> kept.keep("/b", Kept('"2"', b"2"))
        >>> kept.find("/a").tag, kept.find("/b").tag
        ('', '"2"')
        """
        with self._lock:
            if resource not in self._kept:
                return NOTHING
            self._kept.move_to_end(resource)
            return self._kept[resource]
