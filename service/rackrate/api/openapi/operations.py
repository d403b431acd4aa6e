"""Operations: one route as OpenAPI describes it, from its handler's options and docstring."""

import inspect
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from rackrate.analyses.problems import KINDS, ProblemDetails
from rackrate.analyses.registry import UNDERWRITE, UNDERWRITE_POOL_WITH_TRANCHES, Analysis
from rackrate.api.openapi.contents import any_of, content_of, lines_of, text_or_bytes
from rackrate.api.openapi.parameters import HEADER_PARAMETERS, path_parameters, query_parameters
from rackrate.api.openapi.schemas import part_of
from rackrate.api.requests.files import FILE_KINDS, media_names
from rackrate.api.responses.events import EVENTS
from rackrate.api.responses.problem_details import MEDIA_TYPE
from rackrate.deal.answers.portfolio_lines import RefusedLine, UnderwrittenLine
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.requests.portfolio_line import KeyedDeal
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
    described["parameters"] = [*path_parameters(path), *query_parameters(handler)]
    if analysis and "POST" in handler.http_methods:
        described["parameters"] += HEADER_PARAMETERS
        described["requestBody"] = {"required": True, "content": _asked(handler, analysis, names)}
    if lines:
        described["parameters"] += HEADER_PARAMETERS[:1]
        described["requestBody"] = {
            "required": True,
            "content": lines_of([lines.reads, *POOLS, KeyedDeal], names, "request"),
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
        return content_of(any_of(analysis.reads, *analysis.also_reads), names, "request")
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
        media: {"schema": text_or_bytes(media)} | ({"examples": found} if found else {})
        for media, found in of_kind.items()
    }


def _success(handler: HTTPRouteHandler, analysis: Analysis | None, names: list[str]) -> dict[str, Any]:
    """Describe the answer; `fields` leaves parts out, so that no part of it is required."""
    if "lines" in handler.opt:
        content = lines_of(LINES, names, "answer")
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
        schema = any_of(*structs) if len(structs) > 1 else schema
        content = content_of(schema, [], "answer") if "scope" in handler.opt else {media: {"schema": schema}}
        return {"description": "As asked.", "content": content}
    headers = FETCHED_HEADERS + (
        ["Location"]
        if analysis in (UNDERWRITE, UNDERWRITE_POOL_WITH_TRANCHES) and "POST" in handler.http_methods
        else []
    )
    return {
        "description": "The answer, whole or the parts named by `fields`.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": content_of(any_of(analysis.answers, *analysis.also_answers), names, "answer"),
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
