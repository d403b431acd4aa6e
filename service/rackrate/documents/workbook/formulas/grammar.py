"""Grammar of the workbook's formulas: a template, its references, the Python expression that it means."""

# Design: a formula is written once, as a spreadsheet writes it, with references by name in braces. The same
# text becomes the cell's formula and the expression that gives the value kept beside it.

import re
from collections.abc import Callable
from dataclasses import dataclass

from rackrate.documents.workbook.formulas import functions

TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\{[^}]*\})|(?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)|(?P<text>"[^"]*")
    |(?P<name>[A-Z]+)|(?P<operator><=|>=|<>|[-+*/^=<>(),:]))""",
    re.VERBOSE,
)
REFERENCE = re.compile(r"\{([^}]*)\}")
LEVELS = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 5}
NEGATIVE = 4  # of a sign, below a power and above a product
COMPARED = {"=": "equal", "<>": "unequal", "<": "below", ">": "above", "<=": "most", ">=": "least"}


class FormulaError(Exception):
    """A template is no formula of the grammar: a fault of the program."""


@dataclass
class _Reader:
    """Tokens of a template from left to right."""

    tokens: list[tuple[str, str]]
    python_of: Callable[[str], str]
    at: int = 0
    products: int = 0  # sums of products that are open: ranges are vectors in them

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> tuple[str, str]:
        if self.at == len(self.tokens) or (expected and self.peek() != expected):
            raise FormulaError(f"{expected or 'more'} expected at {self.at} of {self.tokens}")
        self.at += 1
        return self.tokens[self.at - 1]

    def expression(self, level: int = 1) -> str:
        left = self.operand()
        while LEVELS.get(self.peek(), 0) >= level:
            operator = self.take()[1]
            right = self.expression(LEVELS[operator] + 1)
            left = _joined(operator, left, right)
        return left

    def operand(self) -> str:
        kind, text = self.take()
        if kind == "ref":
            value = self.python_of(text[1:-1])
            return f"vector({value})" if self.products else value
        if kind in ("number", "text"):
            return text if kind == "text" else repr(float(text))
        if kind == "name":
            return self.call(text)
        if text == "-":
            return f"(-{self.expression(NEGATIVE)})"
        if text == "(":
            inner = self.expression()
            self.take(")")
            return f"({inner})"
        raise FormulaError(f"{text} begins no operand")

    def call(self, name: str) -> str:
        """A function's call; IF, AND and OR are read as far as they need be, as in a spreadsheet."""
        arguments = []
        self.take("(")
        self.products += name == "SUMPRODUCT"
        while self.peek() != ")":
            arguments.append(self.expression())
            if self.peek() == ",":
                self.take()
        self.products -= name == "SUMPRODUCT"
        self.take(")")
        if name == "IF":
            condition, then, otherwise = arguments
            return f"({then} if {condition} else {otherwise})"
        if name in ("AND", "OR"):
            return f"({f' {name.lower()} '.join(arguments)})"
        if name not in functions.BY_NAME:
            raise FormulaError(f"{name} is no function of the workbook")
        return f"{name}({', '.join(arguments)})"


def _joined(operator: str, left: str, right: str) -> str:
    if operator in COMPARED:
        return f"{COMPARED[operator]}({left}, {right})"
    return f"({left} {'**' if operator == '^' else operator} {right})"


def python(template: str, python_of: Callable[[str], str]) -> str:
    """The Python expression of a template; ``python_of`` gives that of a reference.

    >>> python("IF({a}>0,-{a}^2,MAX({a},1))", lambda name: name)
    '((-(a ** 2.0)) if above(a, 0.0) else MAX(a, 1.0))'
    """
    tokens, at = [], 0
    while at < len(template):
        found = TOKEN.match(template, at)
        if found is None or found.lastgroup is None:
            raise FormulaError(f"{template[at:]!r} is no token")
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        at = found.end()
    reader = _Reader(tokens, python_of)
    source = reader.expression()
    if reader.at != len(tokens):
        raise FormulaError(f"{reader.peek()} is left over in {template}")
    return source
