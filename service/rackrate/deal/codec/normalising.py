"""Normalise a document: of two ways to write a value, the one that the decoder takes.

JSON Schema counts 120.0 among the integers, and spreadsheets and data frames write it so; null for a member
that may be left out is as if it were left out. It runs only after the strict decoder has refused.
"""

from msgspec import NODEFAULT, inspect


def normalised(value: object, kind: inspect.Type) -> object:
    """Return a plain value with whole numbers as integers where these are due, without needless nulls.

    Parameters
    ----------
    value : object
        What JSON or MessagePack gives without a type.
    kind : inspect.Type
        What it should be, from `msgspec.inspect.type_info`. What does not fit it stays as it is.

    >>> normalised(120.0, inspect.IntType()), normalised(120.5, inspect.IntType())
    (120, 120.5)
    """
    match kind:
        case inspect.Metadata():
            return normalised(value, kind.type)
        case inspect.UnionType():
            for item in kind.types:
                value = normalised(value, item)
            return value
        case inspect.StructType() if isinstance(value, dict) and _is_meant(value, kind):
            return _members(value, kind)
        case inspect.ListType() if isinstance(value, list):
            return [normalised(item, kind.item_type) for item in value]
        case inspect.TupleType() if isinstance(value, list) and len(value) == len(kind.item_types):
            return [normalised(item, own) for item, own in zip(value, kind.item_types, strict=True)]
        case inspect.IntType() | inspect.LiteralType() if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            return value


def _is_meant(value: dict[object, object], kind: inspect.StructType) -> bool:
    """Whether an object is of this Struct: of several in one place, the tag says so."""
    return kind.tag_field is None or value.get(kind.tag_field) == kind.tag


def _members(value: dict[object, object], kind: inspect.StructType) -> dict[object, object]:
    fields: dict[object, inspect.Field] = {field.encode_name: field for field in kind.fields}
    return {
        name: normalised(item, fields[name].type) if name in fields else item
        for name, item in value.items()
        if item is not None or name not in fields or _takes_null(fields[name])
    }


def _takes_null(field: inspect.Field) -> bool:
    """Whether null says something of its own: where a member is required, or unset is not the same."""
    kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
    has_null = isinstance(kind, inspect.UnionType) and any(
        isinstance(t, inspect.NoneType) for t in kind.types
    )
    is_unset = field.default is NODEFAULT and field.default_factory is NODEFAULT
    return field.required or (is_unset and has_null)
