"""Operations: one route as OpenAPI describes it, from its handler's options and docstring."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from litestar.handlers import HTTPRouteHandler

from rackrate.analyses.problems import KINDS, ProblemDetails
from rackrate.analyses.registry import UNDERWRITE, UNDERWRITE_POOL_WITH_TRANCHES, Analysis
from rackrate.api.openapi.schemas import part_of
from rackrate.api.requests.files import FILE_KINDS, media_names
from rackrate.api.requests.query import DETAILS, all_parts_of
from rackrate.api.responses.events import EVENTS
from rackrate.api.responses.problem_details import MEDIA_TYPE
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.answers.tape import Basis, Layout
from rackrate.deal.codec.media_types import JSON, MSGPACK, NDJSON, NDJSON_NAMES, XLSX
from rackrate.deal.requests.portfolio_line import KeyedDeal
from rackrate.deal.requests.rent_roll import DateOrder, DecimalMark
from rackrate.deal.requests.tape import file_kind
from rackrate.documents.document import Document, Form

LINES: list[type[msgspec.Struct]] = [UnderwrittenLine, RefusedLine]
POOLS = (UNDERWRITE_POOL_WITH_TRANCHES.reads, *UNDERWRITE_POOL_WITH_TRANCHES.also_reads)
HEADERS = {
    "ETag": "Names these bytes; send it as If-None-Match.",
    "X-Cache": "`hit` where the answer was kept, `miss` where it was computed; the bytes are the same.",
    "Content-Disposition": "The name of the file: of the deal, the document and the answer.",
    "Location": "Where the answer can be fetched again until it expires.",
}
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
_HEADER_PARAMETERS = [
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


def tag_of(handler: HTTPRouteHandler) -> dict[str, str]:
    """Describe the group a route belongs to: its module."""
    module = inspect.getmodule(handler.fn)
    summary, _, _ = (inspect.getdoc(module) or "").partition("\n")
    return {"name": handler.fn.__module__.rpartition(".")[2], "description": summary}


FETCHED_HEADERS = ["ETag", "X-Cache"]
FETCHED = (UNDERWRITE, UNDERWRITE_POOL_WITH_TRANCHES)  # answers with a place of their own


def operation(path: str, handler: HTTPRouteHandler, names: list[str]) -> dict[str, Any]:
    """Describe one route; `names` are those of its examples."""
    summary, _, description = (inspect.getdoc(handler.fn) or "").partition("\n\n")
    analysis: Analysis | None = handler.opt.get("analysis")
    lines: Analysis | None = handler.opt.get("lines")
    described: dict[str, Any] = {"operationId": handler.handler_name, "summary": summary.rstrip(".")}
    described["tags"] = [tag_of(handler)["name"]]
    if description:
        described["description"] = description
    described["parameters"] = [*_path_parameters(path), *_query_parameters(handler)]
    if analysis and "POST" in handler.http_methods:
        described["parameters"] += _HEADER_PARAMETERS
        described["requestBody"] = {"required": True, "content": _asked(handler, analysis, names)}
    if lines:
        described["parameters"] += _HEADER_PARAMETERS[:1]
        described["requestBody"] = {
            "required": True,
            "content": _lines([lines.reads, *POOLS, KeyedDeal], names, "request"),
        }
    described["responses"] = {"200": _success(handler, analysis, names), **_refusals(path, handler)}
    if analysis and "POST" in handler.http_methods:
        described["responses"]["204"] = {"description": "As preferred: the headers of the answer alone."}
    if analysis and analysis.compute_with_progress:
        described["responses"]["200"]["content"][EVENTS] = {"schema": {"type": "string"}}
    described["security"] = [{}, {"key": []}] if "scope" in handler.opt else []
    return described


def structs_of(handler: HTTPRouteHandler) -> list[type[msgspec.Struct]]:
    """List what a route reads and answers."""
    analysis: Analysis | None = handler.opt.get("analysis")
    lines: Analysis | None = handler.opt.get("lines")
    answers: type[msgspec.Struct] | None = handler.opt.get("answers")
    if lines:
        pools = UNDERWRITE_POOL_WITH_TRANCHES
        return [lines.reads, *POOLS, KeyedDeal, lines.answers, pools.answers, *pools.also_answers, *LINES]
    document: Document | None = handler.opt.get("document")
    if document:
        return [form.answers for form in document.forms if form.answers]
    if analysis:
        return [*reads_of(handler), *analysis.also_answers, analysis.answers]
    return [*handler.opt.get("also_answers", ()), answers] if answers else []


def reads_of(handler: HTTPRouteHandler) -> list[type[msgspec.Struct]]:
    """List the documents that a route reads; a route of files reads none."""
    analysis: Analysis | None = handler.opt.get("analysis")
    return [] if analysis is None or "files" in handler.opt else [analysis.reads, *analysis.also_reads]


def _asked(handler: HTTPRouteHandler, analysis: Analysis, names: list[str]) -> dict[str, Any]:
    """Describe what is posted: a document, or a file in each media type it may have."""
    if "files" not in handler.opt:
        return _content(_any_of(analysis.reads, *analysis.also_reads), names, "request")
    examples = {name: {"$ref": f"#/components/examples/{name}-request"} for name in names}
    of_kind = {
        media: {
            name: example
            for name, example in examples.items()
            if FILE_KINDS[media] == (file_kind(name) or "csv")
        }
        for media in media_names(handler.opt["files"])
    }
    return {
        media: {"schema": _text_or_bytes(media)} | ({"examples": found} if found else {})
        for media, found in of_kind.items()
    }


def _text_or_bytes(media: str) -> dict[str, Any]:
    """Describe a file: text, or bytes that OpenAPI's tools hand over."""
    return {"type": "string", "format": "binary"} if media == XLSX else {"type": "string"}


def _any_of(*structs: type[msgspec.Struct]) -> dict[str, Any]:
    """Refer to one schema, or to any of several."""
    parts = [part_of(struct.__name__) for struct in structs]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
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


def _query_parameters(handler: HTTPRouteHandler) -> Iterator[dict[str, Any]]:
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


def _content(schema: dict[str, Any], names: list[str], side: str) -> dict[str, Any]:
    """Describe a body in each language that is spoken; examples are written in JSON alone.

    Who sends MessagePack hands over bytes; what is read of either is the same document.
    """
    examples = {name: {"$ref": f"#/components/examples/{name}-{side}"} for name in names}
    return {
        JSON: {"schema": schema} | ({"examples": examples} if examples else {}),
        MSGPACK: {"schema": _bytes(MSGPACK, "The same document.", schema) if side == "request" else schema},
    }


def _bytes(media: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe what is bytes to OpenAPI and its tools, and a document to who reads `contentSchema`."""
    return {
        "type": "string",
        "format": "binary",
        "description": description,
        "contentMediaType": media,
        "contentSchema": schema,
    }


def _lines(structs: list[type[msgspec.Struct]], names: list[str], side: str) -> dict[str, Any]:
    """Describe a body of lines, each a JSON document; OpenAPI 3.1 has no words of its own for that."""
    line = [part_of(struct.__name__) for struct in structs]
    items = {"type": "array", "items": {"anyOf": line}}
    schema = _bytes(NDJSON, "One JSON document a line; the items are the lines.", items)
    examples = {name: {"$ref": f"#/components/examples/{name}-{side}"} for name in names}
    return {media: {"schema": schema, "examples": examples} for media in NDJSON_NAMES[:2]}


def _success(handler: HTTPRouteHandler, analysis: Analysis | None, names: list[str]) -> dict[str, Any]:
    """Describe the answer; `fields` leaves parts out, so that no part of it is required."""
    if "lines" in handler.opt:
        content = _lines(LINES, names, "answer")
        return {"description": "What became of each line, in order, as it is ready.", "content": content}
    if "document" in handler.opt:
        return _document(handler.opt["document"])
    if "files" in handler.opt and not analysis:
        return _file(handler)
    structs = structs_of(handler)
    schema = part_of(structs[-1].__name__) if structs else {"type": "object"}
    if not analysis:
        media = handler.opt.get("media", JSON)
        schema = {"type": "string"} if media.startswith("text/") else schema
        schema = _any_of(*structs) if len(structs) > 1 else schema
        content = _content(schema, [], "answer") if "scope" in handler.opt else {media: {"schema": schema}}
        return {"description": "As asked.", "content": content}
    headers = FETCHED_HEADERS + (
        ["Location"]
        if analysis in (UNDERWRITE, UNDERWRITE_POOL_WITH_TRANCHES) and "POST" in handler.http_methods
        else []
    )
    return {
        "description": "The answer, whole or the parts named by `fields`.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": _content(_any_of(analysis.answers, *analysis.also_answers), names, "answer"),
    }


def _file(handler: HTTPRouteHandler) -> dict[str, Any]:
    """Describe an answer that is a file, in each media type it may have."""
    headers = [*FETCHED_HEADERS, "Content-Disposition"]
    return {
        "description": "The file.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {media: {"schema": {"type": "string"}} for media in media_names(handler.opt["files"])},
    }


def _document(document: Document) -> dict[str, Any]:
    """Describe a document in each of its forms."""
    headers = [*FETCHED_HEADERS, "Content-Disposition"]
    return {
        "description": "The document, to be kept as a file.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {form.media: _form(document, form) for form in document.forms},
    }


def _form(document: Document, form: Form) -> dict[str, Any]:
    """Describe one form of a document: a schema where it has one, text, or bytes; text has an example."""
    if form.answers is not None:
        schema = part_of(form.answers.__name__)
    elif form.media.startswith("text/"):
        schema = {"type": "string"}
    else:
        return {"schema": {"type": "string", "format": "binary", "contentMediaType": form.media}}
    name = f"{document.name}-{form.suffix}"
    return {"schema": schema, "examples": {name: {"$ref": f"#/components/examples/{name}"}}}


def _refusals(path: str, handler: HTTPRouteHandler) -> dict[str, Any]:
    """List the statuses a route can refuse with, 304 among them; any may be asked with a query it has not."""
    statuses = {408, 422, 431, 500}
    if "scope" in handler.opt:
        statuses |= {401, 403, 406, 429}
    if "{" in path:
        statuses.add(404)
    if "query" in handler.opt:
        statuses.add(503)
    if "POST" in handler.http_methods:
        statuses |= {400, 409, 413, 415}
    refusals: dict[str, Any] = {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)
    }
    if unready := handler.opt.get("unready"):
        schema = part_of(unready.__name__)
        refusals["503"] = {"description": "Not now.", "content": {JSON: {"schema": schema}}}
    has_tag = "query" in handler.opt and "POST" not in handler.http_methods
    return ({"304": {"description": "The client has these bytes."}} if has_tag else {}) | refusals


def problem_responses(used: set[str]) -> dict[str, Any]:
    """Describe the problems by status, of those that the routes use.

    A method none has is no route's.
    """
    statuses = sorted({kind.status for kind in KINDS if str(kind.status) in used})
    schema = part_of(ProblemDetails.__name__)
    return {
        str(status): {
            "description": "; ".join(
                f"`{kind.name}`: {kind.title}" for kind in KINDS if kind.status == status
            ),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }
