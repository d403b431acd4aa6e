"""What is asked of a loan tape: a file as filed, how to read it, and the totals it should come to."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.answers.tape import Basis, Layout
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.measures import unit
from rackrate.deal.requests.pool import Pool, horizon_months
from rackrate.deal.units import repeated

FileKind = Literal["xml", "csv", "xlsx"]
Total = Literal["count", "properties", "balance", "wa_rate", "wa_dscr", "wa_ltv"]
LAYOUTS_OF: dict[FileKind, tuple[Layout, ...]] = {
    "xml": ("schedule_al",),
    "csv": ("crefc_setup", "crefc_periodic"),
    "xlsx": (),
}


class StatedTotal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A total as the seller, the servicer or a prospectus states it."""

    total: Annotated[Total, Meta(description="Which total.")]
    value: Annotated[
        Annotated[float, unit("as-stated"), Meta(ge=-1e15, le=1e15)], Meta(description="As stated.")
    ]


class TapeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan tape and how it is to be read."""

    file: Annotated[FileKind, Meta(description="What kind of file it is.")]
    layout: Annotated[Layout | None, Meta(description="Its layout; an XML file has one only.")] = None
    basis: Annotated[Basis, Meta(description="As of when income and value are read.")] = "securitisation"
    stated: Annotated[
        list[StatedTotal], Meta(max_length=6, description="Totals to be held against those read.")
    ] = []
    content: Annotated[bytes, Meta(description="The file.")]


class PoolTapeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pool to be written as a loan tape."""

    pool: Annotated[Pool, Meta(description="The pool.")]
    layout: Annotated[Layout, Meta(description="Layout of the tape.")] = "schedule_al"
    month: Annotated[
        Annotated[int, unit("months"), Meta(ge=0, le=480)],
        Meta(description="Boundary as of which it is written, months from closing."),
    ] = 0


def pool_tape_faults(request: PoolTapeRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a request to write a tape, the pool apart."""
    most = horizon_months(request.pool)
    if request.month > most:
        yield FieldError("/month", f"the pool is run for {most} months")


def stated_totals(text: str) -> list[dict[str, object]]:
    """Read totals as they are stated in a query or at a terminal, yet to be checked.

    Raises
    ------
    Invalid
        If one of them has no number.

    >>> stated_totals("count:35,balance:9.5e8")
    [{'total': 'count', 'value': 35.0}, {'total': 'balance', 'value': 950000000.0}]
    """
    found = list[dict[str, object]]()
    for name, _, number in (pair.partition(":") for pair in text.split(",") if pair):
        try:
            found.append({"total": name, "value": float(number)})
        except ValueError:
            fault = f"stated: a total is NAME:NUMBER, and {number[:80]!r} is no number"
            raise Invalid.of([FieldError("", fault)]) from None
    return found


def layout_of(request: TapeRequest) -> Layout:
    """The layout a tape is read in; the only one of its kind where none is named."""
    return request.layout or LAYOUTS_OF[request.file][0]


def file_kind(layout: str) -> FileKind | None:
    """The kind of file that has a layout.

    >>> file_kind("schedule_al"), file_kind("sizing")
    ('xml', None)
    """
    return next((kind for kind, layouts in LAYOUTS_OF.items() if layout in layouts), None)


def tape_faults(request: TapeRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a request to read a tape."""
    known = LAYOUTS_OF[request.file]
    if request.layout is None and len(known) != 1:
        yield FieldError("/layout", f"say which layout a {request.file} file has: {' or '.join(known)}")
    elif request.layout is not None and request.layout not in known:
        yield FieldError("/layout", f"no {request.file} file has the layout {request.layout}")
    yield from repeated([each.total for each in request.stated], "/stated/{}/total", "the total")
