"""Limit the connections without a whole request under way, in all and by address."""

# Design: a connection costs a client nothing, and is there before anybody knows who sent what. So those that
# have no whole request under way are bounded, and where there is one too many the one that has waited longest
# is closed: who sends a request is in time, who only holds connections loses them. What is left of the
# descriptors and of the requests under way (`admission.py`) is for requests that are whole. An address is a
# host of IPv4 or a network of IPv6, since who has one host of such a network has them all; behind a proxy it
# is the proxy.

import asyncio
import logging
import resource
from collections import OrderedDict, defaultdict
from typing import Protocol

from rackrate.api.limits.address import address_of

MOST_WAITING = 3072  # three quarters of the requests that may be under way
MOST_OF_ADDRESS = 2048
OWN_DESCRIPTORS = 128  # of a process: files, pipes, the cache, the engine
BACKLOG = 2048  # connections that wait to be accepted, and may all be accepted at once
LEAST = 16
NOTE_S = 1.0

logger = logging.getLogger("rackrate.connections")


class ClosableConnection(Protocol):
    """A connection that can be closed to make room."""

    def give_way(self) -> None:
        """Close the connection to make room for another."""


class Connections:
    """The connections of a process, those that wait in the order in which they began to."""

    def __init__(self, descriptors: int) -> None:
        """Derive the limits from the number of file descriptors."""
        self.most = max(LEAST, descriptors - backlog(descriptors) - OWN_DESCRIPTORS)
        self._most_waiting = min(MOST_WAITING, self.most * 3 // 4)
        self._most_of_address = min(MOST_OF_ADDRESS, self.most // 2)
        self._addresses: dict[ClosableConnection, str] = {}
        self._waiting = OrderedDict[ClosableConnection, None]()
        self._of: defaultdict[str, OrderedDict[ClosableConnection, None]] = defaultdict(OrderedDict)
        self._closed = 0

    @property
    def at_work(self) -> int:
        """How many have a whole request under way."""
        return len(self._addresses) - len(self._waiting)

    def open(self, connection: ClosableConnection, host: str) -> None:
        """Count a new connection, which waits for a request."""
        self._addresses[connection] = address_of(host)
        self.wait(connection)
        if len(self._addresses) > self.most:
            self._close(next(iter(self._waiting)))

    def lost(self, connection: ClosableConnection) -> None:
        """Forget a connection."""
        self.work(connection)
        self._addresses.pop(connection, None)

    def wait(self, connection: ClosableConnection) -> None:
        """Count it as waiting for a request; close the one that has waited longest if there are too many."""
        address = self._addresses.get(connection)
        if address is None:
            return
        fellows = self._of[address]
        for waiting in (self._waiting, fellows):
            waiting[connection] = None
            waiting.move_to_end(connection)
        if len(fellows) > self._most_of_address:
            self._close(next(iter(fellows)))
        elif len(self._waiting) > self._most_waiting:
            self._close(next(iter(self._waiting)))

    def work(self, connection: ClosableConnection) -> None:
        """Count it as having a whole request under way."""
        if connection not in self._waiting:
            return
        del self._waiting[connection]
        address = self._addresses[connection]
        fellows = self._of[address]
        del fellows[connection]
        if not fellows:
            del self._of[address]

    def _close(self, connection: ClosableConnection) -> None:
        self.lost(connection)
        if not self._closed:
            asyncio.get_running_loop().call_later(NOTE_S, self._note)
        self._closed += 1
        connection.give_way()

    def _note(self) -> None:
        """Log how many were closed lately."""
        facts = {"closed": self._closed, "waiting": len(self._waiting), "open": len(self._addresses)}
        logger.warning("connections closed that waited longest", extra={"facts": facts | {"most": self.most}})
        self._closed = 0


def raise_limit() -> None:
    """Let this process, and those that it starts, open as many descriptors as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def descriptors() -> int:
    """How many descriptors this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 20 if soft == resource.RLIM_INFINITY else soft


def backlog(descriptors: int) -> int:
    """How many connections may wait to be accepted, where they may all be accepted at once."""
    return min(BACKLOG, descriptors // 4)
