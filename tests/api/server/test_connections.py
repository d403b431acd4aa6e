"""Connections that wait for a request: bounded in all and by address, and the longest waiting go first."""

import asyncio
import resource
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.server.serving import GET, POST, SHORT, Serving, answers, statuses
from tests.conftest import PATIENCE_S, until

from rackrate.api.middleware.admission import IN_FLIGHT
from rackrate.api.server.connections import (
    LEAST,
    MOST_WAITING,
    Connections,
    backlog,
    descriptors,
    raise_limit,
)

FEW = 0  # descriptors: the least of everything
WAITING, OF_ADDRESS = LEAST * 3 // 4, LEAST // 2


class Line:
    """A connection that knows whether it was told to go."""

    def __init__(self) -> None:
        self.gone = False

    def give_way(self) -> None:
        self.gone = True


def test_requests_that_are_whole_always_have_room_beside_those_that_are_not() -> None:
    for limit in (256, 1024, 20_000, 1 << 20):
        assert Connections(limit).most + backlog(limit) < limit
    assert MOST_WAITING < IN_FLIGHT


STEPS = st.lists(
    st.tuples(st.sampled_from(["open", "wait", "work", "lost"]), st.integers(0, 30), st.integers(0, 3))
)


@given(STEPS)
def test_whatever_comes_and_goes_no_bound_is_passed_and_who_works_stays(
    steps: list[tuple[str, int, int]],
) -> None:
    async def story() -> None:
        connections, lines, working = Connections(FEW), dict[int, tuple[Line, int]](), set[int]()
        for step, number, address in steps:
            if step == "open" and number not in lines:
                lines[number] = Line(), address
                connections.open(lines[number][0], f"192.0.2.{address}")
            elif number in lines and step == "lost":
                connections.lost(lines.pop(number)[0])
                working.discard(number)
            elif number in lines and step in ("wait", "work") and not lines[number][0].gone:
                getattr(connections, step)(lines[number][0])
                (working.add if step == "work" else working.discard)(number)
            here = {n: at for n, (line, at) in lines.items() if not line.gone}
            waiting = [at for n, at in here.items() if n not in working]
            assert working <= set(here)
            assert len(waiting) <= WAITING
            assert all(waiting.count(at) <= OF_ADDRESS for at in waiting)
            assert connections.at_work == len(working)

    asyncio.run(story())


def test_one_address_takes_its_own_share_and_a_network_of_ipv6_is_one() -> None:
    async def story() -> tuple[list[bool], list[bool]]:
        connections = Connections(FEW)
        other, lines = [Line() for _ in range(3)], [Line() for _ in range(OF_ADDRESS + 2)]
        for line in other:
            connections.open(line, "192.0.2.1")
        for i, line in enumerate(lines):
            connections.open(line, f"2001:db8::{i}")
        return [line.gone for line in other], [line.gone for line in lines]

    others, gone = asyncio.run(story())
    assert not any(others)
    assert gone == [True, True] + [False] * OF_ADDRESS


@pytest.fixture
def narrow(serving: Serving) -> Iterator[Serving]:
    """Hardly any connections."""
    state = serving.app.state
    wide, state["connections"] = state["connections"], Connections(FEW)
    yield serving
    state["connections"] = wide


LAST = SHORT.replace(b"Host: x", b"Host: x\r\nConnection: close")
HALVES = {
    "silent": b"",
    "half a head": POST,
    "half a body": POST + b"Content-Length: 9\r\n\r\n{",
    "half a body in chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{",
    "half a body behind a request": GET + POST + b"Content-Length: 9\r\n\r\n{",
    "between requests": GET,
}


@pytest.mark.parametrize("name", HALVES)
def test_who_only_holds_connections_keeps_nobody_out_and_loses_the_oldest(narrow: Serving, name: str) -> None:
    with narrow.clients(OF_ADDRESS) as held:
        for sock in held:
            sock.sendall(HALVES[name])
        waiting: Any = narrow.app.state["connections"]
        until(lambda: waiting.at_work == 0, "all of them to wait")
        for _ in range(2 * LEAST):
            assert statuses(narrow.hear(LAST)) == [422]
        told = b""
        held[0].settimeout(PATIENCE_S)
        while said := held[0].recv(65536):
            told += said
        said_first, said_last = GET in HALVES[name], POST in HALVES[name]
        assert [status for status, *_ in answers(told)] == [200] * said_first + [503] * said_last


def test_who_is_being_answered_is_not_told_to_go(narrow: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await over.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok", "more_body": False})

    with narrow.clients(1) as (patient,):
        with monkeypatch.context() as patched:
            patched.setattr(narrow.app.state["admission"], "_inner", inner)
            patient.sendall(SHORT)
            waiting: Any = narrow.app.state["connections"]
            until(lambda: waiting.at_work == 1, "it to be whole")
        with narrow.clients(OF_ADDRESS) as held:
            assert len(held) == OF_ADDRESS
            protocol: Any = next(iter(narrow.server.server_state.connections))
            protocol.loop.call_soon_threadsafe(over.set)
            assert patient.recv(65536).startswith(b"HTTP/1.1 200")


def test_the_soft_limit_of_descriptors_becomes_the_hard_one(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    raise_limit()
    assert set_to == [(4096, 4096)]
    assert descriptors() == 1024
