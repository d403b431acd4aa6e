"""Lines of a portfolio: one deal a line in, one answer a line out, by line number."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from rackrate.analyses.identity import identity
from rackrate.analyses.problems import Problem, problem_of, written
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import UNDERWRITE, ruleset_of
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.codec.decode import decode, read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.portfolio_line import KeyedDeal
from rackrate.deal.requests.underwriting import Deal

Key = str | UnsetType


class _Keyed(Struct, frozen=True):
    """The field by which a line with a key differs from a deal, which has no field `deal`."""

    deal: Raw | UnsetType = UNSET


_KEYED = msgspec.json.Decoder(_Keyed)


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    r"""Yield each line that is not blank with its number from 1.

    >>> list(numbered([b'{"name": "a"}\r\n', b"\n", b'{"name": "b"}']))
    [(1, b'{"name": "a"}'), (3, b'{"name": "b"}')]
    """
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text:
            yield number, text


def is_keyed(content: bytes) -> bool:
    """Whether a line is a deal under a key; one that cannot be decoded is not.

    >>> is_keyed(b'{"key": "A-7", "deal": {}}'), is_keyed(b'{"name": "a"}'), is_keyed(b"[")
    (True, False, False)
    """
    try:
        return _KEYED.decode(content).deal is not UNSET
    except (msgspec.DecodeError, RecursionError):
        return False


def opened(content: bytes) -> tuple[Key, bytes]:
    """The client's key of a line, if it has one, and its deal.

    Raises
    ------
    Refusal
        If it has a key twice, or one that is none, or something beside the deal.

    >>> opened(b'{"key": "A-7", "deal": {"name": "a"}}')
    ('A-7', b'{"name": "a"}')
    """
    if not is_keyed(content):
        return UNSET, content
    line = decode(content, KeyedDeal)
    return line.key, bytes(line.deal)


PATH = "/v1/portfolios"


WHOLE = View()
OnFault = Callable[[Exception, str], Problem]
"""What becomes of a fault of the program, and where it happened: it is noted, and a problem is made of it."""


class Line(NamedTuple):
    """A line of the answer, and its HTTP status."""

    status: int
    content: bytes


def answered(number: int, id_: str, shown: bytes, key: Key = UNSET) -> Line:
    """Encode the line of a deal that was underwritten.

    >>> answered(3, "00ff", b"{}").content
    b'{"line":3,"status":200,"id":"00ff","underwriting":{}}\\n'
    """
    line = UnderwrittenLine(line=number, key=key, id=id_, underwriting=msgspec.Raw(shown))
    return Line(line.status, msgspec.json.encode(line) + b"\n")


def refused(number: int, error: Exception, on_fault: OnFault, key: Key = UNSET) -> Line:
    """Encode the line of a deal that was refused, as the problem of a deal sent alone."""
    if isinstance(error, Refusal):
        error = problem_of(error)
    problem = error if isinstance(error, Problem) else on_fault(error, f"a line of {PATH}")
    status = problem.kind.status
    line = RefusedLine(line=number, key=key, status=status, problem=msgspec.Raw(written(problem, PATH)))
    return Line(status, msgspec.json.encode(line) + b"\n")


def underwritten(deal: Deal, document: bytes) -> tuple[str, bytes]:
    """Underwrite a deal in this process: the id and the whole answer, as the service gives them."""
    ruleset = ruleset_of(deal)
    id_ = identity(ruleset.sha256, document)
    return id_, msgspec.json.encode(UNDERWRITE.compute(deal, ruleset, id_))


def compute(asked: tuple[int, bytes], on_fault: OnFault, view: View = WHOLE) -> Line:
    """Underwrite a numbered line in this process."""
    number, content = asked
    key: Key = UNSET
    try:
        key, content = opened(content)
        id_, whole = underwritten(*read(content, Deal))
        return answered(number, id_, show(whole, view), key)
    except Exception as error:  # noqa: BLE001  one line costs no other
        return refused(number, error, on_fault, key)
