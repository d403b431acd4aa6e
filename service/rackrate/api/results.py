"""Results: what the edge asks of a cache of encoded answers; a cache may forget anything at any time."""

from typing import Protocol


class Results(Protocol):
    """A place to keep bytes by key for a while. No method raises for a fault of the place itself."""

    async def start(self) -> None:
        """Open what belongs to this process; called after the workers have forked."""

    async def stop(self) -> None:
        """Finish writes under way and close."""

    async def get(self, key: str) -> bytes | None:
        """Give the bytes put under `key`, or None where they are gone, expired, damaged or out of reach."""

    def put(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, or do not; returns at once."""

    async def claim(self, key: str, value: bytes) -> bytes:
        """Keep `value` under `key` unless something is kept there, in one step; give what is kept then."""

    @property
    def state(self) -> str:
        """One word for the readiness probe, such as `memory`, `redis` or `redis-away`."""
