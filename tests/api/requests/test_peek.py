"""Peeking recognises a POST that is whole and has one reading; whatever else it leaves to the parser."""

import pytest

from rackrate.api.requests.peek import LONGEST_HEAD, Post, peek

LINES = ["POST /v1/underwritings?fields=summary HTTP/1.1", "Host: x", "Content-Type: application/json"]
BODY = '{"name": "x"}'


def raw(*lines: str, head: list[str] = LINES, length: int | None = len(BODY), body: str = BODY) -> bytes:
    said = [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([*head, *lines, *said, "", body]).encode("latin-1")


def test_a_whole_post_is_told_with_what_is_echoed_of_it() -> None:
    found = peek(raw("X-Request-Id: a-1", "traceparent: 00-ab", "CONNECTION: Close", "Accept-Encoding: gzip"))
    assert found is not None
    assert (found.path, found.closes) == (b"/v1/underwritings", True)
    assert found.echoed == {b"x-request-id": b"a-1", b"traceparent": b"00-ab"}


def test_bodies_that_differ_are_told_apart_and_equal_ones_are_not_whatever_their_headers() -> None:
    def body_of(found: Post | None) -> int:
        assert found is not None
        return found.mark

    same = {body_of(peek(raw(f"X-Request-Id: {i}"))) for i in range(10)}
    other = {body_of(peek(raw(body=f'{{"name": "{i}"}}'))) for i in range(10)}
    assert (len(same), len(other)) == (1, 10)


UNUSUAL = {
    "another method": raw(head=["GET /v1/sizings HTTP/1.1", "Host: x"]),
    "an older HTTP": raw(head=["POST /v1/sizings HTTP/1.0", "Host: x"]),
    "an absolute target": raw(head=["POST http://x/v1/sizings HTTP/1.1", "Host: x"]),
    "an escaped path": raw(head=["POST /v1/%73izings HTTP/1.1", "Host: x"]),
    "a fold": raw("X: a", " b"),
    "no host": raw(head=LINES[:1]),
    "two hosts": raw("Host: y"),
    "no length": raw(length=None),
    "two lengths": raw("Content-Length: 13"),
    "two lengths that differ": raw("content-length: 2"),
    "a length with a sign": raw("Content-Length: +13", length=None),
    "a length in hex": raw("Content-Length: 0xd", length=None),
    "a length that is a list": raw("Content-Length: 13, 13", length=None),
    "a space before the colon": raw("Content-Length : 13", length=None),
    "a coding": raw("Transfer-Encoding: chunked"),
    "a coding in disguise": raw("transfer-encoding:\tchunked"),
    "a coding alone": raw("Transfer-Encoding: chunked", length=None, body="0\r\n\r\n"),
    "an expectation": raw("Expect: 100-continue"),
    "an upgrade": raw("Connection: upgrade", "Upgrade: h2c"),
    "trailers": raw("TE: trailers"),
    "a list of connection options": raw("Connection: close, x-request-id"),
    "less body than announced": raw(length=len(BODY) + 1),
    "more body than announced": raw(length=len(BODY) - 1),
    "a second request behind it": raw() + raw(),
    "bare line feeds": raw().replace(b"\r\n", b"\n"),
    "one bare line feed": raw("A: b").replace(b"A: b\r\n", b"A: b\n"),
    "a bare carriage return": raw("A: b\rContent-Length: 2"),
    "a NUL": raw("A: b\0"),
    "an empty line first": b"\r\n" + raw(),
    "a name that is none": raw("A(b): c"),
    "a head without end": raw("A: " + "x" * LONGEST_HEAD),
    "half a head": raw()[:60],
    "nothing": b"",
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_left_to_the_parser(name: str) -> None:
    assert peek(raw()) is not None
    assert peek(UNUSUAL[name]) is None
