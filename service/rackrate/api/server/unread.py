"""Limit unread responses: how long each may stay in its buffer, and how many bytes all hold."""

# Design: an answer is written at once and lies in the connection's buffer until its client reads. What lies
# there is looked at once a second, in every connection, whoever wrote it: an answer, a refusal, a part of a
# stream, and a connection that is being closed. So no write is dearer, and a client that takes what it is
# sent, however slowly, begins anew each time its buffer is nearly empty.

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from rackrate.api.limits.body_budget import MIB
from rackrate.api.telemetry.metrics import UNREAD, UNREAD_DROPPED

TAKE_S = 30.0  # that an answer may be left
MIB_S = 1.0  # and for each MiB of it
LOOK_S = 1.0
MOST_BYTES = 128 * MIB  # held in a process: four of the largest answers


class WritingConnection(Protocol):
    """A connection whose client may leave responses unread."""

    @property
    def peer(self) -> str:
        """Name of the client that asked last, or its address where clients have no names."""

    @property
    def unsent(self) -> int:
        """Bytes written that the client has not read."""

    def drop(self) -> None:
        """Close the connection at once; what is unsent is lost."""


class UnreadResponses:
    """Unread bytes of the connections of this process, bounded in time and size."""

    def __init__(self, most: int = MOST_BYTES, take_s: float = TAKE_S) -> None:
        """Hold `most` bytes at most, half of them for one client, each answer for `take_s` and its size."""
        self._most, self._take_s = most, take_s
        self._since: dict[WritingConnection, tuple[float, int]] = {}  # the oldest first
        self._looking: asyncio.TimerHandle | None = None

    def watch(self, connections: Collection[WritingConnection]) -> None:
        """Look at the connections once a second, for as long as there are any."""
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_S, self._look, connections)

    def held(self, connection: WritingConnection) -> None:
        """Start to count a connection's unread bytes."""
        self._note(connection, asyncio.get_running_loop().time())
        self._bound()

    def taken(self, connection: WritingConnection) -> None:
        """Stop counting a connection: its client has read all."""
        self._since.pop(connection, None)

    def _look(self, connections: Collection[WritingConnection]) -> None:
        """Close connections whose bytes are unread for too long, then those beyond the bounds."""
        self._looking, now = None, asyncio.get_running_loop().time()
        for connection in list(connections):
            self._note(connection, now)
        for connection, (since, size) in list(self._since.items()):
            if now > since + self._take_s + MIB_S * size / MIB:
                self._drop(connection, "late")
        self._bound()
        UNREAD.set(sum(connection.unsent for connection in self._since))
        if connections:
            self.watch(connections)

    def _note(self, connection: WritingConnection, now: float) -> None:
        size = connection.unsent
        if not size:
            self.taken(connection)
        elif connection not in self._since:
            self._since[connection] = now, size

    def _bound(self) -> None:
        """Drop the oldest of whoever holds most, until all are within bounds and nobody has over half."""
        sizes = {connection: connection.unsent for connection in self._since}
        by_peer = Counter[str]()
        for connection, size in sizes.items():
            by_peer[connection.peer] += size
        while by_peer:
            peer, most = by_peer.most_common(1)[0]
            if most <= self._most // 2 and by_peer.total() <= self._most:
                return
            oldest = next(connection for connection in sizes if connection.peer == peer)
            by_peer[peer] -= sizes.pop(oldest)
            self._drop(oldest, "share")

    def _drop(self, connection: WritingConnection, reason: str) -> None:
        self.taken(connection)
        UNREAD_DROPPED.labels(reason).inc()
        connection.drop()
