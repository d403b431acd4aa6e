"""Documents of an underwriting by its id: tables of it."""

from collections.abc import Callable, Coroutine
from typing import Any

from litestar import Request, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.compute.document_maker import DocumentMaker, titled
from rackrate.api.requests.query import view_of
from rackrate.api.responses.documents import document_media, respond_document
from rackrate.api.routes.underwritings import ANALYSES, PATH
from rackrate.documents.document import Document
from rackrate.documents.documents import DOCUMENTS

READ = [HttpMethod.GET, HttpMethod.HEAD]
Fetch = Callable[..., Coroutine[Any, Any, ASGIApp]]


def _fetching(document: Document) -> Fetch:
    """Make the function that answers with a document; its name and words are the document's."""

    async def fetch(
        request: Request[Any, Any, Any],
        dispatcher: NamedDependency[Dispatcher],
        document_maker: NamedDependency[DocumentMaker],
        id_: FromPath[str],
    ) -> ASGIApp:
        media = document_media(request, document)
        view = view_of(request, media=media)
        client: str = request.user.name
        answer = await dispatcher.fetch(ANALYSES[view.detail], id_, client, request.receive)
        if answer is None:
            raise Problem(NOT_FOUND, "No underwriting of yours is kept under this id; it may have expired.")
        if document.structured and not titled(answer).structured:
            raise Problem(NOT_FOUND, f"The deal has no structure, and so no {document.name}.")
        return await respond_document(
            request,
            document,
            answer,
            view,
            lambda: document_maker.make(document, answer, media, client, request.receive),
        )

    fetch.__name__ = f"fetch_{document.name}"
    fetch.__doc__ = f"Fetch {document.title} of an underwriting.\n\n{document.about}"
    return fetch


def _handler(document: Document) -> HTTPRouteHandler:
    options: tuple[str, ...] = ("detail",) if document.detail else ()
    opt = {"scope": "read", "document": document, "query": options}
    return route(f"{PATH}/{{id_:str}}/{document.name}", http_method=READ, opt=opt)(_fetching(document))


HANDLERS = [_handler(document) for document in DOCUMENTS.values()]
