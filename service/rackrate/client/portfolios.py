"""Portfolios as NDJSON: deals as lines of a request, lines of its response, a bounded number at a time."""

# Design: the service reads a body whole before it answers, so that deals go out in batches: the next is read
# from the program's own iterator when the answers of the last have been taken, and answers are read from the
# connection as they are taken. A stream that is cut is taken up at the first deal without an answer.

import json
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rackrate.analyses.problems import Problem, ProblemDetails
from rackrate.client.calls import Call, Request, parts_reader
from rackrate.client.problems import BrokenAnswerError, exception_of
from rackrate.deal.codec.encode import encode
from rackrate.deal.codec.media_types import NDJSON
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.underwriting import Underwriting

PATH = "/v1/portfolios"
KeyedRequest = Request | tuple[str, Request]  # a deal, or one under a key
LINES, BYTES = 500, 4 * 1024 * 1024  # of a batch; the service takes 10,000 and 32 MiB


class PortfolioAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of one deal: an underwriting, the parts of it that were asked for, or an error.

    `line` counts the deals from 1, `key` is that of the deal, if it was given one.
    """

    line: int
    key: str | None = None
    id: str | None = None
    underwriting: Underwriting | None = None
    parts: dict[str, Any] = {}
    error: Refusal | Problem | None = None


class _Line(msgspec.Struct, frozen=True):
    line: int
    status: int
    key: str | None = None
    id: str | None = None
    underwriting: msgspec.Raw = msgspec.Raw()
    problem: ProblemDetails | None = None


_decode_line = msgspec.json.Decoder(_Line)
_decode_whole = msgspec.json.Decoder(Underwriting)


class DealLine(msgspec.Struct, frozen=True):
    """A line of a request: the number of its deal, from 1, and its JSON."""

    number: int
    text: bytes


def deal_line(number: int, deal: KeyedRequest) -> DealLine:
    """Write a deal, or one under a key, as a line.

    >>> deal_line(1, ("A-7", '{"name":\\n"a"}')).text
    b'{"key":"A-7","deal":{"name": "a"}}'
    """
    key, bare = deal if isinstance(deal, tuple) else (None, deal)
    text = _json(bare).replace(b"\r", b" ").replace(b"\n", b" ")
    if not text.strip():
        raise ValueError(f"deal {number} is empty")
    if key is not None:
        text = b'{"key":%s,"deal":%s}' % (msgspec.json.encode(key), text)
    return DealLine(number, text)


def _json(deal: Request) -> bytes:
    """A deal as JSON; what is no number stays none, for the service to refuse in its line."""
    body, media = encode(deal)
    return body if media == "json" else json.dumps(msgspec.msgpack.decode(body)).encode()


class Batch:
    """Deals of one request that have no answer yet."""

    def __init__(self) -> None:
        """Create an empty batch."""
        self.waiting: deque[DealLine] = deque()
        self.bytes = 0
        self._first, self._key = 0, ""

    def add(self, deal: DealLine) -> bool:
        """Add a deal; return whether the batch is full."""
        self.waiting.append(deal)
        self.bytes += len(deal.text) + 1
        return len(self.waiting) >= LINES or self.bytes >= BYTES

    def call(self, params: Mapping[str, str]) -> Call[None]:
        """Make the POST of deals without an answer, under one idempotency key until a line is answered."""
        if self._first != self.waiting[0].number:
            self._first, self._key = self.waiting[0].number, uuid.uuid4().hex
        content = b"".join(deal.text + b"\n" for deal in self.waiting)
        headers = {"Content-Type": NDJSON, "Accept": NDJSON, "Idempotency-Key": self._key}
        return Call("POST", PATH, lambda _: None, dict(params), headers, content)

    def answered(self, line: bytes, first: int, fields: Sequence[str]) -> PortfolioAnswer:
        """Decode a line as the answer of the next deal; `first` is the number of the first that was sent."""
        try:
            told = _decode_line.decode(line)
        except msgspec.DecodeError as fault:
            raise BrokenAnswerError(f"a line of the portfolio is none: {fault}") from None
        deal = self.waiting[0]
        if told.line != deal.number - first + 1:
            raise BrokenAnswerError(
                f"line {deal.number - first + 1} was to be answered, not line {told.line}"
            )
        answer = _shown(deal.number, told, fields)
        self.waiting.popleft()
        return answer


def _shown(number: int, told: _Line, fields: Sequence[str]) -> PortfolioAnswer:
    if told.problem is not None:
        return PortfolioAnswer(line=number, key=told.key, error=exception_of(told.problem))
    if fields:
        packed = msgspec.msgpack.encode(msgspec.json.decode(told.underwriting))
        parts = parts_reader(Underwriting)(packed)
        return PortfolioAnswer(line=number, key=told.key, id=told.id, parts=parts)
    whole = _decode_whole.decode(told.underwriting)
    return PortfolioAnswer(line=number, key=told.key, id=told.id, underwriting=whole)


class LineBuffer:
    """Split a stream of bytes into lines."""

    def __init__(self) -> None:
        """Create an empty buffer."""
        self._rest = b""

    def lines(self, piece: bytes) -> Iterator[bytes]:
        r"""Yield the lines that are complete with a piece.

        >>> buffer = LineBuffer()
        >>> list(buffer.lines(b"a\nb")), list(buffer.lines(b"c\n"))
        ([b'a'], [b'bc'])
        """
        *whole, self._rest = (self._rest + piece).split(b"\n")
        yield from whole
