"""Published figures beside the answer's: each within its rounding, or different with the reason."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from rackrate.analyses.deals.differences import entries
from rackrate.deal.codec.decode import read
from rackrate.deal.requests.underwriting import Deal
from rackrate.portfolio.lines import underwritten
from rackrate.published.figures import Figure, Printed, Published, deal_of, printed, published_of
from rackrate.published.remarks import Remark, remarks_of

OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
VERDICTS = {"computed": "reproduced", "given": "given", "chosen": "chosen to hit"}
DUST = 1e-12  # of the published value: what binary fractions leave of a rounding


class Row(Struct, frozen=True):
    """One published figure beside the answer's."""

    figure: Figure
    value: float
    agrees: bool

    @property
    def printed(self) -> Printed:
        """The published figure as a number, with its rounding."""
        return printed(self.figure.published)

    @property
    def shown(self) -> str:
        """The answer's figure, printed as the source prints its own."""
        return self.printed.alike(self.value)

    @property
    def verdict(self) -> str:
        """What is to be said of it in a word."""
        if not self.agrees:
            return "differs"
        return VERDICTS[self.figure.held]


class Underwritten(Struct, frozen=True):
    """A published deal with its answer, its rows, and what its comments say."""

    name: str
    published: Published
    deal: Deal
    answer: dict[str, Any]
    rows: list[Row]
    remarks: list[Remark]


def underwrite_published(name: str) -> Underwritten:
    """Underwrite a published deal and hold every published figure against the answer.

    Raises
    ------
    LookupError
        If the answer has no figure at the place that is named.
    """
    published, (deal, document) = published_of(name), read(deal_of(name), Deal)
    answer = msgspec.json.decode(underwritten(deal, document)[1])
    rows = [row_of(figure, answer) for figure in published.figures]
    return Underwritten(name, published, deal, answer, rows, remarks_of(deal_of(name)))


def row_of(figure: Figure, answer: Mapping[str, Any]) -> Row:
    """Hold a figure against the answer: whether they agree to the rounding of what is printed.

    >>> figure = Figure(what="cut", published="-19.9%", source="", answer="'a' / 'b' - 1")
    >>> row_of(figure, {"a": 80.11, "b": 100.0}).agrees, row_of(figure, {"a": 81.0, "b": 100.0}).agrees
    (True, False)
    """
    value, told = worked_out(figure.answer, answer), printed(figure.published)
    return Row(figure, value, abs(value - told.value) <= told.rounding + DUST * abs(told.value))


def worked_out(arithmetic: str, answer: Mapping[str, Any]) -> float:
    """Work out arithmetic on figures of an answer, each named by its place in quotes.

    Raises
    ------
    LookupError
        If the answer has no figure at a place.
    ValueError
        If it is anything but numbers, places, brackets and `+ - * /`.

    >>> worked_out("('debt/A' + 'debt/B') / 4", {"debt": {"A": 1.0, "B": 2.0}})
    0.75
    """
    return _valued(ast.parse(arithmetic, mode="eval").body, answer)


def _valued(node: ast.expr, answer: Mapping[str, Any]) -> float:
    match node:
        case ast.Constant(value=str() as place):
            return at(answer, place)
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_valued(left, answer), _valued(right, answer))
    raise ValueError(f"no arithmetic on places: {ast.unparse(node)}")


def at(answer: Mapping[str, Any], place: str) -> float:
    """The figure of an answer at a place: entries of lists by name, entries of series by number.

    Raises
    ------
    LookupError
        If there is none.

    >>> at({"tests": [{"name": "LTV", "actual": 0.81}]}, "tests/LTV/actual"), at({"due": [1.0, 2.0]}, "due/1")
    (0.81, 2.0)
    """
    found: Any = answer
    for part in place.split("/"):
        children = entries(found)
        if children is not None and part in children:
            found = children[part]
        elif children is None and isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise LookupError(f"the answer has nothing at {place!r}: no {part!r}")
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found)
    raise LookupError(f"the answer has no figure at {place!r}")
