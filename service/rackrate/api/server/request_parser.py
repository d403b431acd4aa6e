"""Parse requests with httptools: any version is read, and an upgrade is a request like others."""

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rackrate.analyses.problems import MALFORMED, Problem
from rackrate.api.server.framing import PREFACE, unspoken, without_upgrade


def new_parser(protocol: HttpToolsProtocol) -> HttpRequestParser:
    """Create a parser that calls a protocol.

    It reads any version, so that the protocol can refuse it by name, and goes on reading after trailers and
    after `Connection: close`.
    """
    parser = HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(
        lenient_version=True, lenient_keep_alive=True, lenient_data_after_close=True
    )
    return parser


def parse(protocol: HttpToolsProtocol, data: bytes | memoryview) -> None:
    """Feed bytes to the parser of a protocol, which treats an upgrade as any request (RFC 9110, 7.8).

    The head of an upgrade is read again by a new parser: the first takes it for a whole request and, where it
    is the connection's last, keeps its length and expects nothing more.
    """
    while data:
        try:
            protocol.parser.feed_data(data)
            return
        except HttpParserUpgrade as upgrade:
            data = memoryview(data)[upgrade.args[0] :]
            read = protocol.parser
            head = without_upgrade(read.get_method(), protocol.url, read.get_http_version(), protocol.headers)
            protocol.parser = new_parser(protocol)
            protocol.parser.feed_data(head)


def reason_of(parser: HttpRequestParser, error: HttpParserError) -> Problem:
    """Return why a parser stopped: the refusal that its protocol raised, else that this is no HTTP/1.1."""
    if isinstance(error.__context__, Problem):
        return error.__context__
    return (
        unspoken() if parser.get_method() == PREFACE else Problem(MALFORMED, "Invalid HTTP request received.")
    )
