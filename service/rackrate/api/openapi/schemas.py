"""Schemas: every Struct of the contract as JSON Schema 2020-12, as its annotations say."""

# Design: what msgspec says is made what common readers of OpenAPI take. A `default` makes several generators
# treat a field as always there, so that it is `x-default` and words; `items: false` beside `prefixItems` says
# no more than `maxItems` and stops one; a look-ahead compiles in few engines of patterns; a number without
# `format`, a choice without `type`, is read in single precision.

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from rackrate.deal.units import AT_END

REF = "#/components/schemas/{name}"
FORMATS = {"number": "double", "integer": "int64"}
Schema = dict[str, Any]


def schemas_of(
    structs: Iterable[type[msgspec.Struct]],
    read: Iterable[type[msgspec.Struct]] = (),
    parted: Iterable[type[msgspec.Struct]] = (),
) -> dict[str, Schema]:
    """Describe `structs` and all they are made of, by name.

    Choices stand in the order their `Literal` has, which msgspec sorts away. What may be left out of those
    that are `read` may be null. Of those that are answered in parts none is required.
    """
    structs, read = list(structs), list(read)
    roots, schemas = msgspec.json.schema_components([*read, *structs], ref_template=REF)
    for name in _referred(roots[: len(read)], schemas, set()):
        schemas[name] = _nullable(schemas[name])
    for struct in parted:
        schemas[struct.__name__].pop("required")
    orders = {frozenset(choices): list(choices) for struct in structs for choices in _literals(struct, set())}
    return {name: _described(_plain(schemas[name], orders)) for name in sorted(schemas)}


def part_of(name: str) -> Schema:
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


def _nullable(schema: Schema) -> Schema:
    """Allow null for each property of an object that is not required."""
    required = schema.get("required", [])
    members = schema["properties"].items()
    properties = {name: member if name in required else _or_null(member) for name, member in members}
    return schema | {"properties": properties}


def _or_null(member: Schema) -> Schema:
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


def _plain(node: Any, orders: dict[frozenset[Any], list[Any]]) -> Any:
    """Copy a schema in the words that common readers know, with its choices put back in order."""
    if isinstance(node, list | tuple):
        return [_plain(item, orders) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _plain(value, orders) for key, value in node.items()}
    if isinstance(copy.get("enum"), list):
        copy["enum"] = orders.get(frozenset(copy["enum"]), copy["enum"])
        copy["type"] = "integer" if isinstance(copy["enum"][0], int) else "string"
    if copy.get("type") in ("number", "integer"):
        copy["format"] = FORMATS[copy["type"]]
    if "prefixItems" in copy:
        del copy["items"]
    if isinstance(copy.get("pattern"), str):
        copy["pattern"] = copy["pattern"].removesuffix(AT_END)
    return copy


def _described(schema: Schema) -> Schema:
    """Say of each property what it is by default, in what unit, and of a tag that it is one."""
    members = schema["properties"].items()
    return schema | {
        "properties": {name: _unit_on_top(_default_in_words(member)) for name, member in members}
    }


def _default_in_words(member: Schema) -> Schema:
    """Write a default beside the schema and not in it; null is what a field is that is left out.

    >>> _default_in_words({"description": "Months.", "type": "integer", "default": 1})
    {'description': 'Months. By default `1`.', 'type': 'integer', 'x-default': 1}
    """
    if "description" not in member:  # a tag, of one value
        return {"description": "Which kind it is."} | member
    rest = {key: value for key, value in member.items() if key != "default"}
    if member.get("default") is None:
        return rest
    words = f"{member['description']} By default `{json.dumps(member['default'])}`."
    return rest | {"description": words, "x-default": member["default"]}


def _unit_on_top(member: Schema) -> Schema:
    """Say the unit of a property once, at its top, where all its numbers have one.

    >>> _unit_on_top({"anyOf": [{"type": "number", "x-unit": "MW"}, {"type": "null"}]})
    {'anyOf': [{'type': 'number'}, {'type': 'null'}], 'x-unit': 'MW'}
    """
    units = {member["x-unit"]} if "x-unit" in member else set(_units(member))
    return _without_units(member) | {"x-unit": units.pop()} if len(units) == 1 else member


def _units(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and "x-unit" in node:
        yield node["x-unit"]
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _units(item)


def _without_units(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_units(value) for key, value in node.items() if key != "x-unit"}
    return [_without_units(item) for item in node] if isinstance(node, list) else node
