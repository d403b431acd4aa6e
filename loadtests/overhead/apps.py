"""What a service is held against: applications that answer the same bytes and compute nothing.

`bare` is plain ASGI: it reads the body and sends what the service sent, headers included. `null` is Litestar:
it decodes the deal into the service's Structs and encodes the underwriting it is given.
The answers are read from the folder in $ANSWERS: NAME.head and NAME.json for each deal, by its name.
"""

import os
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, get, post
from litestar.params import JSONBody

from rackrate.api.middleware.access_log import AccessLog
from rackrate.deal.requests.underwriting import Deal, Underwriting


def _answers() -> list[Path]:
    return sorted(Path(os.environ["ANSWERS"]).glob("*.json"))


def bare() -> Any:
    """The floor: one answer for every request."""
    path = _answers()[0]
    content = path.read_bytes()
    lines = path.with_suffix(".head").read_text().splitlines()
    headers = [(name.encode(), value.encode()) for name, _, value in (line.partition(": ") for line in lines)]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return application


def noted() -> Any:
    """The floor behind the service's access log: what an id, metrics and a line of the log cost alone."""
    inner = bare()
    access_log = AccessLog(inner)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await inner(scope, receive, send)
            return
        scope.setdefault("state", {})
        await access_log(scope, receive, send)

    return application


def null() -> Litestar:
    """What a framework costs: decode a deal, encode the underwriting of the deal of that name."""
    kept = {path.stem: msgspec.json.decode(path.read_bytes(), type=Underwriting) for path in _answers()}

    @post("/v1/underwritings", status_code=200)
    async def underwrite(data: JSONBody[Deal]) -> Underwriting:
        return kept[data.name.replace("/", "-")]

    @get("/")
    async def root() -> str:
        return ""

    return Litestar([underwrite, root], openapi_config=None, logging_config=None)


def fastapi_null() -> Any:
    """The same by FastAPI and pydantic: reads its model of a deal, writes the underwriting of that name."""
    from fastapi import FastAPI
    from loadtests.peers.fastapi_numpy import DealModel

    kept = {path.stem: msgspec.json.decode(path.read_bytes()) for path in _answers()}
    app = FastAPI(openapi_url=None)

    @app.post("/v1/underwritings")
    async def answer(deal: DealModel) -> dict[str, Any]:  # type: ignore[valid-type]
        return dict(kept[deal.name.replace("/", "-")])  # type: ignore[attr-defined]

    @app.get("/")
    async def root() -> dict[str, Any]:
        return {}

    return app
