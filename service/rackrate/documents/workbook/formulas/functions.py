"""Functions of the workbook's formulas in Python, each with the meaning that spreadsheets give it."""

# Design: only what spreadsheets agree on is used. An empty text stands for what is not known: it is skipped
# in a range, counts as nothing in N, and is larger than every number when it is compared.

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

Scalar = float | str
EPOCH = date(1899, 12, 30).toordinal()  # day 0 of a spreadsheet
MOST_STEPS = 100


def serial(day: date) -> float:
    """A date as a spreadsheet counts days.

    >>> serial(date(2026, 1, 1))
    46023.0
    """
    return float(day.toordinal() - EPOCH)


def _day(number: float) -> date:
    return date.fromordinal(int(number) + EPOCH)


def edate(number: float, months: float) -> float:
    """The same day some months later, clamped to the month's end.

    >>> edate(serial(date(2024, 1, 31)), 1.0) == serial(date(2024, 2, 29))
    True
    """
    start = _day(number)
    year, month = divmod(start.year * 12 + start.month - 1 + int(months), 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = date.fromordinal(following.toordinal() - 1).day
    return serial(date(year, month + 1, min(start.day, last)))


def numbers(*arguments: Any) -> list[float]:
    """Numbers among arguments and in their ranges."""
    found: list[float] = []
    for argument in arguments:
        held = argument if isinstance(argument, list | np.ndarray) else [argument]
        found += [value for value in held if not isinstance(value, str)]
    return found


def vector(argument: Any) -> Any:
    """A range that arithmetic is done with: of numbers, or of texts where it has any."""
    if not isinstance(argument, list):
        return argument
    texts = str in set(map(type, argument))
    return np.array(argument, dtype=object if texts else np.float64)


def sum_of_products(*arguments: Any) -> float:
    """Sum of the products of vectors, or of an expression in them."""
    product: Any = 1.0
    for argument in arguments:
        product = product * argument
    return float(np.sum(product))


def internal_rate(flows: list[Any], guess: float) -> float:
    """Internal rate of return per period by Newton's method.

    >>> round(internal_rate([-1.0, 0.0, 1.21], 0.05), 12)
    0.1
    """
    cash = np.array(flows, dtype=np.float64)
    at, rate = np.arange(len(cash)), guess
    for _ in range(MOST_STEPS):
        factor = (1.0 + rate) ** -at
        value, slope = float((cash * factor).sum()), float(-(at * cash * factor).sum() / (1.0 + rate))
        step = value / slope
        rate -= step
        if abs(step) <= 1e-15:
            break
    return rate


def _rank(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _compare(test: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compared(left: Any, right: Any) -> Any:
        if isinstance(left, np.ndarray) and left.dtype == object:
            return np.array([bool(compared(value, right)) for value in left])
        if isinstance(left, str) or isinstance(right, str):
            return bool(test(_rank(left), _rank(right)))
        return test(left, right)

    return compared


def _average(*arguments: Any) -> float:
    known = numbers(*arguments)
    return sum(known) / len(known)


def _lookup(value: float, keys: list[float], values: list[float]) -> float:
    return values[max(0, sum(key <= value for key in keys) - 1)]


def _match(value: Any, held: list[Any], _: float) -> float:
    return float(held.index(value) + 1)


def _sum_where(keys: list[Any], key: Any, values: list[Any]) -> float:
    return float(sum(v for k, v in zip(keys, values, strict=True) if k == key and not isinstance(v, str)))


BY_NAME: Mapping[str, Callable[..., Any]] = {
    "ABS": np.abs,
    "AVERAGE": _average,
    "COUNT": lambda *held: float(len(numbers(*held))),
    "COUNTIF": lambda held, key: float(sum(value == key for value in held)),
    "DAY": lambda number: float(_day(number).day),
    "EDATE": edate,
    "INDEX": lambda held, at: held[int(at) - 1],
    "INT": lambda value: float(np.floor(value)),
    "IRR": internal_rate,
    "ISERROR": lambda held: np.zeros(len(held)),
    "ISNUMBER": lambda value: not isinstance(value, str),
    "LOOKUP": _lookup,
    "MATCH": _match,
    "MAX": lambda *held: max(numbers(*held), default=0.0),
    "MIN": lambda *held: min(numbers(*held), default=0.0),
    "MOD": lambda value, by: value - by * float(np.floor(value / by)),
    "MONTH": lambda number: float(_day(number).month),
    "N": lambda value: 0.0 if isinstance(value, str) else float(value),
    "SUM": lambda *held: float(sum(numbers(*held))),
    "SUMIF": _sum_where,
    "SUMPRODUCT": sum_of_products,
    "YEAR": lambda number: float(_day(number).year),
}
"""By the name that a formula calls it by. IF, AND and OR are the grammar's."""

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "equal": _compare(lambda left, right: left == right),
    "unequal": _compare(lambda left, right: left != right),
    "below": _compare(lambda left, right: left < right),
    "above": _compare(lambda left, right: left > right),
    "most": _compare(lambda left, right: left <= right),
    "least": _compare(lambda left, right: left >= right),
}
