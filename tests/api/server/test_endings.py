"""How a connection ends: an answer can be read by who still sends, and by who sends no more."""

import contextlib
import socket
import time
from typing import Any

import pytest
from tests.api.server.serving import CHUNKED, GET, POST, SHORT, Serving, statuses
from tests.conftest import until

from rackrate.api.routes.portfolios import MOST_BYTES
from rackrate.api.server import presence, transports
from rackrate.api.server.transports import SPARE_BYTES
from rackrate.settings import Settings

MIB = 1024 * 1024
LIMIT = Settings().max_body_bytes
BLOCK = b" " * 65536
LAST = GET.replace(b"Host: x", b"Host: x\r\nConnection: close")


def by_length(size: int, head: bytes = POST) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % size + b" " * size


def in_chunks(size: int, head: bytes = POST) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (size // len(BLOCK)) + b"0\r\n\r\n"


@pytest.mark.parametrize("whole", [by_length(12 * MIB), in_chunks(12 * MIB)], ids=["length", "chunked"])
def test_a_413_is_read_by_a_client_that_sends_all_before_it_reads(serving: Serving, whole: bytes) -> None:
    for _ in range(3):
        assert statuses(serving.hear(whole)) == [413]  # neither a reset while sending, nor one while reading
    body_budget: Any = serving.app.state["dispatcher"].body_budget
    until(lambda: body_budget.held == 0, "what was held to be let go")


def test_a_portfolio_that_is_not_let_in_is_read_to_its_end_or_a_little_beyond(serving: Serving) -> None:
    lines = POST.replace(b"/v1/sizings", b"/v1/portfolios")
    assert statuses(serving.hear(by_length(MOST_BYTES, lines), LAST)) == [415, 200]
    lines = lines.replace(b"application/json", b"application/x-ndjson")
    assert statuses(serving.hear(by_length(MOST_BYTES + 12 * MIB, lines))) == [413]


def test_a_413_comes_before_the_body_where_its_length_is_told(serving: Serving) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        sock.sendall(POST + b"Content-Length: 12000000\r\n\r\n")
        assert sock.recv(64).startswith(b"HTTP/1.1 413")


def test_no_more_is_read_behind_an_answer_than_may_be(serving: Serving) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        sock.sendall(POST + b"Content-Length: 900000000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while sent < 900_000_000:
                sock.sendall(BLOCK)
                sent += len(BLOCK)
    buffers = 16 * MIB  # of both systems, at most
    assert SPARE_BYTES <= sent <= SPARE_BYTES + LIMIT + buffers


@pytest.mark.parametrize(("quiet_s", "linger_s", "pause_s"), [(0.2, 900.0, 900.0), (0.2, 0.5, 0.05)])
def test_nobody_is_listened_to_for_long_behind_an_answer(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, quiet_s: float, linger_s: float, pause_s: float
) -> None:
    """Neither who falls silent nor who sends a byte now and then."""
    monkeypatch.setattr(transports, "QUIET_S", quiet_s)
    monkeypatch.setattr(transports, "LINGER_S", linger_s)
    known: Any = serving.server.server_state.connections
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        sock.sendall(POST + b"Content-Length: 12000000\r\n\r\n")

        def is_left() -> bool:
            if pause_s < 1:
                sock.sendall(b" ")
            return sock.getsockname() not in {protocol.client for protocol in list(known)}

        until(is_left, "the connection to be left")


def test_what_is_refused_before_its_body_came_is_read_to_its_end_and_the_connection_goes_on(
    serving: Serving,
) -> None:
    head = POST.replace(b"/v1/sizings", b"/v1/nothing")
    assert statuses(serving.hear(by_length(3 * MIB, head), LAST)) == [404, 200]
    assert statuses(serving.hear(in_chunks(3 * MIB, head), LAST)) == [404, 200]


def test_a_refusal_of_framing_can_be_read_too(serving: Serving) -> None:
    broken = POST + b"Content-Length: 12000000\r\nTransfer-Encoding: chunked\r\n\r\n" + b" " * 12_000_000
    assert statuses(serving.hear(broken)) == [400]


ENDED = {
    "a POST": ([SHORT], [422]),
    "the last": ([SHORT.replace(b"Host: x", b"Host: x\r\nConnection: close")], [422]),
    "in parts": ([SHORT[:40], SHORT[40:]], [422]),
    "chunked": ([CHUNKED], [422]),
    "several": ([SHORT + GET + CHUNKED], [422, 200, 422]),
    "HTTP/1.0": ([GET.replace(b"1.1", b"1.0")], [200]),
    "nothing": ([], []),
    "half a body": ([SHORT[:-1]], [400]),
    "half a head": ([SHORT[:20]], [400]),
    "one and a half": ([GET + SHORT[:-1]], [200, 400]),
}


@pytest.mark.parametrize("name", ENDED)
def test_a_client_that_ends_its_own_direction_has_its_answers(serving: Serving, name: str) -> None:
    parts, expected = ENDED[name]
    told = serving.hear(*parts, pause_s=0.01, ends=True)
    assert statuses(told) == expected


@pytest.fixture
def slow(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every answer takes a second and a half, or ends when its client has left; what became of each."""
    became: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with transports.asyncio.timeout(1.5):
                became.append((await receive())["type"])
        except TimeoutError:
            became.append("answered")
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok", "more_body": False})

    monkeypatch.setattr(serving.app.state["admission"], "_inner", inner)
    monkeypatch.setattr(presence, "ALONE_S", 0.1)
    return became


def test_who_waits_for_a_slow_answer_has_it_and_who_has_left_costs_nothing_more(
    serving: Serving, slow: list[str]
) -> None:
    assert [status for status, *_ in serving.hear(SHORT, ends=True)] == [
        200
    ]  # an interim answer is passed over
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        sock.sendall(SHORT)
        time.sleep(0.05)
    until(lambda: len(slow) == 2, "the second to be over")
    assert slow == ["answered", "http.disconnect"]
