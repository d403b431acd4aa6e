"""A bounded LRU cache: by entries and by bytes, its values with a time to live where they have one."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

ENTRIES = 4096
BYTES = 256 * 1024 * 1024

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """A cache that evicts what was used least recently.

    >>> cache = LruCache[str, bytes](len, entries=2)
    >>> for key in ("a", "b", "c"):
    ...     cache.put(key, b"x")
    >>> cache.get("a"), cache.get("c"), cache.claim("c", b"y"), len(cache)
    (None, b'x', b'x', 2)
    """

    def __init__(
        self,
        weigh: Callable[[Value], int] = lambda _: 0,
        *,
        entries: int = ENTRIES,
        size: int = BYTES,
        ttl_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep at most `entries` values of `size` bytes in all by `weigh`, each for `ttl_s` seconds."""
        self._weigh, self._entries, self._size = weigh, entries, size
        self._ttl_s, self._clock = ttl_s, clock
        self._kept: OrderedDict[Key, tuple[Value, int, float]] = OrderedDict()  # with its bytes and its end
        self._held = 0

    def __len__(self) -> int:
        """Entries kept, expired ones among them until they are looked up."""
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        """Return the value under `key`, which becomes the most recently used; None where there is none."""
        found = self._kept.get(key)
        if found is None:
            return None
        value, _, end = found
        if end != math.inf and end <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Keep `value`, unless it alone is larger than the cache; evict what there is no room for."""
        self._drop(key)
        weight = self._weigh(value)
        if weight > self._size:
            return
        self._kept[key] = value, weight, self._clock() + self._ttl_s
        self._held += weight
        while len(self._kept) > self._entries or self._held > self._size:
            _, (_, evicted, _) = self._kept.popitem(last=False)
            self._held -= evicted

    def claim(self, key: Key, value: Value) -> Value:
        """Keep `value` unless something is kept; return what is kept then."""
        held = self.get(key)
        if held is None:
            self.put(key, value)
        return value if held is None else held

    def clear(self) -> None:
        """Evict everything."""
        self._kept.clear()
        self._held = 0

    def _drop(self, key: Key) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._held -= found[1]
