"""A crowd of clients: sends requests at a rate whether or not the service keeps up, and notes what became of each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

UNDERWRITINGS = "/v1/underwritings"
MOST_REQUESTS = 20_000


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
) -> Outcome:
    """Post one body on a connection of its own; leave early if told to."""
    sent = time.monotonic()
    status, headers, content, why = 0, dict[str, str](), b"", ""
    try:
        async with asyncio.timeout(leave_after_s or patience_s):
            status, headers, content = await _exchange(port, _request(body, path, key))
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        why = type(error).__name__
    return Outcome(sent, time.monotonic() - sent, status, headers, content, body, why)


async def at_rate(
    port: int, bodies: Sequence[bytes], rate: float, seconds: float, path: str = UNDERWRITINGS
) -> list[Outcome]:
    """Open loop: the next request goes out when its time has come, however many are unanswered."""
    count = min(int(rate * seconds), MOST_REQUESTS)
    start, tasks = time.monotonic(), []
    for i in range(count):
        await asyncio.sleep(max(0.0, start + i / rate - time.monotonic()))
        tasks.append(asyncio.create_task(ask(port, bodies[i % len(bodies)], path)))
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


def _request(body: bytes, path: str, key: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *([f"Authorization: Bearer {key}"] if key else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _exchange(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        content = await reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, content
    finally:
        writer.close()
