"""Documents of an underwriting, or of a pool, by its id: a memo, tables."""

from collections.abc import Callable, Coroutine
from typing import Any

from litestar import Request, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.analyses.projection import View
from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES
from rackrate.api.compute.dispatcher import Answer, Dispatcher
from rackrate.api.compute.document_maker import DocumentMaker, titled
from rackrate.api.requests.query import view_of
from rackrate.api.responses.documents import document_media, respond_document
from rackrate.api.routes import pools, underwritings
from rackrate.api.routes.underwritings import ANALYSES
from rackrate.documents.document import Document
from rackrate.documents.documents import DOCUMENTS, POOL_DOCUMENTS

READ = [HttpMethod.GET, HttpMethod.HEAD]
PATHS = {"deal": underwritings.PATH, "pool": pools.PATH}
KEPT = {"deal": "underwriting", "pool": "pool"}
SUBJECTS = {"deal": "an underwriting", "pool": "a pool"}
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
        answer = await _answer(request, dispatcher, document, view, id_)
        client: str = request.user.name
        return await respond_document(
            request,
            document,
            answer,
            view,
            lambda: document_maker.make(document, answer, media, client, request.receive),
        )

    fetch.__name__ = f"fetch_{'pool_' if document.of == 'pool' else ''}{document.name}"
    fetch.__doc__ = f"Fetch {document.title} of {SUBJECTS[document.of]}.\n\n{document.about}"
    return fetch


async def _answer(
    request: Request[Any, Any, Any], dispatcher: Dispatcher, document: Document, view: View, id_: str
) -> Answer:
    """Find the answer that a document is of.

    Raises
    ------
    Problem
        404 where it is not kept for this client, or is of a deal that has no such document.
    """
    analysis = UNDERWRITE_POOL_WITH_TRANCHES if document.of == "pool" else ANALYSES[view.detail]
    answer = await dispatcher.fetch(analysis, id_, request.user.name, request.receive)
    if answer is None:
        raise Problem(
            NOT_FOUND, f"No {KEPT[document.of]} of yours is kept under this id; it may have expired."
        )
    if document.structured and not titled(answer).structured:
        raise Problem(NOT_FOUND, f"The deal has no structure, and so no {document.name}.")
    return answer


def _handler(document: Document) -> HTTPRouteHandler:
    options: tuple[str, ...] = ("detail",) if document.detail else ()
    opt = {"scope": "read", "document": document, "query": options}
    return route(f"{PATHS[document.of]}/{{id_:str}}/{document.name}", http_method=READ, opt=opt)(
        _fetching(document)
    )


HANDLERS = [_handler(document) for document in (*DOCUMENTS.values(), *POOL_DOCUMENTS.values())]
