"""A bounded in-process cache: the least recently used goes first, by entries and by bytes; all expire."""

# Design: what is kept is what was answered, not a copy of it: a fresh answer would be written into new memory
# once more, which takes a tenth of a millisecond, and a kept one read out of it at each hit.

from rackrate.api.cache.lru import LruCache
from rackrate.api.cache.store import CachedAnswer


class MemoryResults:
    """Answers of this process only."""

    def __init__(self, ttl_s: float) -> None:
        """Keep each answer and each claim for `ttl_s` seconds at most."""
        self._answers: LruCache[str, CachedAnswer] = LruCache(lambda cached: cached.size, ttl_s=ttl_s)
        self._claims: LruCache[str, bytes] = LruCache(len, ttl_s=ttl_s)

    @property
    def state(self) -> str:
        """Always `memory`."""
        return "memory"

    async def start(self) -> None:
        """Do nothing: there is nothing to open."""

    async def stop(self) -> None:
        """Evict everything."""
        self._answers.clear()
        self._claims.clear()

    async def get(self, key: str) -> CachedAnswer | None:
        """Give the cached answer under `key`."""
        return self._answers.get(key)

    def put(self, key: str, value: CachedAnswer) -> None:
        """Keep a cached answer."""
        self._answers.put(key, value)

    async def claim(self, key: str, value: bytes) -> bytes:
        """Keep `value` unless something is kept; nothing else runs in between."""
        return self._claims.claim(key, value)
