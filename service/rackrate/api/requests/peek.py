"""Recognise a POST that has arrived whole by its bytes, without the HTTP parser."""

# Design: refusing, or sending again what was sent, must cost a hundredth of answering; parsing, a task and a
# framework cost more than that.
# What is read here has one reading only: strict lines, one length, no coding, no expectation, and exactly as
# many bytes as announced. Everything else goes to the parser, so that no two parties can disagree about where
# a request ends.

import re
from typing import NamedTuple

LONGEST_HEAD = 8192
REQUEST = re.compile(rb"POST (/[a-z0-9/_-]*)(?:\?([!-~]*))? HTTP/1\.1\r\n")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([ -~\x80-\xff]*)\r\n")
ONCE = frozenset({b"host", b"content-length", b"connection", b"x-request-id", b"traceparent"})
ECHOED: tuple[bytes, ...] = (b"x-request-id", b"traceparent")
NEVER = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer"})


Header = tuple[bytes, bytes]


class Post(NamedTuple):
    """A whole POST: what it asks, what of it is echoed, and whether it is the last one here."""

    path: bytes
    query: bytes
    headers: list[Header]  # in order, names in lower case
    body: bytes
    echoed: dict[bytes, bytes]
    closes: bool

    @property
    def mark(self) -> int:
        """A hash of its body."""
        return hash(self.body)


def peek(data: bytes) -> Post | None:
    """Parse the bytes received between requests; None unless they are exactly one whole POST.

    >>> peek(b"POST /v1/sizings HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\n\\r\\n{}").path
    b'/v1/sizings'
    >>> peek(b"POST /v1/sizings HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 3\\r\\n\\r\\n{}") is None
    True
    """
    request, end = REQUEST.match(data), data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
    if request is None or end < 0:
        return None
    headers = _headers(data, request.end(), end + 2)
    if headers is None:
        return None
    found = dict(headers)
    if b"host" not in found:
        return None
    length, connection = found.get(b"content-length", b""), found.get(b"connection", b"").lower()
    if not length.isdigit() or len(length) > 9 or int(length) != len(data) - end - 4:
        return None
    if connection not in (b"", b"keep-alive", b"close"):
        return None
    echoed = {name: found[name] for name in ECHOED if name in found}
    return Post(request[1], request[2] or b"", headers, data[end + 4 :], echoed, connection == b"close")


def _headers(data: bytes, start: int, end: int) -> list[Header] | None:
    """Read the headers; None where a line is unusual, or one that matters is there twice."""
    headers, once = list[Header](), set[bytes]()
    while start < end:
        line = HEADER.match(data, start, end)
        if line is None:
            return None
        name, start = line[1].lower(), line.end()
        if name in NEVER or name in once:
            return None
        if name in ONCE:
            once.add(name)
        headers.append((name, line[2].strip()))
    return headers
