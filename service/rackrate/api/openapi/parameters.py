"""Parameters of an operation: of its path, its query and its headers."""

from collections.abc import Iterator
from typing import Any, get_args

from litestar.handlers import HTTPRouteHandler

from rackrate.analyses.registry import Analysis
from rackrate.api.requests.query import DETAILS, all_parts_of
from rackrate.deal.answers.tape import Basis, Layout
from rackrate.deal.requests.rent_roll import DateOrder, DecimalMark

PATH_PARAMETERS = {
    "id": "The `id` of an answer, also the end of its `Location`: 64 hexadecimal digits.",
    "name": "Name of a ruleset, one of those that `GET /v1/rulesets` lists.",
    "file": "Name of a file of the page.",
}
QUERY_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "layout": (
        "Layout of a tape: of a CSV file that is read it must be said; written is `schedule_al` if absent.",
        {"type": "string", "enum": list(get_args(Layout))},
    ),
    "basis": (
        "As of when income and value are read; at securitisation if absent.",
        {"type": "string", "enum": list(get_args(Basis))},
    ),
    "sheet": ("Sheet of a workbook; its only one if absent.", {"type": "string"}),
    "dates": (
        "How a date like 03/04/2027 is meant; it is not read if absent.",
        {"type": "string", "enum": list(get_args(DateOrder))},
    ),
    "decimals": (
        "What separates decimals; a point if absent.",
        {"type": "string", "enum": list(get_args(DecimalMark))},
    ),
    "tenants": (
        "Tenants of the deal that rows are matched to, `ID` or `ID:NAME` separated by commas.",
        {"type": "string"},
    ),
    "month": (
        "Boundary as of which a tape is written, months from closing; 0 if absent.",
        {"type": "integer", "format": "int64", "minimum": 0, "maximum": 480},
    ),
    "stated": (
        "Totals to be held against those read, `NAME:NUMBER` separated by commas: `count:35,balance:9.5e8`.",
        {"type": "string"},
    ),
}
HEADER_PARAMETERS = [
    {"name": name, "in": "header", "description": description, "schema": schema}
    for name, description, schema in (
        (
            "Idempotency-Key",
            "The same key with another body is refused with 409.",
            {"type": "string", "pattern": "^[!-~]{1,255}$"},
        ),
        ("Prefer", "`return=minimal` for the headers of the answer alone, with 204.", {"type": "string"}),
    )
]


def path_parameters(path: str) -> Iterator[dict[str, Any]]:
    """Describe the parts of a path that are in braces."""
    for part in path.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            yield {
                "name": name,
                "in": "path",
                "description": PATH_PARAMETERS[name],
                "required": True,
                "schema": {"type": "string"},
            }


def query_parameters(handler: HTTPRouteHandler) -> Iterator[dict[str, Any]]:
    """Describe the query; what it may say of parts is the parts of the answer."""
    analysis: Analysis | None = handler.opt.get("analysis") or handler.opt.get("lines")
    known = handler.opt.get("query", ())
    if analysis and "fields" in known:
        yield {
            "name": "fields",
            "in": "query",
            "description": "Parts of the answer to return, separated by commas; all of them if absent.",
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "string", "enum": all_parts_of(analysis)}},
        }
    if "detail" in known:
        yield {
            "name": "detail",
            "in": "query",
            "description": f"`facility` adds the cash flow of each facility. By default `{DETAILS[0]}`.",
            "schema": {"type": "string", "enum": list(DETAILS), "x-default": DETAILS[0]},
        }
    for name in (name for name in known if name in QUERY_PARAMETERS):
        description, schema = QUERY_PARAMETERS[name]
        yield {"name": name, "in": "query", "description": description, "schema": schema}
