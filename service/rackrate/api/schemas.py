"""Schemas: every Struct of the contract as JSON Schema 2020-12, as its annotations say."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

REF = "#/components/schemas/{name}"


def schemas_of(structs: Iterable[type[msgspec.Struct]]) -> dict[str, Any]:
    """Describe `structs` and all they are made of, by name.

    Choices stand in the order their `Literal` has, which msgspec sorts away.
    """
    schemas = msgspec.json.schema_components(structs, ref_template=REF)[1]
    orders = {frozenset(choices): list(choices) for struct in structs for choices in _literals(struct, set())}
    return {name: _in_order(schemas[name], orders) for name in sorted(schemas)}


def part_of(name: str) -> dict[str, Any]:
    """Refer to a schema by name.

    >>> part_of("Deal")
    {'$ref': '#/components/schemas/Deal'}
    """
    return {"$ref": REF.format(name=name)}


def _literals(hint: object, seen: set[object]) -> Iterator[tuple[Any, ...]]:
    """Yield the choices of every `Literal` within a type, as they are written."""
    if get_origin(hint) is Literal:
        yield get_args(hint)
    elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        if hint not in seen:
            seen.add(hint)
            for inner in get_type_hints(hint).values():
                yield from _literals(inner, seen)
    else:
        for inner in get_args(hint):
            yield from _literals(inner, seen)


def _in_order(node: Any, orders: dict[frozenset[Any], list[Any]]) -> Any:
    """Copy a schema with its choices put back in order."""
    if isinstance(node, dict):
        copy = {key: _in_order(value, orders) for key, value in node.items()}
        if "enum" in copy:
            copy["enum"] = orders.get(frozenset(copy["enum"]), copy["enum"])
        return copy
    return [_in_order(item, orders) for item in node] if isinstance(node, list) else node
