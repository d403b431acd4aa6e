"""A bounded LRU cache: by entries and by bytes, each with a time to live."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

ENTRIES = 4096


BYTES = 256 * 1024 * 1024


Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """The values used last.

    >>> recent = LruCache(60, len, entries=2)
    >>> for key in ("a", "b", "c"):
    ...     recent.put(key, b"x")
    >>> recent.get("a"), recent.get("c"), recent.claim("c", b"y")
    (None, b'x', b'x')
    """

    def __init__(
        self,
        ttl_s: float,
        weigh: Callable[[Value], int],
        entries: int = ENTRIES,
        size: int = BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep at most `entries` values of `size` bytes in all by `weigh`, each for `ttl_s` seconds."""
        self._ttl_s, self._weigh, self._entries, self._size = ttl_s, weigh, entries, size
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()
        self._held = 0

    def get(self, key: str) -> Value | None:
        """Give the value under `key`, and make it the last to go."""
        found = self._kept.get(key)
        if found is None:
            return None
        if found[0] <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: str, value: Value) -> None:
        """Keep `value` unless it alone is larger than the cache."""
        self._drop(key)
        weight = self._weigh(value)
        if weight > self._size:
            return
        self._kept[key] = (self._clock() + self._ttl_s, value)
        self._held += weight
        while len(self._kept) > self._entries or self._held > self._size:
            self._drop(next(iter(self._kept)))

    def claim(self, key: str, value: Value) -> Value:
        """Keep `value` unless something is kept; give what is kept then."""
        held = self.get(key)
        if held is None:
            self.put(key, value)
        return value if held is None else held

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._held = 0

    def _drop(self, key: str) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._held -= self._weigh(found[1])
