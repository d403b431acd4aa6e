"""Under load: work is shared, bounded and kept apart, and what cannot be done in time is refused at once."""

import asyncio
import threading
import time
from functools import partial
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import PATIENCE_S

from rackrate.analyses.problems import BUSY, Problem
from rackrate.api.compute.short_queue import BURST, ShortQueue

Client = TestClient[Litestar]
Document = dict[str, Any]


def test_a_lane_refuses_what_would_wait_too_long_and_finishes_what_it_took() -> None:
    async def story() -> None:
        short_queue, go = ShortQueue(patience_s=0.02), threading.Event()

        def work() -> bytes:
            assert go.wait(PATIENCE_S)
            return b"done"

        async def ask(i: int) -> bytes:
            with short_queue.enter(i):
                return await short_queue.run(work)

        tasks = [asyncio.create_task(ask(i)) for i in range(50)]
        await asyncio.sleep(0.05)
        refused = [task for task in tasks if task.done()]
        assert short_queue.is_full
        go.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert len(refused) >= 50 - BURST - 2
        assert outcomes.count(b"done") + len(refused) == 50
        assert all(isinstance(o, Problem) and o.kind is BUSY for o in outcomes if o != b"done")
        assert int(next(o for o in outcomes if isinstance(o, Problem)).headers["Retry-After"]) >= 1
        await asyncio.sleep(0)
        assert not short_queue.is_full
        short_queue.stop()

    asyncio.run(story())


def test_a_lane_passes_over_what_was_cancelled_and_survives_what_failed() -> None:
    async def story() -> None:
        short_queue, go, done = ShortQueue(patience_s=1.0), threading.Event(), list[int]()

        def work(i: int) -> bytes:
            assert go.wait(PATIENCE_S)
            done.append(i)
            if i == 1:
                raise Problem(BUSY, "failed")
            return b"done"

        tasks = [asyncio.create_task(short_queue.run(partial(work, i))) for i in range(4)]
        await asyncio.sleep(0.05)
        tasks[2].cancel()
        await asyncio.sleep(0)
        go.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [bytes, Problem, asyncio.CancelledError, bytes]
        assert done == [0, 1, 3]
        short_queue.stop()

    asyncio.run(story())


def test_a_lane_that_stops_finishes_what_it_began_and_drops_the_rest_and_can_begin_again() -> None:
    async def story() -> None:
        short_queue, begun = ShortQueue(patience_s=1.0), threading.Event()

        def work() -> bytes:
            begun.set()
            time.sleep(0.05)
            return b"done"

        tasks = [asyncio.create_task(short_queue.run(work)) for _ in range(3)]
        await asyncio.sleep(0)
        assert begun.wait(PATIENCE_S)
        short_queue.stop()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[0] == b"done"
        assert [type(outcome) for outcome in outcomes[1:]] == [asyncio.CancelledError] * 2
        short_queue.start()
        assert await short_queue.run(work) == b"done"
        short_queue.stop()

    asyncio.run(story())


def test_a_lane_knows_its_pace_whether_visits_end_one_by_one_or_in_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred slots that come together and end together after 0.1 s are one a millisecond."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    for ends_s in ([0.1] * 100, [(i + 1) / 1000 for i in range(100)]):
        short_queue = ShortQueue(patience_s=60.0)
        for batch in range(20):
            slots = [short_queue.enter(i) for i in range(100)]
            for slot in slots:
                slot.__enter__()
            for slot, end_s in zip(slots, ends_s, strict=True):
                now[0] = batch * 0.1 + end_s
                slot.__exit__(None, None, None)
        assert short_queue._pace_s == pytest.approx(0.001, rel=0.3)
        short_queue.stop()
        now[0] = 0.0
