"""What can befall Redis, and how a service beside it rides that out."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from typing import Any

import redis
from tests.drills.crowd import Outcome, at_rate, percentile
from tests.drills.faulty_wire import FaultyWire
from tests.drills.figures import Figures

RATE, CALM_S, FAULT_S, HEAL_S = 30.0, 1.0, 1.5, 2.5
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
ON_THE_WIRE = ("reset", "slow", "trickle", "loading")


def _say(server: Any, *commands: tuple[str, ...], password: str | None = None) -> None:
    with redis.Redis(port=server.port, password=password) as store:
        for command in commands:
            store.execute_command(*command)


def strike(fault: str, server: Any, wire: FaultyWire) -> None:
    """Make the fault happen."""
    match fault:
        case "killed":
            server.stop(signal.SIGKILL)
        case "frozen":
            server.freeze()
        case "full":
            _say(server, ("CONFIG", "SET", "maxmemory", "1"))
        case "read-only":
            _say(server, ("REPLICAOF", "127.0.0.1", "1"))
        case "password":
            _say(server, ("CONFIG", "SET", "requirepass", "new"), ("CLIENT", "KILL", "TYPE", "normal"))
        case "crowded":
            _say(server, ("CONFIG", "SET", "maxclients", "1"), ("CLIENT", "KILL", "TYPE", "normal"))
        case "reset" | "slow" | "trickle" | "loading":
            wire.fault = fault  # type: ignore[assignment]  # one of those four


def heal(fault: str, server: Any, wire: FaultyWire) -> None:
    """Make it as if nothing had been."""
    wire.fault = "none"
    match fault:
        case "killed":
            server.start()
        case "frozen":
            server.thaw()
        case "full":
            _say(server, ("CONFIG", "SET", "maxmemory", "0"))
        case "read-only":
            _say(server, ("REPLICAOF", "NO", "ONE"))
        case "password":
            _say(server, ("CONFIG", "SET", "requirepass", ""), password="new")
        case "crowded":
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                with contextlib.suppress(redis.RedisError):
                    return _say(server, ("CONFIG", "SET", "maxclients", "1000"))
                time.sleep(0.01)
            raise AssertionError("redis let nobody in to raise its limit")


async def _story(fault: str, server: Any, wire: FaultyWire, port: int, bodies: list[bytes]) -> list[Outcome]:
    whole = CALM_S + FAULT_S + HEAL_S
    riding = asyncio.create_task(at_rate(port, bodies, RATE, whole))
    await asyncio.sleep(CALM_S)
    await asyncio.to_thread(strike, fault, server, wire)
    await asyncio.sleep(FAULT_S)
    await asyncio.to_thread(heal, fault, server, wire)
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
    outcomes = asyncio.run(_story(fault, server, line, port, bodies))
    name = f"Redis {FAULTS[fault]}"
    figures.hold(name, "requests not answered 200", sum(one.status != 200 for one in outcomes), 0)
    figures.hold(name, "wrong answers", sum(one.content != right[one.body] for one in outcomes), 0)
    during = [one for one in outcomes if CALM_S < one.sent - start < CALM_S + FAULT_S]
    figures.hold(name, "p99 during the fault, ms", percentile(during, 0.99), 1000)
    last = [one for one in outcomes if one.sent - start > CALM_S + FAULT_S + 0.7 * HEAL_S]
    figures.reach(name, "hit rate after it", sum(one.hit for one in last) / len(last), 0.9)
