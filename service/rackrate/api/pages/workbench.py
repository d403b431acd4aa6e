"""The workbench over HTTP: the page at `/`, the contract as pages at `/docs`, and the files of both."""

# Design: a page may load from its own origin alone, scripts and styles from files only. A program that asks
# for `/` gets the entry, and a browser, which would rather have HTML, the page.

from typing import Any

from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.api.responses.compression import takes_gzip
from rackrate.api.responses.etags import matches
from rackrate.workbench.static import AT, File, file, version

READ = [HttpMethod.GET, HttpMethod.HEAD]
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
FOR_EVER = "public, max-age=31536000, immutable"


def send_page(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
    """Send a page, to be asked for again each time: it names the files of one version."""
    page = file(path)
    assert page is not None, path
    return _send(request, page, {"content-security-policy": POLICY})


@route("/docs", http_method=READ, include_in_schema=False)
async def show_docs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show the contract as pages, on which it can be tried."""
    return send_page(request, "docs.html")


@route(AT + "/{digest:str}/{path:path}", http_method=READ, include_in_schema=False)
async def show_file(
    request: Request[Any, Any, Any], digest: FromPath[str], path: FromPath[str]
) -> Response[bytes]:
    """Send a file of the workbench, to be kept for ever: another version has another address."""
    found = file(str(path).lstrip("/")) if digest == version() else None
    if found is None:
        raise Problem(NOT_FOUND, "There is no such file in this version of the workbench.")
    return _send(request, found, {"cache-control": FOR_EVER})


def _send(request: Request[Any, Any, Any], found: File, headers: dict[str, str]) -> Response[bytes]:
    """Send a file, compressed where the client takes it, or say that the client has it."""
    packs = found.gzipped is not None and takes_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{version()}{"-gzip" if packs else ""}"'
    headers |= {"etag": tag, "vary": "Accept, Accept-Encoding"}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers)
    headers |= {"content-encoding": "gzip"} if packs else {}
    content = found.gzipped if packs and found.gzipped is not None else found.content
    return Response(content, media_type=found.media, headers=headers)
