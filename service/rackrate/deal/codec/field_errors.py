"""Field errors: every bad field of a decoded document against the types it should have.

The decoder stops at the first fault and names a missing field by its parent; this walks on and names each by
its own JSON pointer. It runs only after the decoder has refused.
"""

import math
import re
from calendar import month_name, monthrange
from collections.abc import Iterator
from difflib import get_close_matches

from msgspec import inspect

from rackrate.deal.codec.json_text import pointer_token
from rackrate.deal.errors import FieldError

MAX_HINTS = 50  # words proposed in one refusal
LONGEST_HINTED = 64  # characters of a word for which one is proposed
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"[Tt ][0-9]{2}:?[0-9]{2}.*")
_NAMES: dict[type, str] = {
    inspect.FloatType: "a number",
    inspect.IntType: "a whole number",
    inspect.StrType: "text",
    inspect.BytesType: "bytes, in JSON as base64",
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.DateType: "a date as YYYY-MM-DD",
    inspect.LiteralType: "a word",
    inspect.ListType: "a list",
    inspect.TupleType: "a list",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
}


def faults(
    value: object, kind: inspect.Type, at: str = "", hints: Iterator[int] | None = None
) -> Iterator[FieldError]:
    """Yield every fault of a plain value against a type.

    Parameters
    ----------
    value : object
        What JSON or MessagePack gives without a type.
    kind : inspect.Type
        What it should be, from `msgspec.inspect.type_info`.
    at : str
        Its JSON pointer.
    hints : iterator
        As long as how often a nearest word is still proposed.
    """
    hints = iter(range(MAX_HINTS)) if hints is None else hints
    match kind:
        case inspect.Metadata():
            yield from faults(value, kind.type, at, hints)
        case inspect.RawType():  # a document of its own, read by itself
            return
        case inspect.UnionType():
            yield from _union_faults(value, kind, at, hints)
        case inspect.StructType():
            yield from _one_of(value, [kind], at, hints)
        case inspect.LiteralType():
            yield from _word_faults(value, kind.values, at, hints)
        case inspect.ListType() | inspect.TupleType() if isinstance(value, list):
            yield from _list_faults(value, kind, at, hints)
        case inspect.DictType() if isinstance(value, dict):
            for name, item in value.items():
                yield from faults(name, kind.key_type, f"{at}/{name}", hints)
                yield from faults(item, kind.value_type, f"{at}/{name}", hints)
        case inspect.FloatType() | inspect.IntType() if isinstance(value, int | float) and _fits(value, kind):
            yield from _number_faults(value, kind, at)
        case inspect.StrType() if isinstance(value, str):
            yield from _text_faults(value, kind, at)
        case inspect.DateType() if isinstance(value, str):
            yield from _day_faults(value, at)
        case _ if not _fits(value, kind):
            yield FieldError(at, f"expected {_NAMES[type(kind)]}, got {_described(value)}")


def _fits(value: object, kind: inspect.Type) -> bool:
    """Tell whether a value has the shape of a type: its kind, not its bounds or its content."""
    match kind:
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.BytesType():
            return isinstance(value, bytes | str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.NoneType():
            return value is None
        case inspect.LiteralType():
            return any(type(value) is type(word) for word in kind.values)
        case inspect.StrType() | inspect.DateType():
            return isinstance(value, str)
        case inspect.StructType() | inspect.DictType():
            return isinstance(value, dict)
        case _:
            return isinstance(value, list)


def _described(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value:.12g}" if abs(value) < 1e300 else "a number out of range"
        case str():
            return f"the text {value[:40]!r}"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "something else"


def _word_faults(
    value: object, words: tuple[object, ...], at: str, hints: Iterator[int]
) -> Iterator[FieldError]:
    """Yield a value that is none of the words, proposing the nearest."""
    if not any(type(value) is type(word) and value == word for word in words):
        listed = [str(word) for word in words]
        hint = _hint(value, listed, hints) if isinstance(value, str) else ""
        yield FieldError(at, f"expected one of {', '.join(listed)}, got {_described(value)}{hint}")


def _day_faults(value: str, at: str) -> Iterator[FieldError]:
    """Yield a text that is no day of the calendar, with what is wrong with it."""
    found = _DAY.match(value)
    if found is None or not _DAY.fullmatch(value):
        timed = found is not None and _TIME.fullmatch(value, found.end())
        hint = ": a day, without a time of day" if timed else ""
        yield FieldError(at, f"expected {_NAMES[inspect.DateType]}, got {_described(value)}{hint}")
        return
    year, month, day = map(int, found.groups())
    if year == 0:
        yield FieldError(at, f"no such date as {value}: years begin with 0001")
    elif not 1 <= month <= 12:
        yield FieldError(at, f"no such date as {value}: months are 01 to 12")
    elif not 1 <= day <= monthrange(year, month)[1]:
        days = monthrange(year, month)[1]
        yield FieldError(at, f"no such date as {value}: {month_name[month]} {year} has {days} days")


def _number_faults(value: float, kind: inspect.FloatType | inspect.IntType, at: str) -> Iterator[FieldError]:
    if not _finite(value):
        yield FieldError(at, "expected a finite number")
    elif kind.gt is not None and not value > kind.gt:
        yield FieldError(at, f"must be more than {kind.gt:g}")
    elif kind.ge is not None and not value >= kind.ge:
        yield FieldError(at, f"must be at least {kind.ge:g}")
    elif kind.lt is not None and not value < kind.lt:
        yield FieldError(at, f"must be less than {kind.lt:g}")
    elif kind.le is not None and not value <= kind.le:
        yield FieldError(at, f"must be at most {kind.le:g}")


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _text_faults(value: str, kind: inspect.StrType, at: str) -> Iterator[FieldError]:
    if kind.min_length is not None and len(value) < kind.min_length:
        yield FieldError(
            at, "must not be empty" if kind.min_length == 1 else f"shorter than {kind.min_length}"
        )
    elif kind.max_length is not None and len(value) > kind.max_length:
        yield FieldError(at, f"longer than {kind.max_length} characters")
    elif kind.pattern is not None and not re.search(kind.pattern, value):
        yield FieldError(at, f"{value[:40]!r} has characters that are not allowed here")


def _list_faults(
    value: list[object], kind: inspect.ListType | inspect.TupleType, at: str, hints: Iterator[int]
) -> Iterator[FieldError]:
    if isinstance(kind, inspect.TupleType):
        if len(value) != len(kind.item_types):
            yield FieldError(at, f"expected {len(kind.item_types)} items, got {len(value)}")
            return
        kinds = list(kind.item_types)
    else:
        if kind.min_length is not None and len(value) < kind.min_length:
            yield FieldError(at, f"must have at least {kind.min_length} items, has {len(value)}")
        if kind.max_length is not None and len(value) > kind.max_length:
            yield FieldError(at, f"must have at most {kind.max_length} items, has {len(value)}")
            return
        kinds = [kind.item_type] * len(value)
    for i, (item, item_kind) in enumerate(zip(value, kinds, strict=True)):
        yield from faults(item, item_kind, f"{at}/{i}", hints)


def _union_faults(
    value: object, kind: inspect.UnionType, at: str, hints: Iterator[int]
) -> Iterator[FieldError]:
    kinds = [item.type if isinstance(item, inspect.Metadata) else item for item in kind.types]
    structs = [item for item in kinds if isinstance(item, inspect.StructType)]
    fitting = [item for item in kinds if _fits(value, item)]
    if structs and isinstance(value, dict):
        yield from _one_of(value, structs, at, hints)
    elif fitting:
        yield from faults(value, fitting[0], at, hints)
    else:
        names = dict.fromkeys(_NAMES[type(item)] for item in kinds)
        yield FieldError(at, f"expected {' or '.join(names)}, got {_described(value)}")


def _one_of(
    value: object, kinds: list[inspect.StructType], at: str, hints: Iterator[int]
) -> Iterator[FieldError]:
    """Yield the faults of an object that should be one of several Structs told apart by their tag."""
    if not isinstance(value, dict):
        yield FieldError(at, f"expected an object, got {_described(value)}")
        return
    tag_field = kinds[0].tag_field
    if tag_field is None:
        yield from _struct_faults(value, kinds[0], at, hints)
        return
    tags = {kind.tag: kind for kind in kinds}
    tag = value.get(tag_field)
    if tag_field not in value:
        yield FieldError(f"{at}/{tag_field}", f"required: one of {', '.join(str(known) for known in tags)}")
    elif isinstance(tag, str) and tag in tags:
        yield from _struct_faults(value, tags[tag], at, hints)
    else:
        yield from _word_faults(tag, tuple(tags), f"{at}/{tag_field}", hints)


def _struct_faults(
    value: dict[object, object], kind: inspect.StructType, at: str, hints: Iterator[int]
) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in kind.fields}
    for name, field in fields.items():
        if name in value:
            yield from faults(value[name], field.type, f"{at}/{name}", hints)
        elif field.required:
            yield FieldError(f"{at}/{name}", "required")
    for key in value:
        if key not in fields and key != kind.tag_field:
            hint = _hint(str(key), [name for name in fields if name not in value], hints)
            yield FieldError(f"{at}/{pointer_token(key)}", f"unknown field{hint}")


def _hint(word: str, words: list[str], hints: Iterator[int]) -> str:
    """Propose the word that is nearest, as the end of a sentence.

    >>> _hint("renewal_factr", ["renewal_factor"], iter([0]))
    '; did you mean renewal_factor?'
    """
    if len(word) > LONGEST_HINTED or next(hints, None) is None:
        return ""
    close = get_close_matches(word, words, n=1)
    return f"; did you mean {close[0]}?" if close else ""
