"""Query parameters: unknown ones are refused; `fields`, `detail` and Accept choose the view of an answer."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from rackrate.analyses.problems import NOT_ACCEPTABLE, Problem
from rackrate.analyses.projection import View
from rackrate.analyses.registry import Analysis
from rackrate.api.negotiation import OFFERS, choose
from rackrate.deal.codec.json_text import MAX_REPORTED
from rackrate.deal.errors import FieldError, Invalid

DETAILS = ("deal", "facility")


def media_of(request: Request[Any, Any, Any], offers: Sequence[str] = OFFERS) -> str:
    """Choose the media type to answer in.

    Raises
    ------
    Problem
        406 where the client accepts none of them.
    """
    media = choose(request.headers.get("accept", ""), offers)
    if media is None:
        raise Problem(NOT_ACCEPTABLE, f"Accept one of {', '.join(offers)}.")
    return media


async def admit_query(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a query that names what there is not: a parameter, a part of the answer, a detail.

    Raises
    ------
    Invalid
        Saying which, and what there is.
    """
    if not connection.scope["query_string"] or connection.scope.get("method") == "OPTIONS":
        return
    wrong = list(islice(_query_faults(_query(connection), handler), MAX_REPORTED))
    if wrong:
        raise Invalid(f"The query: {wrong[0]}", [FieldError("", message) for message in wrong])


def _query_faults(query: dict[str, str], handler: BaseRouteHandler) -> Iterator[str]:
    known: Sequence[str] = handler.opt.get("query", ())
    told = f"known are {', '.join(known)}" if known else "there are none here"
    yield from (f"no query parameter {name!r}: {told}" for name in query if name not in known)
    analysis: Analysis | None = handler.opt.get("analysis") or handler.opt.get("lines")
    parts = all_parts_of(analysis) if analysis and "fields" in known else []
    yield from (
        f"fields: no part {name!r}: the parts are {', '.join(parts)}"
        for name in _fields(query)
        if "fields" in known and name not in parts
    )
    if "detail" in known and query.get("detail", DETAILS[0]) not in DETAILS:
        yield f"detail: {' or '.join(DETAILS)}, not {query['detail']!r}"


def view_of(request: Request[Any, Any, Any], media: str = "") -> View:
    """Read which view of an answer a request asks for, in `media` where that is not for the client to choose.

    Raises
    ------
    Problem
        406 where the client accepts no media type that is spoken here.
    """
    query = _query(request)
    detail = query.get("detail", DETAILS[0])
    return View(tuple(sorted(set(_fields(query)))), detail, media or media_of(request))


def _query(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """Read the query; what is said more than once of a parameter is all of it."""
    return {name: ",".join(connection.query_params.getall(name)) for name in connection.query_params}


def _fields(query: dict[str, str]) -> list[str]:
    return [name for name in query.get("fields", "").split(",") if name]


@cache
def parts_of(answers: type[msgspec.Struct]) -> list[str]:
    """Name the parts of an answer."""
    return [field.encode_name for field in msgspec.structs.fields(answers)]


def all_parts_of(analysis: Analysis) -> list[str]:
    """Name the parts of every kind of answer that an analysis gives."""
    kinds = (analysis.answers, *analysis.also_answers)
    return list(dict.fromkeys(part for kind in kinds for part in parts_of(kind)))
