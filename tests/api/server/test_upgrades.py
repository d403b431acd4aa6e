"""Offers of another protocol, and trailers: neither changes where a request ends, nor what it says."""

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.server.serving import GET, POST, SHORT, Serving, statuses

LAST = GET.replace(b"Host: x", b"Host: x\r\nConnection: close")
HIDDEN = GET.replace(b"Host: x", b"Host: x\r\nX-Request-Id: hidden")
OFFERS = {
    "none": b"",
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    "websocket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    "anything": b"upgrade: x/1, y\r\nconnection: keep-alive, UPGRADE\r\n",
    "twice": b"Upgrade: h2c\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
}


def asked(offer: bytes, body: bytes, pieces: list[bytes] | None = None, trailers: bytes = b"") -> bytes:
    """A POST with an offer, and its body by length or in chunks."""
    if pieces is None:
        return POST + offer + b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
    return POST + offer + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailers + b"\r\n"


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_an_offer_is_ignored_the_body_read_and_the_connection_goes_on(
    serving: Serving, offer: bytes, chunked: bool
) -> None:
    for body, status in ((b"{}", 422), (HIDDEN, 400)):
        whole = asked(offer, body, [body] if chunked else None)
        head = whole.index(b"\r\n\r\n") + 4
        for parts in ((whole, LAST), (whole[:head], whole[head:], LAST), (whole + whole + LAST,)):
            told = serving.hear(*parts, pause_s=0.01)
            assert statuses(told) == [status] * (len(told) - 1) + [200]
            assert "hidden" not in [headers["x-request-id"] for _, headers, _ in told]
            assert len(told) == (3 if len(parts) == 1 else 2)


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_wherever_head_and_body_are_split_there_is_one_answer(serving: Serving, chunked: bool) -> None:
    whole = asked(OFFERS["websocket"], HIDDEN, [HIDDEN[:9], HIDDEN[9:]] if chunked else None)
    for at in range(1, len(whole)):
        assert statuses(serving.hear(whole[:at], whole[at:] + LAST, pause_s=0.002)) == [400, 200], at


def test_a_get_with_an_offer_is_answered_and_what_follows_is_the_next_request(serving: Serving) -> None:
    get = GET.replace(b"Host: x\r\n", b"Host: x\r\n" + OFFERS["websocket"])
    assert statuses(serving.hear(get + get + SHORT + LAST)) == [200, 200, 422, 200]


def test_an_offer_makes_no_room_for_two_readings(serving: Serving) -> None:
    both = POST + OFFERS["websocket"] + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert statuses(serving.hear(both + HIDDEN)) == [400]
    assert statuses(serving.hear(asked(b"Host: y\r\n" + OFFERS["websocket"], b"{}") + HIDDEN)) == [400]


OLD = POST.replace(b"HTTP/1.1", b"HTTP/1.0")
LAST_OFFERS = {
    "close and upgrade": POST + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n",
    "upgrade and close": POST + b"Upgrade: websocket\r\nConnection: Upgrade, close\r\n",
    "in two lines": POST + b"Connection: close\r\nUpgrade: h2c\r\nConnection: upgrade\r\n",
    "in two lines turned": POST + b"Connection: upgrade\r\nConnection: close\r\nUpgrade: h2c\r\n",
    "1.0": OLD + b"Connection: upgrade\r\nUpgrade: websocket\r\n",
    "1.0 and keep-alive": OLD + b"Connection: keep-alive, upgrade\r\nUpgrade: h2c\r\n",
}


def last_asked(head: bytes, body: bytes, pieces: list[bytes] | None = None) -> bytes:
    """A POST after which the connection closes, its body by length or in chunks."""
    return head + asked(b"", body, pieces).removeprefix(POST)


@pytest.mark.parametrize("head", LAST_OFFERS.values(), ids=LAST_OFFERS)
def test_an_offer_with_the_last_request_of_a_connection_leaves_it_its_body(
    serving: Serving, head: bytes
) -> None:
    for body, status in ((b"{}", 422), (HIDDEN, 400)):
        whole = last_asked(head, body)
        at = whole.index(b"\r\n\r\n") + 4
        for parts in ((whole,), (whole[:at], whole[at:]), (whole + HIDDEN,), (SHORT + whole,)):
            told = statuses(serving.hear(*parts, pause_s=0.01))
            assert told == ([422, status] if parts[0].startswith(SHORT) else [status]), parts
    if head.startswith(POST):
        assert statuses(serving.hear(last_asked(head, HIDDEN, [HIDDEN[:9], HIDDEN[9:]]) + HIDDEN)) == [400]


@pytest.mark.parametrize("head", LAST_OFFERS.values(), ids=LAST_OFFERS)
def test_wherever_the_last_request_of_a_connection_is_split_there_is_one_answer(
    serving: Serving, head: bytes
) -> None:
    whole = last_asked(head, HIDDEN)
    for at in range(1, len(whole)):
        assert statuses(serving.hear(whole[:at], whole[at:], pause_s=0.002)) == [400], at


BODIES = [(b"{}", 422), (HIDDEN, 400), (b"\r\n" * 40 + HIDDEN * 3, 400), (b"0\r\n\r\n" + HIDDEN, 400)]
TRAILERS = [
    b"",
    b"A: b\r\n",
    b"Host: y\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n",
]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[bytes], list[int]]:
    """Requests of every framing with offers and trailers, cut anywhere; and the statuses of their answers.

    The last of them may be one after which the connection closes, with an offer of its own.
    """
    sent, told = b"", list[int]()
    for _ in range(draw(st.integers(1, 4))):
        offer = draw(st.sampled_from(sorted(OFFERS.values())))
        if draw(st.booleans()):
            sent, told = sent + GET.replace(b"Host: x\r\n", b"Host: x\r\n" + offer), [*told, 200]
            continue
        body, status = draw(st.sampled_from(BODIES))
        at = draw(st.integers(0, len(body)))
        pieces = draw(st.sampled_from([None, [body[:at], body[at:]]]))
        sent, told = sent + asked(offer, body, pieces, draw(st.sampled_from(TRAILERS))), [*told, status]
    head = draw(st.sampled_from([None, *LAST_OFFERS.values()]))
    if head is not None:
        body, status = draw(st.sampled_from(BODIES))
        pieces = draw(st.sampled_from([None, [body]])) if head.startswith(POST) else None
        sent, told = sent + last_asked(head, body, pieces), [*told, status]
    cuts = sorted(draw(st.sets(st.integers(1, len(sent)), max_size=3)))
    ends = [0, *cuts, len(sent)]
    parts = [sent[a:b] for a, b in pairwise(ends)]
    return (parts, told) if head is not None else ([*parts, LAST], [*told, 200])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conversations())
def test_whatever_is_offered_and_wherever_it_is_cut_each_request_has_one_answer_in_order(
    serving: Serving, conversation: tuple[list[bytes], list[int]]
) -> None:
    parts, expected = conversation
    assert statuses(serving.hear(*parts, pause_s=0.002)) == expected


def test_trailers_are_no_headers(serving: Serving) -> None:
    bare = b"POST /v1/sizings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    type_ = b"Content-Type: application/json\r\n"

    def say(head: bytes, trailers: bytes, body: bytes = b"{}") -> tuple[int, dict[str, str], bytes]:
        chunk = b"\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
        return serving.hear(bare + head + chunk + trailers + b"\r\n" + LAST)[0]

    assert say(b"", type_)[0] == 415
    assert (
        say(type_, b"Content-Encoding: gzip\r\nContent-Type: text/plain\r\nHost: y\r\nAccept: text/css\r\n")[
            0
        ]
        == 422
    )
    assert say(type_, b"X-Request-Id: hidden\r\n")[1]["x-request-id"] != "hidden"
    for body in (b"{}", b"[]"):  # one key, two requests: no conflict, because neither has it
        assert say(type_, b"Idempotency-Key: one\r\n", body)[0] != 409


def test_credentials_in_a_trailer_let_nobody_in(tmp_path: Path) -> None:
    key = "rr_abcd_secret"
    file = tmp_path / "keys.toml"
    digest = hashlib.sha256(key.encode()).hexdigest()
    file.write_text(f'[[key]]\nclient = "a"\nid = "abcd"\nsha256 = "{digest}"\nscopes = ["price"]\n')
    serving = Serving(api_keys_file=str(file))
    line = b"Authorization: Bearer " + key.encode() + b"\r\n"
    last = asked(b"Connection: close\r\n", b"{}", [b"{}"], line)
    try:
        assert statuses(serving.hear(asked(line, b"{}", [b"{}"]) + last)) == [422, 401]
    finally:
        serving.close()
