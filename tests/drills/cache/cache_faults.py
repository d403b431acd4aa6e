"""What can befall Redis, and how a service beside it rides that out."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

import redis
from tests.drills.cache.faulty_wire import FaultyWire
from tests.drills.figures import Figures
from tests.drills.load.crowd import Outcome, at_rate, percentile

RATE, CALM_S, FAULT_S, HEAL_S = 20.0, 1.0, 1.5, 2.5
FAULTS = {
    "killed": "killed and started again",
    "frozen": "hung (SIGSTOP)",
    "reset": "connection reset in mid-reply",
    "slow": "every reply 50 ms late",
    "trickle": "replies a byte at a time",
    "loading": "LOADING",
    "full": "full (noeviction)",
    "read-only": "READONLY",
    "password": "wrong password",
    "crowded": "maxclients reached",
}


class Trouble:
    """One fault of a Redis, and the means to end it."""

    def __init__(self, fault: str, server: Any, wire: FaultyWire) -> None:
        self._fault, self._server, self._wire = fault, server, wire
        self._operator = redis.Redis(
            port=server.port, single_connection_client=True
        )  # stays in when others cannot

    def strike(self) -> None:
        """Make the fault happen."""
        match self._fault:
            case "killed":
                self._server.stop(signal.SIGKILL)
            case "frozen":
                self._server.freeze()
            case "full":
                self._operator.config_set("maxmemory", "1")
            case "read-only":
                self._operator.replicaof("127.0.0.1", "1")
            case "password":
                self._operator.config_set("requirepass", "new")
                self._operator.client_kill_filter(_type="normal")
            case "crowded":
                self._operator.config_set("maxclients", "1")
                self._operator.client_kill_filter(_type="normal")
            case "reset" | "slow" | "trickle" | "loading":
                self._wire.fault = self._fault

    def heal(self) -> None:
        """Make it as if nothing had been."""
        self._wire.fault = "none"
        match self._fault:
            case "killed":
                self._server.start()
            case "frozen":
                self._server.thaw()
            case "full":
                self._operator.config_set("maxmemory", "0")
            case "read-only":
                self._operator.replicaof("NO", "ONE")
            case "password":
                self._operator.config_set("requirepass", "")
            case "crowded":
                self._operator.config_set("maxclients", "1000")
        self._operator.close()


async def _story(trouble: Trouble, port: int, bodies: list[bytes]) -> list[Outcome]:
    whole = CALM_S + FAULT_S + HEAL_S
    riding = asyncio.create_task(at_rate(port, bodies, RATE, whole))
    await asyncio.sleep(CALM_S)
    await asyncio.to_thread(trouble.strike)
    await asyncio.sleep(FAULT_S)
    await asyncio.to_thread(trouble.heal)
    return await riding


def ride_out(
    fault: str,
    start_redis: Callable[..., Any],
    start_service: Callable[..., Any],
    wire: Callable[[int], FaultyWire],
    bodies: list[bytes],
    figures: Figures,
) -> None:
    """Ask at a steady rate while Redis suffers and recovers: every answer comes, right, and in time."""
    server = start_redis("--maxmemory-policy", "noeviction")
    line = wire(server.port)
    service = start_service(redis_url=line.url, workers="1")
    port = int(service.url.rpartition(":")[2])
    right = {one.body: one.content for one in asyncio.run(at_rate(port, bodies, 10, len(bodies) / 10))}
    start = time.monotonic()
    outcomes = asyncio.run(_story(Trouble(fault, server, line), port, bodies))
    name = f"Redis {FAULTS[fault]}"
    figures.hold(name, "requests not answered 200", sum(one.status != 200 for one in outcomes), 0)
    figures.hold(name, "wrong answers", sum(one.content != right[one.body] for one in outcomes), 0)
    during = [one for one in outcomes if CALM_S < one.sent - start < CALM_S + FAULT_S]
    figures.within(name, "p99 during the fault, ms", percentile(during, 0.99), 1000)
    last = [one for one in outcomes if one.sent - start > CALM_S + FAULT_S + 0.7 * HEAL_S]
    hits = sum(one.hit for one in last) / len(last)
    if fault in ("slow", "trickle"):  # what was slower than computing is rightly not asked again for a while
        figures.tell(name, "hit rate after it", hits)
    else:
        figures.reach(name, "hit rate after it", hits, 0.9)
