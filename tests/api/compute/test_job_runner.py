"""The job runner: long work in a process of its own."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.api.compute.test_short_queue import Client, Document

from rackrate.analyses.registry import SENSITIVITY
from rackrate.api.compute.job_runner import JobError, JobRunner
from rackrate.api.openapi.examples import ASKED
from rackrate.deal.codec.decode import canonical, decode
from rackrate.job_worker import Job

AXES = {"x": "rate_add", "y": "rent_haircut"}


def never(done: int, of: int) -> None:
    raise AssertionError((done, of))


def job_of(deal: Document) -> Job:
    request = decode(msgspec.json.encode({"deal": deal} | ASKED[SENSITIVITY]), SENSITIVITY.reads)
    return Job(SENSITIVITY.name, canonical(request), "id")


def test_a_job_process_that_ends_is_replaced_and_a_job_nobody_waits_for_is_ended(deal: Document) -> None:
    async def story() -> None:
        room, job = JobRunner(), job_of(deal)
        first = await room.run(job, never)
        (process,) = room._processes
        os.kill(process.pid, signal.SIGSTOP)
        task = asyncio.create_task(room.run(job, never))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await process.wait()
        assert await room.run(job, never) == first
        (process,) = room._processes
        process.kill()
        with pytest.raises(JobError):
            await room.run(job, never)
        assert await room.run(job, never) == first
        await room.stop()

    asyncio.run(story())


def test_a_large_body_of_another_client_waits_for_none_of_four_long_jobs(
    deal: Document,
) -> None:
    values = [i / 10_000 for i in range(20)]
    axes = {name: {"adjustment": kind, "values": values} for name, kind in AXES.items()}
    asked = msgspec.json.encode({"deal": deal, "grids": [axes | {"measure": "ltv"}]})
    long = Job(SENSITIVITY.name, canonical(decode(asked, SENSITIVITY.reads)), "id")
    large = Job(SENSITIVITY.name, asked, most=10**9)

    async def story() -> list[str]:
        runner, ended = JobRunner(), list[str]()

        async def run(job: Job, client: str) -> None:
            await runner.run(job, lambda done, of: None, client)
            ended.append(client)

        await asyncio.gather(*(run(long, "busy") for _ in range(4)), run(large, "other"))
        assert len(runner._processes) == 2
        await runner.stop()
        return ended

    assert asyncio.run(story()).index("other") <= 1  # of a process that starts meanwhile


def test_a_refusal_in_the_back_room_is_the_refusal_of_the_engine(client: Client, deal: Document) -> None:
    deal["sizing"]["tests"] = [
        {"kind": "min_dscr", "name": "absurd", "limit": 90.0, "service": "interest_only"}
    ]
    deal["sizing"]["tests"].append({"kind": "min_debt_yield", "limit": 0.09})
    deal["facilities"] = deal["facilities"][:1]
    deal["facilities"][0]["operating_costs"].append({"name": "ruin", "annual": 9e9, "growth": 0})
    plain = client.post("/v1/underwritings", json=deal)
    compared = client.post("/v1/comparisons", json={"deal": deal})
    assert plain.status_code == compared.status_code == 422
    apart = {"instance": "", "errors": []}
    assert plain.json() | apart == compared.json() | apart
    assert plain.json()["test"]
    for alone, within in zip(plain.json()["errors"], compared.json()["errors"], strict=True):
        assert within == alone | {"pointer": "/deal" + alone["pointer"]}


def test_long_work_does_not_hold_up_short_work(
    start_service: Callable[..., Any], deal: Document, hyperscale: bytes
) -> None:
    """A grid of 1,600 points takes about a second; meanwhile new deals are answered as ever."""
    service = start_service(workers="1")
    values = [i / 10_000 for i in range(40)]
    axes = {
        "x": {"adjustment": "rate_add", "values": values},
        "y": {"adjustment": "rent_haircut", "values": values},
    }
    body = json.dumps({"deal": deal, "grids": [axes | {"measure": "ltv"}]})
    headers = {"Content-Type": "application/json"}
    service.http.post("/v1/sensitivities", content=json.dumps({"deal": deal}), headers=headers)
    ended: list[float] = []

    def ask() -> None:
        assert service.http.post("/v1/sensitivities", content=body, headers=headers).status_code == 200
        ended.append(time.monotonic())

    asking = threading.Thread(target=ask)
    asking.start()
    answered = []
    for rate in (0.051, 0.052, 0.053):
        deal["debt"]["rate"] = rate
        assert service.http.post("/v1/underwritings", json=deal).headers["x-cache"] == "miss"
        answered.append(time.monotonic())
    asking.join()
    assert answered[0] < ended[0]
