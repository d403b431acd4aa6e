"""The protocol on a real socket: deadlines, sizes, one reading of each request, and refusals in order."""

import http.client
import json
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.api.server.serving import CHUNKED, DEADLINE_S, GET, POST, SHORT, Serving, statuses
from tests.conftest import PATIENCE_S, until
from tests.drills.load.greedy import many_cases
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

import rackrate
from rackrate.api.limits.body_budget import BODY_BYTES
from rackrate.api.server import unread
from rackrate.api.server.framing import HEADER_BYTES
from rackrate.api.telemetry.metrics import REQUESTS, UNREAD_DROPPED

FULL = set(range(1000))


@pytest.mark.parametrize("part", [b"", b"G", b"POST /v1/sizings HTTP/1.1\r\nHost: x\r\n", GET + b"GET /v1"])
def test_headers_that_do_not_arrive_are_a_408_in_time(serving: Serving, part: bytes) -> None:
    told = serving.hear(part)
    assert statuses(told) == ([200, 408] if part.startswith(GET) else [408])
    assert told[-1][1]["connection"] == "close"


def test_headers_a_byte_at_a_time_are_a_408_too(serving: Serving) -> None:
    assert statuses(serving.hear(*(bytes([byte]) for byte in GET[:20]), pause_s=0.03)) == [408]


def test_headers_past_their_size_are_a_431(serving: Serving) -> None:
    line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
    assert statuses(serving.say(GET[:-2], *[line] * (HEADER_BYTES // 1000 + 2), pause_s=0)) == [431]
    assert statuses(serving.say(GET[:-2] + line * 30 + b"\r\n")) == [200]


def test_headers_past_their_size_are_a_431_in_one_read_too(serving: Serving) -> None:
    lines = b"X-Filler: " + b"x" * (HEADER_BYTES // 2) + b"\r\n"
    assert statuses(serving.say(GET[:-2] + lines + b"\r\n" + GET)) == [200, 200]
    for long in (lines * 2, b"A: b\r\n" * (HEADER_BYTES // 5)):
        assert statuses(serving.say(GET[:-2] + long + b"\r\n" + GET)) == [431]
    path = b"/v1/rulesets?" + b"x" * HEADER_BYTES
    assert statuses(serving.say(GET.replace(b"/v1/rulesets", path) + GET)) == [431]


def test_a_long_body_in_front_of_headers_is_no_part_of_them(serving: Serving) -> None:
    long = POST + b"Content-Length: 100000\r\n\r\n" + b" " * 100_000
    assert statuses(serving.say(long + GET[:20], GET[20:])) == [400, 200]


@pytest.mark.parametrize("trailer", [b"A: ", b"A: b\r\n"], ids=["one", "many"])
def test_trailers_without_end_are_a_431(serving: Serving, trailer: bytes) -> None:
    parts = (
        [trailer * (HEADER_BYTES // len(trailer))] * 3 if trailer.endswith(b"\n") else [b"x" * 40_000] * 12
    )
    assert statuses(serving.say(CHUNKED[:-2] + trailer, *parts)) == [431]


HIDDEN = GET.replace(b"/v1/rulesets", b"/health/live")
TWO_READINGS = {
    "length and coding": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 70\r\n\r\n{}" + HIDDEN,
    "the same length twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN,
    "a length that is a list": POST + b"Content-Length: 2, 2\r\n\r\n{}" + HIDDEN,
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a length in hex": POST + b"Content-Length: 0x2\r\n\r\n{}" + HIDDEN,
    "a length past 64 bits": POST + b"Content-Length: 18446744073709551618\r\n\r\n{}" + HIDDEN,
    "a coding that hides": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding before chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunked, then identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked on HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + HIDDEN,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a fold": POST + b"X: a\r\n Content-Length: 2\r\n\r\n{}" + HIDDEN,
    "bare line feeds": SHORT.replace(b"\r\n", b"\n") + HIDDEN,
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "a bare line feed after a size": POST + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a size that is none": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a size in hex": POST + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a size with a sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a size with a space": POST + b"Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a size past 64 bits": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n{}" + HIDDEN,
    "no size": POST + b"Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk past its size": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{} \r\n0\r\n\r\n" + HIDDEN,
    "a bare line feed at the end": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\n" + HIDDEN,
    "a trailer that is none": CHUNKED[:-2] + b"A\r\n\r\n" + HIDDEN,
    "a length in a trailer": CHUNKED[:-2] + b"Content-Length: 9\r\n\r\n" + HIDDEN,
    "an empty length": POST + b"Content-Length: \r\n\r\n{}" + HIDDEN,
    "a bare line feed": SHORT.replace(b"Host: x\r\n", b"Host: x\n") + HIDDEN,
    "a bare carriage return": SHORT.replace(b"Host: x\r\n", b"Host: x\r\nA: b\rc\r\n") + HIDDEN,
    "a NUL in a value": SHORT.replace(b"Host: x\r\n", b"Host: x\r\nA: b\0c\r\n") + HIDDEN,
    "a tunnel": b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN,
    "a tunnel with a body": SHORT.replace(b"POST /v1/sizings", b"CONNECT x:80") + HIDDEN,
    "no host": SHORT.replace(b"Host: x\r\n", b"") + HIDDEN,
    "two hosts": SHORT.replace(b"Host: x\r\n", b"Host: x\r\nHost: y\r\n") + HIDDEN,
    "a NUL in a name": SHORT.replace(b"Host: x\r\n", b"Host: x\r\nA\0: b\r\n") + HIDDEN,
}


@pytest.mark.parametrize("inside", [set(), FULL], ids=["with room", "full"])
@pytest.mark.parametrize("name", TWO_READINGS)
def test_a_request_with_two_readings_is_refused_and_nothing_hidden_in_it_is_done(
    serving: Serving, name: str, inside: set[int]
) -> None:
    serving.fill(inside)
    assert statuses(serving.say(TWO_READINGS[name])) == [400]
    serving.fill(set())


@pytest.mark.parametrize("name", TWO_READINGS)
def test_what_came_before_a_request_with_two_readings_has_its_answer_first(
    serving: Serving, name: str
) -> None:
    assert statuses(serving.say(SHORT + GET + TWO_READINGS[name])) == [422, 200, 400]


def test_a_body_that_breaks_off_in_a_later_segment_is_answered_once(serving: Serving) -> None:
    assert statuses(serving.say(CHUNKED[:-7], b"ZZ\r\n" + HIDDEN)) == [400]


OTHER_VERSIONS = {
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2": GET.replace(b"1.1", b"2.0"),
    "HTTP/1.2": SHORT.replace(b"1.1", b"1.2"),
    "HTTP/0.9": b"GET /v1/rulesets\r\n\r\n",
    "HTTP/0.9, said": GET.replace(b"1.1", b"0.9"),
}


@pytest.mark.parametrize("asked", OTHER_VERSIONS.values(), ids=OTHER_VERSIONS)
def test_another_version_is_a_505_and_nothing_behind_it_is_read(serving: Serving, asked: bytes) -> None:
    assert statuses(serving.say(asked + HIDDEN)) == [505]


@pytest.mark.parametrize(
    "line", [b"GET /v1/rulesets RTSP/1.0", b"OPTIONS /v1/sizings RTSP/1.1", b"SOURCE /v1/sizings ICE/1.0"]
)
def test_another_protocol_is_a_505_in_one_segment_as_in_two(serving: Serving, line: bytes) -> None:
    asked = line + b"\r\nHost: x\r\n\r\n"
    assert statuses(serving.say(asked + HIDDEN)) == [505]
    for at in range(len(line) - 9, len(line) + 1):
        assert statuses(serving.say(asked[:at], asked[at:])) == [505]


@pytest.mark.parametrize("line", [b"GET  /v1/rulesets HTTP/1.1", b"GET /v1/rulesets  HTTP/1.1"])
def test_a_request_line_with_further_spaces_is_a_400_in_one_segment_as_in_two(
    serving: Serving, line: bytes
) -> None:
    asked = line + b"\r\nHost: x\r\n\r\n"
    assert statuses(serving.say(asked + HIDDEN)) == [400]
    assert statuses(serving.say(asked[:5], asked[5:])) == [400]


@pytest.mark.parametrize("content", [1, 100])
def test_chunk_extensions_without_end_are_a_431(serving: Serving, content: int) -> None:
    chunk = b"%x;%b\r\n%b\r\n" % (content, b"e" * 30_000, b" " * content)
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert statuses(serving.say(head, *[chunk] * 4)) == [431]


def test_chunks_of_one_byte_are_read_however_many(serving: Serving) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    body = b"1;n=1\r\n \r\n" * 20_000
    assert statuses(serving.say(head, *[body] * 2, b"2\r\n{}\r\n0\r\n\r\n")) == [422]


def test_a_read_of_many_chunks_is_passed_on_as_one(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of one byte, which passed on one by one hold the event loop: a read has forty thousand."""
    passed: list[int] = []
    on_body = HttpToolsProtocol.on_body

    def count(protocol: HttpToolsProtocol, body: bytes) -> None:
        passed.append(len(body))
        on_body(protocol, body)

    monkeypatch.setattr(HttpToolsProtocol, "on_body", count)
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    body = b"1\r\n \r\n" * 40_000
    assert statuses(serving.say(head + body + b"2\r\n{}\r\n0\r\n\r\n" + SHORT)) == [422, 422]
    assert sum(passed) == 40_000 + 2 + len(SHORT.partition(b"\r\n\r\n")[2])
    assert len(passed) < 400


def test_the_name_of_another_protocol_in_a_field_or_a_body_is_no_version(serving: Serving) -> None:
    told = GET[:-2] + b"X-Note: /v1/rulesets RTSP/1.0\r\n\r\n"
    assert statuses(serving.say(told + GET)) == [200, 200]


ONE_READING = {
    "one": ((SHORT,), [422], [503]),
    "in halves": ((SHORT[:50], SHORT[50:]), [422], [503]),
    "the body later": ((SHORT[:-2], SHORT[-2:]), [422], [503]),
    "two, pipelined": ((SHORT + SHORT,), [422, 422], [503, 503]),
    "and another kind behind it": ((SHORT + GET,), [422, 200], [503, 200]),
    "one and a half": ((SHORT + SHORT[:40], SHORT[40:]), [422, 422], [503, 503]),
    "one after the other": ((SHORT, GET, SHORT), [422, 200, 422], [503, 200, 503]),
    "chunked": ((CHUNKED + GET,), [422, 200], [503, 200]),
    "chunked, in parts": ((CHUNKED[:-10], CHUNKED[-10:] + SHORT), [422, 422], [503, 503]),
    "with an expectation": (
        (POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"{}"),
        [422],
        [503],
    ),
    "the last": ((SHORT.replace(b"Host: x", b"Host: x\r\nConnection: close") + GET,), [422], [503]),
    "an empty line first": ((b"\r\n" + SHORT + GET,), [422, 200], [503, 200]),
    "for nobody": ((SHORT.replace(b"/v1/sizings", b"/v1/nothing"),), [404], [503]),
}


@pytest.mark.parametrize("name", ONE_READING)
def test_what_has_one_reading_is_answered_in_order_whether_or_not_there_is_room(
    serving: Serving, name: str
) -> None:
    parts, with_room, full = ONE_READING[name]
    assert statuses(serving.say(*parts)) == with_room
    serving.fill(FULL)
    told = serving.say(*parts)
    serving.fill(set())
    assert statuses(told) == full
    for status, headers, body in told:
        if status == 503:
            assert int(headers["retry-after"]) >= 1
            assert json.loads(body)["instance"] in ("/v1/sizings", "/v1/nothing")


def test_an_early_refusal_echoes_counts_and_keeps_the_connection(serving: Serving) -> None:
    counted = REQUESTS.labels("POST", "/v1/sizings", 503)
    before = counted._value.get()
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    marked = SHORT.replace(b"Host: x", b"Host: x\r\nX-Request-Id: desk-7\r\ntraceparent: " + trace)
    serving.fill(FULL)
    told = serving.say(*[marked] * 5)
    serving.fill(set())
    assert statuses(told) == [503] * 5
    assert {headers["x-request-id"] for _, headers, _ in told} == {"desk-7"}
    assert {headers["traceparent"] for _, headers, _ in told} == {trace.decode()}
    until(lambda: counted._value.get() == before + 5, "the count of what was turned away")


def test_a_batch_larger_than_there_is_room_for_is_not_let_in_whole(serving: Serving) -> None:
    """A hundred requests that arrive at once are a hundred before the first of them has been read."""
    short_queue: Any = serving.app.state["dispatcher"].short
    short_queue._patience_s, patience = 0.0, short_queue._patience_s
    bodies = [b'{"a": 1%02d}' % i for i in range(100)]

    with serving.clients(len(bodies)) as clients:
        with serving.paused():
            for client, body in zip(clients, bodies, strict=True):
                client.sendall(POST + b"Content-Length: 10\r\n\r\n" + body)
        told = [client.recv(65536).split()[1] for client in clients]
    short_queue._patience_s = patience
    assert set(told) <= {b"422", b"503"}
    assert told.count(b"503") > 0


def test_past_the_bytes_that_may_be_held_a_body_is_refused_and_the_next_one_read(serving: Serving) -> None:
    body_budget: Any = serving.app.state["dispatcher"].body_budget
    body_budget.held += BODY_BYTES
    (answer,) = serving.say(SHORT + GET)
    body_budget.held -= BODY_BYTES
    assert statuses([answer]) == [503]
    assert (answer[1]["connection"], "retry-after" in answer[1]) == ("close", True)
    assert statuses(serving.say(SHORT + GET)) == [422, 200]
    assert body_budget.held == 0


def test_what_is_refused_on_its_way_keeps_no_room_from_others(serving: Serving) -> None:
    """Five hundred bodies of a kind that is not read: each had a slot reserved, and none came to take it."""
    short_queue: Any = serving.app.state["dispatcher"].short
    other = POST.replace(b"application/json", b"text/plain") + b"Content-Length: 9\r\n\r\n"
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        for i in range(500):
            sock.sendall(other + b"%09d" % i)
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            assert json.loads(answer.read())["status"] == answer.status == 415
    assert not short_queue._reserved
    assert statuses(serving.say(SHORT)) == [422]


# ---- what is known is sent again from its bytes ----

DEAL = (Path(rackrate.__file__).parent / "deal/examples/gpu-compute-loan.json").read_bytes()
ASKED = b"POST /v1/underwritings?fields=summary HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
APART = ("date", "x-request-id")


def deal(*lines: bytes, body: bytes = DEAL) -> bytes:
    length = b"Content-Length: %d" % len(body)
    return ASKED + b"\r\n".join([*lines, length, b"", body])


def warm(serving: Serving) -> tuple[int, dict[str, str], bytes]:
    """Ask until it comes out of the cache, then keep the framework from being asked."""
    serving.say(deal())
    (told,) = serving.say(deal())
    assert told[1]["x-cache"] == "hit"
    return told


@pytest.fixture
def alone(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Close the application: from now on the protocol answers, however slow the machine."""
    monkeypatch.setattr(serving.app.state["response_cache"], "_clock", lambda: 0.0)

    async def closed(*_: Any) -> None:
        raise AssertionError("the application was asked")

    return lambda: monkeypatch.setattr(serving.app.state["response_cache"], "_inner", closed)


def test_a_known_deal_is_answered_by_the_protocol_as_the_framework_answered_it(
    serving: Serving, alone: Callable[[], None]
) -> None:
    _, headers, content = warm(serving)
    alone()
    status, again, body = serving.say(deal(b"X-Request-Id: mine-1"))[0]
    assert (status, body, again["x-request-id"]) == (200, content, "mine-1")
    assert {name: value for name, value in again.items() if name not in APART} == {
        name: value for name, value in headers.items() if name not in APART
    }
    assert again["date"]


def test_a_known_deal_is_answered_though_there_is_no_room_for_a_new_one(
    serving: Serving, alone: Callable[[], None]
) -> None:
    _, _, content = warm(serving)
    alone()
    serving.fill(FULL)
    try:
        known, new = serving.say(deal()), serving.say(deal(body=DEAL + b" "))
    finally:
        serving.fill(set())
    assert (known[0][0], known[0][2]) == (200, content)
    assert statuses(new) == [503]


def test_many_in_a_row_on_one_connection_each_have_their_answer_and_the_last_may_close_it(
    serving: Serving, alone: Callable[[], None]
) -> None:
    _, _, content = warm(serving)
    alone()
    told = serving.say(*[deal(b"X-Request-Id: n-%d" % n) for n in range(5)], deal(b"Connection: close"))
    assert [body for _, _, body in told] == [content] * 6
    assert [headers["x-request-id"] for _, headers, _ in told[:5]] == [f"n-{n}" for n in range(5)]
    assert told[5][1]["connection"] == "close"


OTHERWISE = {
    "another body": deal(body=DEAL.replace(b"0.2", b"0.3", 1)),
    "other parts": deal().replace(b"fields=summary", b"fields=sizing"),
    "another language": deal(b"Accept: application/msgpack"),
    "an idempotency key": deal(b"Idempotency-Key: once"),
    "a part of it": deal()[:-5],
}


@pytest.mark.parametrize("asked", OTHERWISE.values(), ids=OTHERWISE)
def test_what_is_not_the_same_is_not_answered_by_the_protocol(
    serving: Serving, alone: Callable[[], None], asked: bytes
) -> None:
    warm(serving)
    alone()
    assert 200 not in [status for status, *_ in serving.say(asked)]


def test_a_client_that_does_not_read_is_not_sent_more(serving: Serving) -> None:
    """What it has not read is one answer and what the transport may hold, not 200 answers."""
    whole = deal().replace(b"?fields=summary", b"")
    answer = [serving.say(whole) for _ in range(3)][-1][0][2]
    with socket.create_connection(("127.0.0.1", serving.port), 5) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(200):
            sock.sendall(whole)
            time.sleep(0.001)
        (connection,) = serving.server.server_state.connections
        transport: Any = connection
        unread = transport.transport.get_write_buffer_size()
    assert len(answer) < unread < 3 * len(answer)
    assert statuses(serving.say(GET)) == [200]


def wide(examples: Path, name: str) -> bytes:
    """A deal whose answer by facility has 4 MB."""
    document = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    return json.dumps(many_cases(document, 50, 1, 1) | {"name": name}).encode()


def late() -> float:
    """How many connections were ended for being left too long."""
    found: float = UNREAD_DROPPED.labels("late")._value.get()
    return found


def deaf(port: int, head: bytes) -> socket.socket:
    """A client that asks and never reads."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    sock.sendall(head)
    return sock


@pytest.mark.parametrize("closing", ["", "Connection: close\r\n"])
def test_a_client_that_never_reads_is_left_and_holds_nothing(
    serving: Serving, examples: Path, monkeypatch: pytest.MonkeyPatch, closing: str
) -> None:
    """An answer of 4 MB, a stream of 10 MB: more than the system's buffers take."""
    books, portfolio_slots = serving.app.state["unread"], serving.app.state["portfolio_slots"]
    monkeypatch.setattr(unread, "LOOK_S", 0.05)
    monkeypatch.setattr(books, "_take_s", DEADLINE_S)
    monkeypatch.setattr(unread, "MIB_S", 0.0)
    deal = json.loads((examples / "hyperscale-single-tenant.json").read_bytes())
    lines = b"\n".join(json.dumps(deal | {"name": f"deal {i}"}).encode() for i in range(60))
    body = wide(examples, "left")
    for path, media, content in (
        ("/v1/underwritings?detail=facility", "application/json", body),
        ("/v1/portfolios", "application/x-ndjson", lines),
    ):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\n{closing}"
        before = late()
        with deaf(serving.port, f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content):
            until(partial(lambda before: late() == before + 1, before), "the drop")
        until(lambda: portfolio_slots.limit.under_way == 0 and not books._since, "what it held")


def test_no_further_request_is_read_of_a_client_that_does_not_take_its_answers(
    serving: Serving, examples: Path
) -> None:
    body = wide(examples, "read on")
    head = "POST /v1/underwritings?detail=facility HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with deaf(serving.port, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body) as sock:
        until(lambda: bool(serving.app.state["unread"]._since), "the answer")
        answered = REQUESTS.labels("GET", "/v1/rulesets", 200)._value
        before = answered.get()
        sock.sendall(GET)
        time.sleep(0.3)
        assert serving.app.state["admission"].under_way == 0
        sock.settimeout(PATIENCE_S)
        while answered.get() == before:
            assert sock.recv(1 << 20)
