"""The client against a real service: its answers, its refusals, its ETags, its simulations."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.client.faulty_service import FaultyService
from tests.conftest import Service
from tests.test_in_process import ASKED, FACTOR

import rackrate
from rackrate.client import AsyncClient, Client, Invalid, Problem, Retries, UnreachableError
from rackrate.deal.answers.sizing import TestOutcome
from rackrate.deal.errors import CannotFinance, Malformed


def test_every_analysis_of_either_client_is_the_answer_of_this_process(
    client: Client, service: Service, examples: Path
) -> None:
    async def awaited() -> dict[str, msgspec.Struct]:
        async with AsyncClient(service.url) as other:
            return {
                name: await getattr(other, name)(examples / file, **asked)
                for name, (_, file, asked) in ASKED.items()
            }

    others = asyncio.run(awaited())
    for name, (_, file, asked) in ASKED.items():
        here = getattr(rackrate, name)(examples / file, **asked)
        assert getattr(client, name)(examples / file, **asked) == here, name
        assert others[name] == here, name


def test_what_is_sent_of_a_program_is_messagepack_and_so_is_every_answer(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    unlucky().underwrite(deal)
    sent = faulty.asked[0]
    assert sent.headers["content-type"] == sent.headers["accept"] == "application/vnd.msgpack"
    assert msgspec.msgpack.decode(sent.body) == deal


def test_parts_of_an_answer_are_the_structs_they_are_in_the_whole(client: Client, examples: Path) -> None:
    deal = examples / "hyperscale-single-tenant.json"
    whole = client.underwrite(deal)
    parts = client.underwrite_parts(deal, "summary", "tranches")
    assert parts == {"summary": whole.summary, "tranches": whole.tranches}
    assert isinstance(whole.sizing.tests[0], TestOutcome)


def test_a_refusal_is_the_exception_of_this_process_with_its_pointers(client: Client, examples: Path) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    wrong = deal | {"currency": "euro", "debt": deal["debt"] | {"rate": float("nan")}}
    with pytest.raises(Invalid) as there:
        client.underwrite(wrong)
    with pytest.raises(Invalid) as here:
        rackrate.underwrite(wrong)
    assert there.value.errors == here.value.errors
    assert [error.pointer for error in there.value.errors] == ["/currency", "/debt/rate"]
    with pytest.raises(Malformed):
        client.underwrite("{")
    strict = [{"kind": "min_dscr", "limit": 1.3, "basis": "closing"}]
    nothing = deal | {"sizing": deal["sizing"] | {"tests": strict}, "structure": None}
    for facility in nothing["facilities"]:
        facility["operating_costs"] = [{"name": "all of it", "annual": 1e9}]
    with pytest.raises(CannotFinance) as refused:
        client.underwrite(nothing)
    assert refused.value.test == "min_dscr"


def test_a_problem_that_is_no_refusal_has_its_kind(client: Client) -> None:
    with pytest.raises(Problem) as absent:
        client.underwriting("00/../../health")
    assert (absent.value.kind.name, absent.value.kind.status) == ("not-found", 404)


def test_an_answer_that_is_kept_is_asked_by_its_etag_and_not_sent_again(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    client = unlucky()
    posted = client.underwrite(examples / "powered-shell-leasehold.json")
    again = client.underwriting(posted.id)
    assert again == posted
    assert faulty.asked[-1].headers["if-none-match"]
    again.warnings.clear()
    assert client.underwriting(posted.id) == posted
    other = unlucky(keep=0)
    assert other.underwriting(posted.id) == posted
    assert "if-none-match" not in faulty.asked[-1].headers


def test_documents_are_the_bytes_that_are_served_in_the_media_type_asked(
    unlucky: Callable[..., Client], faulty: FaultyService, service: Service, examples: Path
) -> None:
    client = unlucky()
    id_ = client.underwrite(examples / "gpu-compute-loan.json").id
    table = client.document(id_, "classes")
    assert table == service.http.get(f"/v1/underwritings/{id_}/classes").content
    assert client.document(id_, "classes") == table
    assert faulty.asked[-1].headers["if-none-match"]
    assert json.loads(client.document(id_, "classes", "application/json"))["columns"]


def test_progress_is_told_until_the_result(client: Client, examples: Path) -> None:
    told: list[tuple[int, int]] = []
    asked = {"paths": 40_000, "seed": 11, "factor": FACTOR}
    answer = client.simulate(
        examples / "gpu-compute-loan.json", progress=lambda done, of: told.append((done, of)), **asked
    )
    assert told == sorted(told)
    assert told[-1] == (40_000, 40_000)
    assert answer == rackrate.simulate(examples / "gpu-compute-loan.json", **asked)


def test_leaving_a_simulation_ends_it_at_the_service(client: Client, examples: Path) -> None:
    """What is asked next does not wait for four million paths: it has half of the time that they take."""
    asked = {"paths": 4_000_000, "seed": 12, "factor": FACTOR}
    began = time.monotonic()
    with client.simulating(examples / "gpu-compute-loan.json", **asked) as run:
        first = next(iter(run))
        assert 0 < first.done < first.of == 4_000_000
    whole_s = (time.monotonic() - began) * first.of / first.done
    began = time.monotonic()
    client.simulate(examples / "gpu-compute-loan.json", paths=200, seed=12, factor=FACTOR)
    assert time.monotonic() - began < whole_s / 2


def test_what_progress_raises_leaves_the_simulation(client: Client, examples: Path) -> None:
    def enough(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.simulate(
            examples / "gpu-compute-loan.json", progress=enough, paths=4_000_000, seed=13, factor=FACTOR
        )


def test_a_cancelled_task_ends_its_simulation(service: Service, examples: Path) -> None:
    async def leave() -> int:
        async with AsyncClient(service.url) as client:
            told: list[int] = []
            asked = {"paths": 4_000_000, "seed": 14, "factor": FACTOR}
            deal = examples / "gpu-compute-loan.json"
            task = asyncio.create_task(
                client.simulate(deal, progress=lambda done, of: told.append(done), **asked)
            )
            while not told:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await client.simulate(deal, paths=200, seed=14, factor=FACTOR)
            return told[-1]

    assert asyncio.run(leave()) < 4_000_000


def test_nobody_there_is_said_at_once_where_nothing_is_tried_again(examples: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    began = time.monotonic()
    nobody = Client(f"http://127.0.0.1:{port}", retries=Retries(within_s=0))
    with nobody, pytest.raises(UnreachableError, match=f"127.0.0.1:{port}"):
        nobody.underwrite(examples / "powered-shell-leasehold.json")
    assert time.monotonic() - began < 20  # to try again takes thirty


def test_the_client_loads_neither_the_server_nor_the_engine() -> None:
    script = """
import sys, rackrate.client
bad = {"litestar", "redis", "uvicorn", "numpy", "rackrate.engine", "rackrate.kernel", "rackrate.api"}
assert not bad & sys.modules.keys(), bad & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)


def test_an_api_key_is_sent_and_one_that_is_not_known_is_refused(
    unlucky: Callable[..., Client], faulty: FaultyService, start_service: Callable[..., Any], tmp_path: Path
) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "rackrate", "key", "desk"], capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "keys.toml").write_text(made)
    guarded = start_service(api_keys_file=str(tmp_path / "keys.toml"))
    deal = {"name": "x"}
    with Client(guarded.url) as nobody, pytest.raises(Problem) as refused:
        nobody.underwrite(deal)
    assert refused.value.kind.name == "unauthenticated"
    with Client(guarded.url, key=made.splitlines()[0].rsplit(" ", 1)[1]) as known, pytest.raises(Invalid):
        known.underwrite(deal)
