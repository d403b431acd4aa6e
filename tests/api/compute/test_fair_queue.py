"""A fair queue: one job of a client at a time, the one served longest ago first, and no wait without end."""

import asyncio

import pytest

from rackrate.analyses.problems import Problem
from rackrate.api.compute.fair_queue import FairQueue


async def story(queue: FairQueue, jobs: str, served: list[str], pace_s: float = 0.01) -> None:
    """Have a job done for each client in `jobs`, in the order they come."""

    async def job(client: str) -> None:
        async with queue.slot(client):
            served.append(client)
            await asyncio.sleep(pace_s)

    await asyncio.gather(*(job(client) for client in jobs))


def test_at_one_place_clients_alternate_whoever_came_first() -> None:
    served: list[str] = []
    asyncio.run(story(FairQueue(1, 5.0), "aaaabbc", served))
    assert "".join(served) == "abcabaa"


def test_no_client_has_two_places_and_another_waits_for_none_of_its_jobs() -> None:
    served: list[str] = []
    queue, most = FairQueue(2, 5.0), 0

    async def job(client: str) -> None:
        nonlocal most
        async with queue.slot(client):
            served.append(client)
            most = max(most, len(queue._at_work))
            await asyncio.sleep(0.01)
            assert client in queue._at_work

    async def all_of_them() -> None:
        await asyncio.gather(*(job(client) for client in "aaaab"))

    asyncio.run(all_of_them())
    assert ("".join(served), most) == ("abaaa", 2)


def test_who_waits_too_long_is_told_when_to_come_again_and_holds_up_nobody() -> None:
    async def refused() -> list[str]:
        queue, served = FairQueue(1, 0.05), list[str]()
        async with queue.slot("a"):
            with pytest.raises(Problem) as told:
                async with queue.slot("b"):
                    raise AssertionError
        assert told.value.kind.status == 503
        assert told.value.headers["Retry-After"] == "1"
        await story(queue, "ab", served)
        assert not queue._waiting
        assert not queue._at_work
        return served

    assert asyncio.run(refused()) == ["a", "b"]


def test_who_leaves_while_it_waits_or_as_it_is_called_gives_its_place_to_the_next() -> None:
    async def left() -> list[str]:
        queue, served = FairQueue(1, 5.0), list[str]()
        async with queue.slot("a"):
            tasks = [asyncio.create_task(story(queue, client, served)) for client in "bcd"]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            tasks[0].cancel()
            await asyncio.sleep(0.01)
        tasks[1].cancel()  # called, and not yet on its way
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not queue._waiting
        assert not queue._at_work
        return served

    assert asyncio.run(left()) == ["d"]
