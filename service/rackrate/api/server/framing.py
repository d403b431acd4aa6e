"""Framing: what a request's head must be for every party to see the same end of the request (RFC 9112)."""

from collections.abc import Sequence

from rackrate.analyses.problems import LONG_HEADERS, MALFORMED, VERSION, Problem

HEADER_BYTES = 64 * 1024
VERSIONS = ("1.0", "1.1")
HTTP = b" HTTP/"
OTHER_PROTOCOLS = (b" RTSP/", b" ICE/")  # that the parser reads as well, and does not tell apart
CONNECT, PREFACE = b"CONNECT", b"PRI"  # the latter begins HTTP/2 (RFC 9113, 3.4)

Header = tuple[bytes, bytes]


def check(version: str, method: bytes, headers: Sequence[Header]) -> None:
    """Refuse a head that another party could read otherwise; names are in lower case.

    Raises
    ------
    Problem
        505 for a version that is not spoken here. 400 where another party could see another host, or another
        end: no host or two, a coding other than `chunked`, one on HTTP/1.0, or a tunnel.
    """
    if version not in VERSIONS:
        raise unspoken()
    if method == CONNECT:
        raise Problem(MALFORMED, "There are no tunnels here.")
    hosts = sum(name == b"host" for name, _ in headers)
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        raise Problem(MALFORMED, "A request names one host.")
    if codings and (codings != [b"chunked"] or version == "1.0"):
        raise Problem(MALFORMED, "The only transfer coding is chunked, once, in HTTP/1.1.")


def unspoken() -> Problem:
    """Refuse another version of the protocol."""
    return Problem(VERSION, "HTTP/1.1 and HTTP/1.0 are spoken here.")


def too_long() -> Problem:
    """Refusal of headers, trailers or chunk extensions beyond their size limit (431)."""
    return Problem(LONG_HEADERS, f"At most {HEADER_BYTES} bytes of headers and chunk extensions are read.")


def check_line(method: bytes, url: bytes, received: bytes) -> None:
    """Refuse a request line that is not a method, a target and a version with single spaces (RFC 9112, 3).

    The line is somewhere in the bytes received.

    >>> check_line(b"GET", b"/a", b"GET /a HTTP/1.1")

    Raises
    ------
    Problem
        505 for another protocol, 400 for further spaces.
    """
    line = b"%b %b" % (method, url)
    if line + HTTP in received:
        return
    if any(line + protocol in received for protocol in OTHER_PROTOCOLS):
        raise unspoken()
    raise Problem(MALFORMED, "A request line is a method, a target and a version, with one space between.")


def without_upgrade(method: bytes, url: bytes, version: str, headers: Sequence[Header]) -> bytes:
    """Write a head again without its offer of another protocol, which is ignored here (RFC 9110, 7.8).

    >>> without_upgrade(b"GET", b"/", "1.1", [(b"host", b"x"), (b"upgrade", b"h2c")])
    b'GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n'
    """
    lines = [b"%b: %b\r\n" % header for header in headers if header[0] != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), b"".join(lines))
