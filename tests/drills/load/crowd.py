"""A crowd of clients: asks at a rate whether or not the service keeps up, and notes what becomes of each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

UNDERWRITINGS = "/v1/underwritings"
MOST_REQUESTS = 20_000
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Outcome:
    """What became of one request: status 0 stands for no whole answer, and `why` says what came instead."""

    sent: float
    seconds: float
    status: int
    headers: dict[str, str]
    content: bytes
    body: bytes
    why: str = ""

    @property
    def hit(self) -> bool:
        return self.headers.get("x-cache") == "hit"


async def ask(
    port: int,
    body: bytes,
    path: str = UNDERWRITINGS,
    patience_s: float = 5.0,
    leave_after_s: float | None = None,
    key: str = "",
    idle: list[Line] | None = None,
) -> Outcome:
    """Post one body, on a connection of its own or one of the `idle` ones; leave early if told to."""
    sent = time.monotonic()
    status, headers, content, why = 0, dict[str, str](), b"", ""
    try:
        async with asyncio.timeout(leave_after_s or patience_s):
            status, headers, content = await _exchange(port, _request(body, path, key, idle is None), idle)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        why = type(error).__name__
    return Outcome(sent, time.monotonic() - sent, status, headers, content, body, why)


async def at_rate(
    port: int, bodies: Sequence[bytes], rate: float, seconds: float, path: str = UNDERWRITINGS
) -> list[Outcome]:
    """Open loop: the next request goes out when its time has come, however many are unanswered."""
    return await _at_rate(port, bodies, rate, seconds, path, None)


async def at_rate_behind_a_proxy(
    port: int, bodies: Sequence[bytes], rate: float, seconds: float
) -> list[Outcome]:
    """Open loop over connections that are kept and used again, as a proxy does."""
    idle: list[Line] = []
    try:
        return await _at_rate(port, bodies, rate, seconds, UNDERWRITINGS, idle)
    finally:
        for _, writer in idle:
            writer.close()


async def _at_rate(
    port: int, bodies: Sequence[bytes], rate: float, seconds: float, path: str, idle: list[Line] | None
) -> list[Outcome]:
    count = min(int(rate * seconds), MOST_REQUESTS)
    start, tasks = time.monotonic(), []
    for i in range(count):
        await asyncio.sleep(max(0.0, start + i / rate - time.monotonic()))
        tasks.append(asyncio.create_task(ask(port, bodies[i % len(bodies)], path, idle=idle)))
    return list(await asyncio.gather(*tasks))


async def in_turn(port: int, bodies: Sequence[bytes], clients: int) -> list[Outcome]:
    """Closed loop: so many clients, each of which waits for its answer before it asks again."""
    waiting = list(bodies)

    async def client() -> list[Outcome]:
        return [await ask(port, waiting.pop()) for _ in iter(lambda: bool(waiting), False)]

    told = await asyncio.gather(*(client() for _ in range(clients)))
    return [outcome for each in told for outcome in each]


def percentile(outcomes: Sequence[Outcome], share: float) -> float:
    """The time, in milliseconds, within which a share of requests was answered."""
    times = sorted(outcome.seconds for outcome in outcomes)
    return 1e3 * times[min(len(times) - 1, int(share * len(times)))]


def _request(body: bytes, path: str, key: str, alone: bool) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(["Connection: close"] if alone else []),
        *([f"Authorization: Bearer {key}"] if key else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _exchange(port: int, request: bytes, idle: list[Line] | None) -> tuple[int, dict[str, str], bytes]:
    line = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
    again = False
    try:
        line[1].write(request)
        head = (await line[0].readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (text.partition(": ") for text in head[1:] if text)
        }
        content = await line[0].readexactly(int(headers["content-length"]))
        again = idle is not None and headers.get("connection") != "close"
        return int(head[0].split()[1]), headers, content
    finally:
        if again and idle is not None:
            idle.append(line)
        else:
            line[1].close()
