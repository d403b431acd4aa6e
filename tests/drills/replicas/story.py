"""Clients ask the proxy at a steady rate while something is done to what is behind it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from tests.drills.figures import Figures
from tests.drills.load.crowd import Outcome, ask, percentile

RATE, BEFORE_S, AFTER_S = 10.0, 1.0, 2.0
PATIENCE_S = 30.0  # of a client: others use the machine too


async def _asked(port: int, bodies: Sequence[bytes], act: Callable[[], Any]) -> list[Outcome]:
    """Open loop, a new deal and a known one in turn, from before the act until after it."""
    asked: list[asyncio.Task[Outcome]] = []
    over = asyncio.Event()

    async def load() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        while not over.is_set():
            body = bodies[0] if len(asked) % 2 else bodies[len(asked) // 2 % len(bodies)]
            asked.append(asyncio.create_task(ask(port, body, patience_s=PATIENCE_S)))
            await asyncio.sleep(max(0.0, start + len(asked) / RATE - loop.time()))

    loading = asyncio.create_task(load())
    await asyncio.sleep(BEFORE_S)
    try:
        await asyncio.to_thread(act)
        await asyncio.sleep(AFTER_S)
    finally:
        over.set()
        await loading
    return list(await asyncio.gather(*asked))


def ride(
    name: str, port: int, bodies: Sequence[bytes], act: Callable[[], Any], figures: Figures
) -> list[Outcome]:
    """No request fails while the act is done, and one deal has one answer whoever computed it."""
    outcomes = asyncio.run(_asked(port, bodies, act))
    failed = [one for one in outcomes if one.status != 200]
    first: dict[bytes, bytes] = {}
    others = [
        one
        for one in outcomes
        if one.status == 200 and first.setdefault(one.body, one.content) != one.content
    ]
    figures.hold(name, f"failed of {len(outcomes)}", len(failed), 0)
    figures.hold(name, "answers that differ from the first of their deal", len(others), 0)
    for share, what in ((0.99, "p99, ms"), (1.0, "slowest, ms")):
        figures.tell(name, what, percentile(outcomes, share))
    return outcomes
