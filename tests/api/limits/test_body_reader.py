"""Reading a body once, within a size, a time and a budget."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from litestar.types import Receive

from rackrate.analyses.problems import TOO_LARGE, TOO_SLOW, Problem
from rackrate.api.limits.body_reader import BodyReader

LARGEST = 900


def arriving(*messages: dict[str, Any]) -> Callable[[], Any]:
    """ASGI's `receive` of a client that sends these and then nothing."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(60)
        return waiting.pop(0)

    return receive


def test_a_body_may_take_longer_the_more_of_it_has_come_and_one_that_stalls_is_refused() -> None:
    """Eight parts of 1/64 MiB, 0.02 s apart, take 0.16 s; 0.1 s and one for each MiB allow 0.1 + 8/64."""

    async def read(mib_s: float, stalls: bool) -> int:
        parts = iter(range(8))

        async def receive() -> dict[str, Any]:
            part = next(parts, None)
            await asyncio.sleep(60 if part is None else 0.02)
            return {"type": "http.request", "body": bytes(2**14), "more_body": stalls or part != 7}

        reader = BodyReader(cast("Receive", receive), lambda _: None)
        return len(await reader.read(2**20, patience_s=0.1, mib_s=mib_s))

    assert asyncio.run(read(1.0, False)) == 2**17
    for mib_s, stalls in ((0.0, False), (1.0, True)):
        with pytest.raises(Problem) as refused:
            asyncio.run(read(mib_s, stalls))
        assert refused.value.kind is TOO_SLOW


def test_who_reads_on_is_told_what_the_first_was_told_and_waits_no_second_time() -> None:
    async def story() -> None:
        part = {"type": "http.request", "body": b"{", "more_body": True}
        reader = BodyReader(cast("Receive", arriving(part)), lambda _: None)
        told = []
        for patience_s in (0.05, 30.0):
            with pytest.raises(Problem) as refused:
                await reader.read(LARGEST, patience_s)
            told.append(refused.value.kind)
        assert told == [TOO_SLOW] * 2

    asyncio.run(asyncio.wait_for(story(), 5))


def test_a_body_that_is_too_long_for_one_is_read_on_by_another() -> None:
    async def story() -> bytes:
        parts = [{"type": "http.request", "body": bytes(300), "more_body": number < 2} for number in range(3)]
        reader = BodyReader(cast("Receive", arriving(*parts)), lambda _: None)
        with pytest.raises(Problem) as refused:
            await reader.read(500)
        assert refused.value.kind is TOO_LARGE
        return await reader.read(1000)

    assert asyncio.run(story()) == bytes(900)
