"""Schemas: every Struct of the contract as JSON Schema 2020-12, as its annotations say."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

REF = "#/components/schemas/{name}"


def schemas_of(
    structs: Iterable[type[msgspec.Struct]], read: Iterable[type[msgspec.Struct]] = ()
) -> dict[str, Any]:
    """Describe `structs` and all they are made of, by name.

    Choices stand in the order their `Literal` has, which msgspec sorts away. What may be left out of those
    that are `read` may be null.
    """
    structs, read = list(structs), list(read)
    roots, schemas = msgspec.json.schema_components([*read, *structs], ref_template=REF)
    for name in _referred(roots[: len(read)], schemas, set()):
        schemas[name] = _nullable(schemas[name])
    orders = {frozenset(choices): list(choices) for struct in structs for choices in _literals(struct, set())}
    return {name: _in_order(schemas[name], orders) for name in sorted(schemas)}


def part_of(name: str) -> dict[str, Any]:
    """Refer to a schema by name.

    >>> part_of("Deal")
    {'$ref': '#/components/schemas/Deal'}
    """
    return {"$ref": REF.format(name=name)}


def _referred(node: Any, schemas: dict[str, Any], found: set[str]) -> set[str]:
    """Collect the names of all schemas that a piece of schema refers to, and those refer to."""
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ():
        _referred(item, schemas, found)
    if isinstance(node, dict) and "$ref" in node:
        name = node["$ref"].removeprefix(REF.format(name=""))
        if name not in found:
            found.add(name)
            _referred(schemas[name], schemas, found)
    return found


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Allow null for each property of an object that is not required."""
    required = schema.get("required", [])
    members = schema["properties"].items()
    properties = {name: member if name in required else _or_null(member) for name, member in members}
    return schema | {"properties": properties}


def _or_null(member: dict[str, Any]) -> dict[str, Any]:
    """Allow null beside what a property may be.

    >>> _or_null({"description": "Months.", "type": "integer", "default": 1})
    {'description': 'Months.', 'anyOf': [{'type': 'integer'}, {'type': 'null'}], 'default': 1}
    """
    null, about = {"type": "null"}, ("description", "default")
    kinds = member.get("anyOf") or [{key: value for key, value in member.items() if key not in about}]
    if null in kinds:
        return member
    return {"description": member["description"], "anyOf": [*kinds, null]} | {
        key: member[key] for key in about if key in member
    }


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
