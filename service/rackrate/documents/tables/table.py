"""A table: columns of one type each, their units, and what the table was made from."""

from collections.abc import Iterable, Sequence
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from rackrate.deal.measures import unit as measured_in

Kind = Literal["integer", "number", "date", "text", "boolean"]
Cell = float | int | bool | str | date | None

KINDS: dict[type, Kind] = {int: "integer", float: "number", date: "date", str: "text", bool: "boolean"}
WORDS = {  # for units, where a header has no room for more
    "ratio": "x",
    "rate": "per year",
    "count": "",
    "none": "",
    "as-stated": "",
}


class TableColumn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column of a table."""

    name: Annotated[str, Meta(description="Name of the column.")]
    unit: Annotated[str, Meta(description="What its figures are measured in; empty where in nothing.")]
    kind: Annotated[Kind, Meta(description="What its cells are.")]
    values: Annotated[
        list[float | int | bool | str | None],
        measured_in("as-stated"),
        Meta(description="Its cells from the first row to the last; null where a figure is not defined."),
    ]


class TableDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of an answer, column by column."""

    table: Annotated[str, Meta(description="Which table it is.")]
    id: Annotated[str, Meta(description="The `id` of the answer.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[str, Meta(description="Name of the house defaults used.")]
    currency: Annotated[str, Meta(description="Deal currency, ISO 4217 code.")]
    columns: Annotated[list[TableColumn], Meta(description="The columns, all of one length.")]


class Column(Struct, frozen=True):
    """A column: its name, its unit as `x-unit` has it, the type of its cells, the cells."""

    name: str
    unit: str
    kind: Kind
    values: Sequence[Cell]


def shown_unit(unit: str, currency: str) -> str:
    """Write a unit for a header: the currency where it is money.

    >>> shown_unit("money/year", "USD"), shown_unit("ratio", "USD"), shown_unit("MWh", "USD")
    ('USD/year', 'x', 'MWh')
    """
    return WORDS.get(unit, unit.replace("money", currency))


def columns_of(kind: type[Struct], rows: Sequence[Struct], names: Iterable[str]) -> list[Column]:
    """Make columns of fields of Structs, a row each; units and types are those of the contract."""
    found = [_described(kind, name) for name in names]
    return [
        Column(wire, unit, told, [getattr(row, name) for row in rows]) for name, wire, unit, told in found
    ]


def series_of(run: Struct, names: Iterable[str]) -> list[Column]:
    """Make columns of the series of a Struct, a row a period."""
    found = [_described(type(run), name) for name in names]
    return [Column(wire, unit, told, getattr(run, name)) for name, wire, unit, told in found]


def _described(kind: type[Struct], name: str) -> tuple[str, str, str, Kind]:
    """Read of a field: its name in Python and on the wire, its unit, the type of its cells."""
    hint = get_type_hints(kind, include_extras=True)[name]
    wire = next(field.encode_name for field in msgspec.structs.fields(kind) if field.name == name)
    return name, wire, _unit(hint), KINDS[_cell(hint)]


def _unit(hint: Any) -> str:
    notes = getattr(hint, "__metadata__", ())
    units = [note.extra_json_schema["x-unit"] for note in notes if note.extra_json_schema]
    return units[-1] if units else ""


def _cell(hint: Any) -> type:
    """Find the type of a cell within annotations, lists and null."""
    origin = get_origin(hint)
    if origin is Annotated or origin is list:
        return _cell(get_args(hint)[0])
    if origin in (Union, UnionType):
        return next(_cell(part) for part in get_args(hint) if part is not NoneType)
    if origin is Literal:
        return str
    return hint if isinstance(hint, type) else str
