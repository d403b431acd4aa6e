"""Health probes: live while the process answers, ready once it can underwrite, with or without its cache."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from msgspec import Meta

from rackrate.analyses.identity import ENGINE
from rackrate.api.auth.guard import Clients
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.draining import DRAINING
from rackrate.deal.codec.media_types import JSON

READ = [HttpMethod.GET, HttpMethod.HEAD]
Status = Literal["live", "ready", "leaving"]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is: what runs, and where answers are kept."""

    status: Annotated[Status, Meta(description="`leaving` once it is told to stop.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    cache: Annotated[str, Meta(description="Where answers are kept, and whether that is in reach.")]
    credentials: Annotated[
        Literal["current", "outdated"],
        Meta(description="`outdated` while a file of keys is not understood and what it said before holds."),
    ]


@route("/health/live", http_method=READ, opt={"answers": Health})
async def live(dispatcher: NamedDependency[Dispatcher], clients: NamedDependency[Clients]) -> Response[bytes]:
    """Say that the process answers.

    For a liveness probe: 200 also while the service stops, and whatever has become of the cache.
    """
    return _send("live", dispatcher, clients)


@route("/health/ready", http_method=READ, opt={"answers": Health, "unready": Health})
async def ready(
    dispatcher: NamedDependency[Dispatcher], clients: NamedDependency[Clients]
) -> Response[bytes]:
    """Say that the service can underwrite.

    For a readiness probe: 503 once the service is told to stop. It does not depend on the cache.
    """
    return (
        _send("leaving", dispatcher, clients, 503)
        if DRAINING.leaving
        else _send("ready", dispatcher, clients)
    )


def _send(status: Status, dispatcher: Dispatcher, clients: Clients, code: int = 200) -> Response[bytes]:
    credentials: Literal["current", "outdated"] = "current" if clients.are_current() else "outdated"
    health = Health(status=status, engine=ENGINE, cache=dispatcher.results.state, credentials=credentials)
    return Response(msgspec.json.encode(health), status_code=code, media_type=JSON)
