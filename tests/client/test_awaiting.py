"""The awaiting client among faults: what it tries again, and where it takes up what was cut."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.client.conftest import QUICK
from tests.client.faulty_service import Fault, FaultyService
from tests.client.test_retrying import busy
from tests.test_in_process import FACTOR

import rackrate
from rackrate.client import AsyncClient, Problem, Retries


def test_what_fails_for_now_is_tried_again_under_the_same_key(faulty: FaultyService, examples: Path) -> None:
    async def asked() -> object:
        async with AsyncClient(faulty.url, retries=QUICK) as client:
            return await client.underwrite(examples / "powered-shell-leasehold.json")

    faulty.faults += [busy("1"), Fault(), Fault(cut=1000)]
    assert asyncio.run(asked()) == rackrate.underwrite(examples / "powered-shell-leasehold.json")
    first, second, *others = faulty.asked
    assert 1.0 <= second.at - first.at < 1.75
    assert len(others) == 2
    assert len({each.headers["idempotency-key"] for each in faulty.asked}) == 1


def test_others_run_while_a_call_waits(faulty: FaultyService, examples: Path) -> None:
    """One waits two seconds by Retry-After; the other is answered meanwhile."""

    async def asked() -> list[str]:
        ended: list[str] = []
        async with AsyncClient(faulty.url, retries=QUICK) as client:

            async def ask(name: str) -> None:
                await client.underwrite(examples / f"{name}.json")
                ended.append(name)

            waiting = asyncio.create_task(ask("powered-shell-leasehold"))
            while not faulty.asked:
                await asyncio.sleep(0.01)
            await ask("gpu-compute-loan")
            await waiting
        return ended

    faulty.faults += [busy("2")]
    assert asyncio.run(asked()) == ["gpu-compute-loan", "powered-shell-leasehold"]


def test_a_portfolio_that_is_cut_is_taken_up_where_it_ended(faulty: FaultyService, examples: Path) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    deals = [deal | {"name": f"deal {i}"} for i in range(5)]

    async def asked() -> list[object]:
        async with AsyncClient(faulty.url, retries=QUICK) as client:
            return [answer.underwriting async for answer in client.portfolio(deals)]

    faulty.faults += [Fault(cut=200_000)]
    assert asyncio.run(asked()) == [rackrate.underwrite(each) for each in deals]
    assert len(faulty.asked) == 2
    assert 1 <= len(faulty.asked[1].body.splitlines()) < 5


def test_a_simulation_is_followed_step_by_step_and_begun_again_where_it_is_cut(
    faulty: FaultyService, examples: Path
) -> None:
    deal, asked = examples / "gpu-compute-loan.json", {"paths": 40_000, "seed": 6, "factor": FACTOR}

    async def followed() -> tuple[object, object, int]:
        async with AsyncClient(faulty.url, retries=QUICK) as client:
            faulty.faults += [Fault(cut=60)]
            cut = await client.simulate(deal, **asked)
            async with client.simulating(deal, **asked) as run:
                steps = [step.done async for step in run]
                return cut, await run.result(), len(steps)

    cut, whole, _ = asyncio.run(followed())
    assert cut == whole == rackrate.simulate(deal, **asked)


def test_a_call_that_may_not_wait_raises_what_it_was_told(faulty: FaultyService, examples: Path) -> None:
    async def asked() -> None:
        async with AsyncClient(faulty.url, retries=Retries(within_s=0.0)) as client:
            await client.underwrite(examples / "powered-shell-leasehold.json")

    faulty.faults += [busy("0")]
    with pytest.raises(Problem, match="full"):
        asyncio.run(asked())
    assert len(faulty.asked) == 1
