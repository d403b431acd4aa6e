"""Under load: work is shared, bounded and kept apart, and what cannot be done in time is refused at once."""

import asyncio
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import until

from rackrate.analyses.cost import LONG, MOST, check, is_long
from rackrate.analyses.job_worker import Job
from rackrate.analyses.problems import BUSY, LEFT, Problem
from rackrate.analyses.registry import COMPARE, SENSITIVITY, SIMULATE, UNDERWRITE
from rackrate.api.compute.disconnect import while_present
from rackrate.api.compute.job_runner import JobError, JobRunner
from rackrate.api.compute.short_queue import BURST, ShortQueue
from rackrate.api.compute.single_flight import SingleFlight
from rackrate.api.openapi.examples import ASKED
from rackrate.deal.codec.decode import canonical, decode

Client = TestClient[Litestar]
Document = dict[str, Any]


def unheard(done: int, of: int) -> None:
    raise AssertionError((done, of))


def job_of(deal: Document) -> Job:
    request = decode(msgspec.json.encode({"deal": deal} | ASKED[SENSITIVITY]), SENSITIVITY.reads)
    return Job(SENSITIVITY.name, canonical(request), "id")


def test_identical_requests_are_computed_once_and_a_leader_that_leaves_takes_nobody_down() -> None:
    async def story() -> None:
        flights, runs, go = SingleFlight(), [], asyncio.Event()

        async def compute() -> bytes:
            runs.append(1)
            await go.wait()
            return b"answer"

        waiting = [asyncio.create_task(flights.join("key", compute)) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        go.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert found[1:] == [b"answer"] * 49
        assert len(runs) == 1
        assert await flights.join("key", compute) == b"answer"
        assert len(runs) == 2

    asyncio.run(story())


def test_what_nobody_waits_for_is_stopped_and_a_failure_is_not_kept() -> None:
    async def story() -> None:
        flights, ended = SingleFlight(), []

        async def compute() -> bytes:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(1)
            return b""

        async def fail() -> bytes:
            raise Problem(BUSY, "full")

        waiting = [asyncio.create_task(flights.join("key", compute)) for _ in range(3)]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)
        assert ended == [1]
        outcomes = await asyncio.gather(
            *(flights.join("key", fail) for _ in range(3)), return_exceptions=True
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


def test_a_lane_refuses_what_would_wait_too_long_and_finishes_what_it_took() -> None:
    async def story() -> None:
        lane, go = ShortQueue(patience_s=0.02), threading.Event()

        def work() -> bytes:
            assert go.wait(10)
            return b"done"

        async def ask(i: int) -> bytes:
            with lane.enter(i):
                return await lane.run(work)

        tasks = [asyncio.create_task(ask(i)) for i in range(50)]
        await asyncio.sleep(0.05)
        refused = [task for task in tasks if task.done()]
        assert lane.is_full
        go.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert len(refused) >= 50 - BURST - 2
        assert outcomes.count(b"done") + len(refused) == 50
        assert all(isinstance(o, Problem) and o.kind is BUSY for o in outcomes if o != b"done")
        assert int(next(o for o in outcomes if isinstance(o, Problem)).headers["Retry-After"]) >= 1
        await asyncio.sleep(0)
        assert not lane.is_full
        lane.stop()

    asyncio.run(story())


def test_a_lane_passes_over_what_was_cancelled_and_survives_what_failed() -> None:
    async def story() -> None:
        lane, go, done = ShortQueue(patience_s=1.0), threading.Event(), list[int]()

        def work(i: int) -> bytes:
            assert go.wait(10)
            done.append(i)
            if i == 1:
                raise Problem(BUSY, "failed")
            return b"done"

        tasks = [asyncio.create_task(lane.run(partial(work, i))) for i in range(4)]
        await asyncio.sleep(0.05)
        tasks[2].cancel()
        await asyncio.sleep(0)
        go.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [bytes, Problem, asyncio.CancelledError, bytes]
        assert done == [0, 1, 3]
        lane.stop()

    asyncio.run(story())


def test_a_lane_that_stops_finishes_what_it_began_and_drops_the_rest_and_can_begin_again() -> None:
    async def story() -> None:
        lane, begun = ShortQueue(patience_s=1.0), threading.Event()

        def work() -> bytes:
            begun.set()
            time.sleep(0.05)
            return b"done"

        tasks = [asyncio.create_task(lane.run(work)) for _ in range(3)]
        await asyncio.sleep(0)
        assert begun.wait(10)
        lane.stop()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes[0] == b"done"
        assert [type(outcome) for outcome in outcomes[1:]] == [asyncio.CancelledError] * 2
        lane.start()
        assert await lane.run(work) == b"done"
        lane.stop()

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


def test_a_full_service_says_so_before_it_parses_and_answers_its_probes(client: Client) -> None:
    dispatcher = client.app.state["dispatcher"]
    dispatcher.short._inside, dispatcher.long.seats._taken = set(range(1000)), Counter(somebody=1000)
    for path in ("/v1/underwritings", "/v1/sensitivities"):
        answer = client.post(path, content=b"not even JSON")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["type"] == "urn:rackrate:problem:busy"
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/health/live").status_code == 200
    assert client.get("/v1/rulesets").status_code == 200
    dispatcher.long.seats._taken.clear()
    assert client.post("/v1/comparisons", json={}).status_code == 422


def test_more_work_than_one_request_may_ask_for_is_refused_by_name(
    open_client: Callable[..., Client], deal: Document
) -> None:
    client = open_client(max_work=1_000_000)
    values = [i / 1000 for i in range(40)]
    grid = {
        "x": {"adjustment": "rate_add", "values": values},
        "y": {"adjustment": "rent_haircut", "values": values},
        "measure": "ltv",
    }
    answer = client.post("/v1/sensitivities", json={"deal": deal, "grids": [grid]})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:rackrate:problem:too-much-work")
    assert "months x 1601 points" in problem["detail"]
    assert client.post("/v1/underwritings", json=deal).status_code == 200


def test_large_deals_and_analyses_are_long_work(deal: Document) -> None:
    small = decode(msgspec.json.encode(deal), UNDERWRITE.reads)
    assert not is_long(UNDERWRITE, check(small))
    assert is_long(UNDERWRITE, LONG + 1)
    assert is_long(SENSITIVITY, 0)
    assert is_long(COMPARE, 0)


def test_a_million_paths_of_a_multi_tenant_deal_are_no_more_than_may_be_asked_for(examples: Path) -> None:
    deal = json.loads((examples / "colocation-multi-tenant.json").read_bytes())
    asked = json.dumps(ASKED[SIMULATE] | {"deal": deal, "paths": 1_000_000}).encode()
    assert 0 < check(decode(asked, SIMULATE.reads)) < MOST / 4


def test_the_back_room_survives_its_analyst_and_stops_for_nobody_waiting(deal: Document) -> None:
    async def story() -> None:
        room, job = JobRunner(), job_of(deal)
        first = await room.run(job, unheard)
        analyst = room._analyst
        assert analyst is not None
        os.kill(analyst.pid, signal.SIGSTOP)
        task = asyncio.create_task(room.run(job, unheard))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await analyst.wait()
        assert await room.run(job, unheard) == first
        assert room._analyst is not None
        room._analyst.kill()
        with pytest.raises(JobError):
            await room.run(job, unheard)
        assert await room.run(job, unheard) == first
        await room.stop()

    asyncio.run(story())


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


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_told_to_stop_the_service_loses_nothing_and_a_killed_worker_comes_back(
    start_service: Callable[..., Any], hyperscale: bytes
) -> None:
    service = start_service(workers="2")
    headers = {"Content-Type": "application/json"}
    victim = max(children(service.child.pid))
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in (alive := children(service.child.pid)) and len(alive) > 2, "a new worker")
    statuses: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(
                service.http.post("/v1/underwritings", content=hyperscale, headers=headers).status_code
            )

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    time.sleep(1)
    service.child.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    stop.set()
    for thread in asking:
        thread.join()
    assert service.child.wait(10) == 0
    assert set(statuses) == {200}
    assert "ended with -9" in service.log.read_text()


def test_a_lane_knows_its_pace_whether_visits_end_one_by_one_or_in_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred visits that come together and end together after 0.1 s are one a millisecond."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    for ends_s in ([0.1] * 100, [(i + 1) / 1000 for i in range(100)]):
        lane = ShortQueue(patience_s=60.0)
        for batch in range(20):
            visits = [lane.enter(i) for i in range(100)]
            for slot in visits:
                slot.__enter__()
            for slot, end_s in zip(visits, ends_s, strict=True):
                now[0] = batch * 0.1 + end_s
                slot.__exit__(None, None, None)
        assert lane._pace_s == pytest.approx(0.001, rel=0.3)
        lane.stop()
        now[0] = 0.0
