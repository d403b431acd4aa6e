"""What is asked of a rent roll: a file, how its dates and numbers are written, the tenants that are known."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.units import Identifier, Name, repeated

RollKind = Literal["csv", "xlsx"]
DateOrder = Literal["month_first", "day_first"]
DecimalMark = Literal["point", "comma"]
RollTotal = Literal["count", "contracted_kw", "rent_per_month"]


class KnownTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant of the deal that rows are matched to, by identifier or by name."""

    id: Annotated[Identifier, Meta(description="Identifier in the deal.")]
    name: Annotated[Name | None, Meta(description="Name; the identifier if absent.")] = None


class StatedRollTotal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A total of the rent roll as somebody states it."""

    total: Annotated[RollTotal, Meta(description="Which total.")]
    value: Annotated[
        Annotated[float, unit("as-stated"), Meta(ge=-1e15, le=1e15)], Meta(description="As stated.")
    ]


class RentRollRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rent roll and how it is to be read."""

    file: Annotated[RollKind, Meta(description="What kind of file it is.")]
    sheet: Annotated[Name | None, Meta(description="Sheet of a workbook; its only one if absent.")] = None
    dates: Annotated[
        DateOrder | None, Meta(description="How 03/04/2027 is meant; it is not read if absent.")
    ] = None
    decimals: Annotated[DecimalMark, Meta(description="What separates decimals.")] = "point"
    tenants: Annotated[list[KnownTenant], Meta(max_length=2000, description="Tenants of the deal.")] = []
    stated: Annotated[
        list[StatedRollTotal], Meta(max_length=3, description="Totals to be held against those read.")
    ] = []
    content: Annotated[bytes, Meta(description="The file.")]


def rent_roll_faults(request: RentRollRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a request to read a rent roll."""
    if request.sheet is not None and request.file != "xlsx":
        yield FieldError("/sheet", "a CSV file has no sheets")
    yield from repeated([each.id for each in request.tenants], "/tenants/{}/id", "the tenant")
    yield from repeated([each.total for each in request.stated], "/stated/{}/total", "the total")


def known_tenants(text: str) -> list[dict[str, str]]:
    """Read tenants as a query or a terminal names them, yet to be checked.

    >>> known_tenants("hyper:Hyperion Inc.,bank")
    [{'id': 'hyper', 'name': 'Hyperion Inc.'}, {'id': 'bank'}]
    """
    pairs = [pair.partition(":") for pair in text.split(",") if pair]
    return [{"id": id_, "name": name} if name else {"id": id_} for id_, _, name in pairs]
