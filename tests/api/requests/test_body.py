"""Reading bodies: within a time, and only what is there."""

import asyncio
from typing import Any, cast

import pytest
from litestar import Request

from rackrate.analyses.problems import BUSY, MALFORMED, TOO_SLOW, Problem
from rackrate.api.limits.body_budget import BodyBudget
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.request_state import BODY
from rackrate.api.requests.body import read_document, reader_of

LARGEST = 900


class Asked:
    """A request as far as reading its body goes."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.headers = {"content-type": "application/json"}
        self.scope: dict[str, Any] = {"state": {}}
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
    body_budget = BodyBudget(LARGEST)
    with reader_of(request, body_budget) as reader:
        content = asyncio.run(read_document(request, reader, patience_s=0.05)).content
        assert body_budget.held == len(content)
    assert body_budget.held == 0
    return content


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


def test_bodies_that_are_too_much_together_are_refused_and_let_go() -> None:
    """Three of 400 bytes are 1,200: the third is too much for 900, and gives back what it took."""
    body_budget = BodyBudget(LARGEST)
    with body_budget.hold() as first, body_budget.hold() as second:
        first(400)
        second(400)
        with pytest.raises(Problem) as refused, body_budget.hold() as third:
            third(400)
        assert (refused.value.kind, body_budget.held) == (BUSY, 800)
        assert {"Retry-After", "Connection"} <= set(refused.value.headers)
    assert body_budget.held == 0


def test_a_body_that_two_ask_for_is_received_once_and_counted_once() -> None:
    """Two of 400 bytes are within 900; counted twice, the second would be beyond it."""

    async def story() -> None:
        body_budget = BodyBudget(LARGEST)
        with body_budget.hold() as first, body_budget.hold() as second:
            for take in (first, second):
                parts = ({"type": "http.request", "body": bytes(200), "more_body": more} for more in (1, 0))
                request = cast("Request[Any, Any, Any]", Asked(*parts))
                ahead = BodyReader(request.receive, take)
                BODY.set(request.scope, ahead)
                content = await ahead.read(LARGEST)
                with reader_of(request, body_budget) as reader:
                    assert (await read_document(request, reader)).content is content
            assert body_budget.held == 800

    asyncio.run(story())
