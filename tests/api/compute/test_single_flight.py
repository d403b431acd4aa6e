"""Single flight: identical requests share one computation, and one that nobody waits for is stopped."""

import asyncio

import pytest

from rackrate.analyses.problems import BUSY, LEFT, Problem
from rackrate.api.compute.disconnect import while_present
from rackrate.api.compute.single_flight import SingleFlight


def test_identical_requests_are_computed_once_and_a_leader_that_leaves_takes_nobody_down() -> None:
    async def story() -> None:
        single_flight, runs, go = SingleFlight(), [], asyncio.Event()

        async def compute() -> bytes:
            runs.append(1)
            await go.wait()
            return b"answer"

        waiting = [asyncio.create_task(single_flight.join("key", compute)) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        go.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert found[1:] == [b"answer"] * 49
        assert len(runs) == 1
        assert await single_flight.join("key", compute) == b"answer"
        assert len(runs) == 2

    asyncio.run(story())


def test_what_nobody_waits_for_is_stopped_and_a_failure_is_not_kept() -> None:
    async def story() -> None:
        single_flight, ended = SingleFlight(), []

        async def compute() -> bytes:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(1)
            return b""

        async def fail() -> bytes:
            raise Problem(BUSY, "full")

        waiting = [asyncio.create_task(single_flight.join("key", compute)) for _ in range(3)]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)
        assert ended == [1]
        outcomes = await asyncio.gather(
            *(single_flight.join("key", fail) for _ in range(3)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [Problem] * 3

    asyncio.run(story())


def test_a_client_that_leaves_ends_its_work() -> None:
    async def story() -> None:
        async def leave() -> dict[str, str]:
            return {"type": "http.disconnect"}

        async def compute() -> bytes:
            await asyncio.sleep(60)
            return b""

        with pytest.raises(Problem) as refused:
            await while_present(leave, compute())
        assert refused.value.kind is LEFT

    asyncio.run(story())


def test_to_cancel_who_asks_is_not_to_lose_its_client() -> None:
    async def story() -> None:
        async def stay() -> dict[str, str]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def compute() -> bytes:
            await asyncio.sleep(60)
            return b""

        asking = asyncio.create_task(while_present(stay, compute()))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(story())
