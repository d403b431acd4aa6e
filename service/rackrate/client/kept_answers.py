"""A cache of answers with their ETags, for conditional requests."""

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
    """An LRU cache of answers by request; safe between threads."""

    def __init__(self, most: int) -> None:
        """Hold at most `most` answers."""
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def keep(self, resource: str, answer: Kept) -> None:
        """Store an answer, evicting the least recently used."""
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
