"""Rulesets: every house default with its source."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from msgspec import Meta

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.api.requests.query import media_of
from rackrate.deal import rulesets
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.pools import rulesets as pool_rulesets

READ = [HttpMethod.GET, HttpMethod.HEAD]


class RulesetList(msgspec.Struct, frozen=True, kw_only=True):
    """The rulesets there are, and the one a request without a name gets."""

    newest: Annotated[str, Meta(description="Name of the one used where a request names none.")]
    rulesets: Annotated[list[RulesetStamp], Meta(description="All there are.")]


def send_struct(request: Request[Any, Any, Any], answer: msgspec.Struct) -> Response[bytes]:
    """Send an answer that is not kept, in the media type that the client accepts."""
    media = media_of(request)
    encode = msgspec.json.encode if media == JSON else msgspec.msgpack.encode
    return Response(encode(answer), media_type=media)


@route("/v1/rulesets", http_method=READ, opt={"scope": "read", "answers": RulesetList})
async def list_rulesets(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List the rulesets.

    Each with the SHA-256 of its file, which answers carry too; and the one used where a request names none.
    """
    stamps = [RulesetStamp(name=name, sha256=rulesets.load(name).sha256) for name in rulesets.names()]
    stamps += [
        RulesetStamp(name=name, sha256=pool_rulesets.load(name).sha256) for name in pool_rulesets.names()
    ]
    return send_struct(request, RulesetList(newest=rulesets.newest().name, rulesets=stamps))


@route(
    "/v1/rulesets/{name:str}",
    http_method=READ,
    opt={"scope": "read", "answers": rulesets.Ruleset, "also_answers": (pool_rulesets.PoolRuleset,)},
)
async def show_ruleset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Show a ruleset.

    Every house default, and under `text` the file that gives the source of each.
    """
    if name in pool_rulesets.names():
        return send_struct(request, pool_rulesets.load(name))
    if name not in rulesets.names():
        known = ", ".join([*rulesets.names(), *pool_rulesets.names()])
        raise Problem(NOT_FOUND, f"There is no such ruleset; there are {known}.")
    return send_struct(request, rulesets.load(name))
