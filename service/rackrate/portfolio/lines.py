"""Lines of a portfolio: one deal a line in, one answer a line out, by line number."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from rackrate.analyses.identity import identity
from rackrate.analyses.problems import Problem, problem_of, written
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import UNDERWRITE, Analysis, pool_analysis, rules_sha256, ruleset_of
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.codec.decode import decode, read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.portfolio_line import KeyedDeal
from rackrate.deal.requests.underwriting import Deal

Key = str | UnsetType
WHOLE = View()


class _Keyed(Struct, frozen=True):
    """The field by which a line with a key differs from a deal, which has no field `deal`."""

    deal: Raw | UnsetType = UNSET


_KEYED = msgspec.json.Decoder(_Keyed)


class _Outline(Struct, frozen=True):
    """The fields by which a pool differs from a deal, which has neither."""

    loans: Raw | UnsetType = UNSET
    ground_leases: Raw | UnsetType = UNSET


_OUTLINE = msgspec.json.Decoder(_Outline)


def analysis_of(content: bytes, of_deals: Analysis, view: View) -> Analysis:
    """What underwrites the document of a line: a deal, or a pool where it has one's field.

    >>> analysis_of(b'{"loans": []}', UNDERWRITE, WHOLE).name, analysis_of(b"[", UNDERWRITE, WHOLE).name
    ('pool-with-tranches', 'underwriting')
    """
    try:
        outline = _OUTLINE.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return of_deals
    is_pool = outline.loans is not UNSET or outline.ground_leases is not UNSET
    return pool_analysis(view.fields) if is_pool else of_deals


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
    """The client's key of a line, if it has one, and its deal or pool.

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
    return _computed(UNDERWRITE, deal, document)


def _computed(analysis: Analysis, request: Struct, document: bytes) -> tuple[str, bytes]:
    id_ = identity(rules_sha256(request), document)
    return id_, msgspec.json.encode(analysis.compute(request, ruleset_of(request), id_))


def compute(asked: tuple[int, bytes], on_fault: OnFault, view: View = WHOLE) -> Line:
    """Underwrite a numbered line in this process."""
    number, content = asked
    key: Key = UNSET
    try:
        key, content = opened(content)
        analysis = analysis_of(content, UNDERWRITE, view)
        id_, whole = _computed(analysis, *read(content, analysis.reads))
        return answered(number, id_, show(whole, view), key)
    except Exception as error:  # noqa: BLE001  one line costs no other
        return refused(number, error, on_fault, key)
