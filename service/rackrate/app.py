"""The application: where settings, cache, clients and handlers meet."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Guard
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from rackrate import settings as environment
from rackrate.api.auth.guard import Clients
from rackrate.api.auth.reloading import FileError
from rackrate.api.auth.tokens import Tokens
from rackrate.api.cache.memory import MemoryResults
from rackrate.api.cache.redis_store import RedisResults
from rackrate.api.cache.store import Results
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.compute.document_maker import DocumentMaker
from rackrate.api.limits.body_budget import BODY_BYTES
from rackrate.api.limits.portfolio_slots import PortfolioSlots
from rackrate.api.limits.rate_limit import RateLimiter
from rackrate.api.middleware.access_log import AccessLog
from rackrate.api.middleware.admission import AdmissionControl
from rackrate.api.middleware.response_cache import ResponseCache
from rackrate.api.pages import entry, workbench
from rackrate.api.pages.openapi import show_contract
from rackrate.api.requests.query import admit_query
from rackrate.api.requests.rate_guard import admit_rate
from rackrate.api.responses.problem_details import HANDLERS
from rackrate.api.routes import (
    books,
    comparisons,
    documents,
    health,
    metrics,
    pools,
    portfolios,
    rent_rolls,
    rulesets,
    sensitivities,
    simulations,
    sizings,
    tapes,
    templates,
    underwritings,
    waterfalls,
)
from rackrate.api.server.connections import Connections, descriptors
from rackrate.api.server.unread import UnreadResponses
from rackrate.api.telemetry.traces import TRACES
from rackrate.settings import Settings

ROUTES = [
    underwritings.underwrite_deal,
    underwritings.fetch_underwriting,
    *documents.HANDLERS,
    sizings.size_loan,
    waterfalls.pay_classes,
    comparisons.compare_templates,
    sensitivities.try_adjustments,
    simulations.simulate_deal,
    books.underwrite_book,
    portfolios.underwrite_portfolio,
    rulesets.list_rulesets,
    rulesets.show_ruleset,
    templates.list_templates,
    health.live,
    health.ready,
    pools.post_pool,
    pools.fetch_pool,
    pools.fetch_tape,
    tapes.post_tape,
    rent_rolls.post_rent_roll,
    metrics.show_metrics,
    show_contract,
    entry.show_entry,
    entry.show_health,
    entry.show_yaml,
    workbench.show_docs,
    workbench.show_file,
]
BODIES = 4  # of the longest that there must be room for
COMPUTING = {  # whether it is long work, by path
    path: handler.opt["analysis"].long
    for handler in ROUTES
    if "POST" in handler.http_methods and "analysis" in handler.opt
    for path in handler.paths
}
LONGER = {
    each.PATH: each.MOST_BYTES for each in (books, pools, tapes, rent_rolls)
}  # bodies of these paths may be longer than the usual
STREAMED = frozenset(path for handler in ROUTES if "lines" in handler.opt for path in handler.paths)


def create_app(settings: Settings, results: Results, understood: dict[str, bytes] | None = None) -> Litestar:
    """Join the parts into an ASGI application that keeps answers in `results`.

    What was `understood` before of a file of keys, by path, holds until the file is understood again.
    """
    most_bytes = max(BODY_BYTES, BODIES * settings.max_body_bytes)
    dispatcher = Dispatcher(results, settings.queue_ms / 1000, settings.max_work, most_bytes)
    document_maker, portfolio_slots = DocumentMaker(dispatcher), PortfolioSlots()
    clients = clients_of(settings, understood)
    rate_limiter = RateLimiter(
        settings.rate_per_minute, settings.processes, settings.redis_url, secret=settings.cache_secret
    )
    app = Litestar(
        route_handlers=ROUTES,
        guards=[_guard_of(clients, rate_limiter)],
        dependencies={
            "clients": Provide(lambda: clients, sync_to_thread=False),
            "dispatcher": Provide(lambda: dispatcher, sync_to_thread=False),
            "document_maker": Provide(lambda: document_maker, sync_to_thread=False),
            "portfolio_slots": Provide(lambda: portfolio_slots, sync_to_thread=False),
            "rate_limiter": Provide(lambda: rate_limiter, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        request_max_body_size=settings.max_body_bytes,
        on_startup=[dispatcher.start, lambda: TRACES.start(os.environ)],
        on_shutdown=[dispatcher.stop, rate_limiter.stop, TRACES.stop],
        openapi_config=None,
        logging_config=None,
    )
    response_cache = ResponseCache(app.asgi_handler, dispatcher, clients, rate_limiter, STREAMED)
    admission = AdmissionControl(response_cache, dispatcher, COMPUTING)
    connections = Connections(descriptors())
    usual, many = settings.max_body_bytes, max(portfolios.MOST_BYTES, settings.max_body_bytes)
    app.state.update(
        {
            "dispatcher": dispatcher,
            "admission": admission,
            "rate_limiter": rate_limiter,
            "response_cache": response_cache,
            "portfolio_slots": portfolio_slots,
        }
    )
    app.state.update({"connections": connections, "unread": UnreadResponses()})
    app.state["longest_body"] = lambda path: many if path in STREAMED else max(usual, LONGER.get(path, 0))
    app.asgi_handler = AccessLog(admission)
    if settings.proxies:  # both speak ASGI, each with types of its own for it
        inner: Any = app.asgi_handler
        app.asgi_handler = cast("ASGIApp", ProxyHeadersMiddleware(inner, trusted_hosts=settings.proxies))
    return app


def _guard_of(clients: Clients, rate_limiter: RateLimiter) -> Guard:
    """Join the guards of every route into one: the framework copies the handler for each that it asks."""

    async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await clients.admit(connection, handler)
        await admit_rate(rate_limiter, connection, handler)
        await admit_query(connection, handler)

    return admit


def clients_of(settings: Settings, understood: dict[str, bytes] | None = None) -> Clients:
    """Make the clients' authentication, of the files that are configured."""
    tokens = None
    if settings.jwks_file:
        with _named_by("jwks_file"):
            tokens = Tokens(settings.jwks_file, settings.jwt_issuer, settings.jwt_audience, understood)
    with _named_by("api_keys_file"):
        return Clients(settings.api_keys_file, tokens, understood)


@contextmanager
def _named_by(setting: str) -> Iterator[None]:
    """Put before what is wrong with a file the variable that names it."""
    try:
        yield
    except FileError as error:
        raise FileError(f"{environment.PREFIX}{setting.upper()}: {error}") from None


def cache_of(settings: Settings) -> Results:
    """Choose the cache: Redis where one is named, else this process."""
    if settings.redis_url:
        return RedisResults(settings.redis_url, settings.cache_ttl_s, settings.cache_secret)
    return MemoryResults(settings.cache_ttl_s)


def of_worker(settings: Settings, understood: dict[str, bytes]) -> Litestar:
    """Make the application of a worker process, of what its supervisor read."""
    return create_app(settings, cache_of(settings), understood)


def from_environment() -> Litestar:
    """Make the application for a server that is not ours."""
    return of_worker(environment.read(os.environ), {})
