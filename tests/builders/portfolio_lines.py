"""Portfolios as they are sent, and what is answered to them."""

import json
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

Client = TestClient[Litestar]
Document = dict[str, Any]
PATH, ALONE = "/v1/portfolios", "/v1/underwritings"
LINES, JSON = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "application/json"}


def varied(deal: Document, count: int, start: int = 0) -> list[bytes]:
    """As many deals that differ, a line each."""
    rate = deal["debt"]["rate"]
    deals = [deal | {"debt": deal["debt"] | {"rate": rate + i / 1e6}} for i in range(start, start + count)]
    return [json.dumps(each).encode() for each in deals]


def post(client: Any, content: bytes, path: str = PATH, **headers: str) -> Any:
    return client.post(path, content=content, headers=LINES | headers)


def told(answer: Any) -> list[Document]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.content.endswith(b"\n")
    return [json.loads(line) for line in answer.content.splitlines()]
