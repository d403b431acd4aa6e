"""Lines: what is written of one deal of a portfolio, whoever computes it."""

from typing import NamedTuple

import msgspec
from msgspec import UNSET

from rackrate.analyses.identity import identity
from rackrate.analyses.problems import Problem, problem_of, written
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import UNDERWRITE, ruleset_of
from rackrate.api.responses.problem_details import crash
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.codec.decode import read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.underwriting import Deal
from rackrate.portfolio.lines import Key, opened

PATH = "/v1/portfolios"
WHOLE = View()


class Line(NamedTuple):
    """A line of an answer, and the status in it."""

    status: int
    content: bytes


def answered(number: int, id_: str, shown: bytes, key: Key = UNSET) -> Line:
    """Write what is shown of an underwriting.

    >>> answered(3, "00ff", b"{}").content
    b'{"line":3,"status":200,"id":"00ff","underwriting":{}}\\n'
    """
    line = UnderwrittenLine(line=number, key=key, id=id_, underwriting=msgspec.Raw(shown))
    return Line(line.status, msgspec.json.encode(line) + b"\n")


def refused(number: int, error: Exception, key: Key = UNSET) -> Line:
    """Write why there is none, in the words of a deal that is sent alone."""
    if isinstance(error, Refusal):
        error = problem_of(error)
    problem = error if isinstance(error, Problem) else crash(error, f"a line of {PATH}")
    status = problem.kind.status
    line = RefusedLine(line=number, key=key, status=status, problem=msgspec.Raw(written(problem, PATH)))
    return Line(status, msgspec.json.encode(line) + b"\n")


def underwritten(deal: Deal, document: bytes) -> tuple[str, bytes]:
    """Underwrite a deal, whose canonical text is given, here: the id and the whole answer of a service."""
    ruleset = ruleset_of(deal)
    id_ = identity(ruleset.sha256, document)
    return id_, msgspec.json.encode(UNDERWRITE.compute(deal, ruleset, id_))


def compute(asked: tuple[int, bytes], view: View = WHOLE) -> Line:
    """Underwrite the deal of a numbered line here, without a service."""
    number, content = asked
    key: Key = UNSET
    try:
        key, content = opened(content)
        id_, whole = underwritten(*read(content, Deal))
        return answered(number, id_, show(whole, view), key)
    except Exception as error:  # noqa: BLE001  one line costs no other
        return refused(number, error, key)
