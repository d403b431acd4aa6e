"""Count a request against its client's rate limit before it is answered."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from rackrate.api.limits.address import account_of
from rackrate.api.limits.rate_limit import RateLimiter
from rackrate.api.request_state import RATE_LIMIT, RATE_REFUSAL


async def admit_rate(
    rate_limiter: RateLimiter, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Guard a route that needs a scope; what was refused ahead of routing is counted already.

    Raises
    ------
    Problem
        429 where the client is beyond its limit.
    """
    refused = RATE_REFUSAL.get(connection.scope)
    if refused is not None:
        raise refused
    if rate_limiter.limit and "scope" in handler.opt:
        account = account_of(connection.scope, connection.scope["user"].name)
        state = await rate_limiter.take(account)
        if state is not None:
            RATE_LIMIT.set(connection.scope, state)
