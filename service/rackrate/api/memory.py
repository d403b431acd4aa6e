"""A bounded in-process cache: the least recently used goes first, by entries and by bytes; all expire."""

import time
from collections import OrderedDict
from collections.abc import Callable

ENTRIES = 4096
BYTES = 256 * 1024 * 1024


class MemoryResults:
    """Answers of this process only.

    >>> import asyncio
    >>> results = MemoryResults(ttl_s=60, entries=2)
    >>> for key in ("a", "b", "c"):
    ...     results.put(key, b"x")
    >>> asyncio.run(results.get("a")), asyncio.run(results.get("c"))
    (None, b'x')
    """

    def __init__(
        self,
        ttl_s: float,
        entries: int = ENTRIES,
        size: int = BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep at most `entries` values of `size` bytes in all, each for `ttl_s` seconds."""
        self._ttl_s, self._entries, self._size, self._clock = ttl_s, entries, size, clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._held = 0

    @property
    def state(self) -> str:
        """Always `memory`."""
        return "memory"

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._held = 0

    async def get(self, key: str) -> bytes | None:
        """Give the value under `key`, and make it the last to go."""
        found = self._kept.get(key)
        if found is None:
            return None
        if found[0] <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: str, value: bytes) -> None:
        """Keep `value` unless it alone is larger than the cache."""
        self._drop(key)
        if len(value) > self._size:
            return
        self._kept[key] = (self._clock() + self._ttl_s, value)
        self._held += len(value)
        while len(self._kept) > self._entries or self._held > self._size:
            self._drop(next(iter(self._kept)))

    async def claim(self, key: str, value: bytes) -> bytes:
        """Keep `value` unless something is kept; nothing else runs in between."""
        held = await self.get(key)
        if held is None:
            self.put(key, value)
        return value if held is None else held

    def _drop(self, key: str) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._held -= len(found[1])
