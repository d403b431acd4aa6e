"""Every date of a document with its JSON pointer, in the order of the fields."""

from collections.abc import Iterator
from datetime import date
from functools import cache

import msgspec
from msgspec import Struct, inspect


def dates_of(value: object, at: str = "") -> Iterator[tuple[str, date]]:
    """Yield (JSON pointer, date) of every date in a Struct and in what it is made of."""
    if isinstance(value, date):
        yield at, value
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from dates_of(item, f"{at}/{i}")
    elif isinstance(value, Struct):
        for name in _dated(type(value)):
            yield from dates_of(getattr(value, name), f"{at}/{name}")


@cache
def _dated(kind: type[Struct]) -> list[str]:
    """Fields of a Struct in which there can be a date."""
    return [
        field.name for field in msgspec.structs.fields(kind) if _holds_date(inspect.type_info(field.type))
    ]


def _holds_date(kind: inspect.Type) -> bool:
    match kind:
        case inspect.DateType():
            return True
        case inspect.Metadata():
            return _holds_date(kind.type)
        case inspect.UnionType():
            return any(map(_holds_date, kind.types))
        case inspect.ListType():
            return _holds_date(kind.item_type)
        case inspect.TupleType():
            return any(map(_holds_date, kind.item_types))
        case inspect.StructType():
            return any(_holds_date(field.type) for field in kind.fields)
        case _:
            return False
