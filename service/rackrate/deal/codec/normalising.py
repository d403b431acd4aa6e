"""Normalise a document: of two ways to write a value, the one that the decoder takes.

JSON Schema counts 120.0 among the integers, and spreadsheets and data frames write it so; null for a member
that may be left out is as if it were left out. It runs only after the strict decoder has refused.
"""

# Design: what a type asks for is worked out once. A value is then looked at once, an object of several kinds
# by its tag; not at all where there is one way to write it (points of curves), or in a list that is refused
# for its length.

from collections.abc import Callable
from typing import Any

from msgspec import NODEFAULT, inspect

Normaliser = Callable[[Any], object]


def normaliser(kind: inspect.Type) -> Normaliser:
    """Return what writes plain values with integers where these are due, without needless nulls.

    Parameters
    ----------
    kind : inspect.Type
        What the values should be, from `msgspec.inspect.type_info`. What does not fit it stays as it is.

    >>> whole = normaliser(inspect.IntType())
    >>> whole(120.0), whole(120.5)
    (120, 120.5)
    """
    return _found(kind) or (lambda value: value)


def _found(kind: inspect.Type) -> Normaliser | None:
    """Return the normaliser of a type, None of one that has one way to be written."""
    match kind:
        case inspect.Metadata():
            return _found(kind.type)
        case inspect.UnionType():
            return _of_union([t.type if isinstance(t, inspect.Metadata) else t for t in kind.types])
        case inspect.StructType():
            return _of_struct(kind)
        case inspect.ListType():
            return _of_list(kind)
        case inspect.TupleType():
            return _of_tuple(kind)
        case inspect.IntType():
            return _whole
        case inspect.LiteralType() if any(isinstance(word, int) for word in kind.values):
            return _whole
        case _:
            return None


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _of_union(kinds: list[inspect.Type]) -> Normaliser | None:
    structs = [kind for kind in kinds if isinstance(kind, inspect.StructType)]
    tag_field = structs[0].tag_field if structs else None
    by_tag = {kind.tag: own for kind in structs if (own := _of_struct(kind))}
    others = [own for kind in kinds if kind not in structs and (own := _found(kind))]

    def chosen(value: object) -> object:
        if isinstance(value, dict):
            tag = value.get(tag_field) if tag_field else None
            own = by_tag.get(tag) if isinstance(tag, str | int | None) else None
            return own(value) if own else value
        for other in others:
            value = other(value)
        return value

    return chosen if by_tag or others else None


def _of_list(kind: inspect.ListType) -> Normaliser | None:
    item, most = _found(kind.item_type), kind.max_length
    if item is None:
        return None

    def items(value: object) -> object:
        if not isinstance(value, list) or (most is not None and len(value) > most):
            return value
        return [item(each) for each in value]

    return items


def _of_tuple(kind: inspect.TupleType) -> Normaliser | None:
    own = [_found(item) for item in kind.item_types]

    def items(value: object) -> object:
        if not isinstance(value, list) or len(value) != len(own):
            return value
        return [known(item) if known else item for item, known in zip(value, own, strict=True)]

    return items if any(own) else None


def _of_struct(kind: inspect.StructType) -> Normaliser | None:
    known = {field.encode_name: own for field in kind.fields if (own := _found(field.type))}
    needless = {field.encode_name for field in kind.fields if not _takes_null(field)}

    def members(value: object) -> object:
        if not isinstance(value, dict) or (kind.tag_field and value.get(kind.tag_field) != kind.tag):
            return value
        return {
            name: known[name](item) if name in known else item
            for name, item in value.items()
            if item is not None or name not in needless
        }

    return members if known or needless else None


def _takes_null(field: inspect.Field) -> bool:
    """Whether null says something of its own: where a member is required, or unset is not the same."""
    kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
    has_null = isinstance(kind, inspect.UnionType) and any(
        isinstance(t, inspect.NoneType) for t in kind.types
    )
    is_unset = field.default is NODEFAULT and field.default_factory is NODEFAULT
    return field.required or (is_unset and has_null)
