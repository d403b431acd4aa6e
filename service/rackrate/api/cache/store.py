"""The interface of a cache of encoded answers, which may evict anything at any time."""

from typing import Protocol

import msgspec


class CachedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """A cache entry: the canonical request and the whole answer, both as JSON."""

    request: bytes
    answer: bytes

    @property
    def size(self) -> int:
        """Bytes of both."""
        return len(self.request) + len(self.answer)


class Results(Protocol):
    """A cache of answers by key. No method raises for a fault of the cache itself."""

    async def start(self) -> None:
        """Open what belongs to this process; called after the workers have forked."""

    async def stop(self) -> None:
        """Finish writes under way and close."""

    async def get(self, key: str) -> CachedAnswer | None:
        """Give what was put under `key`, or None where it is gone, expired, damaged or out of reach."""

    def put(self, key: str, value: CachedAnswer) -> None:
        """Keep `value` under `key`, or do not; returns at once."""

    async def claim(self, key: str, value: bytes) -> bytes:
        """Keep `value` under `key` unless something is kept there, in one step; give what is kept then."""

    @property
    def state(self) -> str:
        """One word for the readiness probe, such as `memory`, `redis` or `redis-away`."""
