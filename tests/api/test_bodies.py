"""Reading bodies: within a time, and only what is there."""

import asyncio
from typing import Any, cast

import pytest
from litestar import Request

from rackrate.api.bodies import read_body
from rackrate.api.problems import MALFORMED, TOO_SLOW, Problem


class Asked:
    """A request as far as reading its body goes."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.headers = {"content-type": "application/json"}
        self.route_handler = self
        self._messages = list(messages)

    def resolve_request_max_body_size(self) -> int:
        return 1000

    async def receive(self) -> dict[str, Any]:
        if not self._messages:
            await asyncio.sleep(60)
        return self._messages.pop(0)


def read(*messages: dict[str, Any]) -> bytes:
    request = cast("Request[Any, Any, Any]", Asked(*messages))
    return asyncio.run(read_body(request, patience_s=0.05)).content


def test_a_body_arrives_in_pieces() -> None:
    pieces = [
        {"type": "http.request", "body": piece, "more_body": piece != b"}"} for piece in (b"{", b"", b"}")
    ]
    assert read(*pieces) == b"{}"


def test_a_body_that_stalls_is_not_waited_for() -> None:
    with pytest.raises(Problem) as refused:
        read({"type": "http.request", "body": b"{", "more_body": True})
    assert refused.value.kind is TOO_SLOW


def test_a_client_that_leaves_has_sent_nothing() -> None:
    with pytest.raises(Problem) as refused:
        read({"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"})
    assert refused.value.kind is MALFORMED
