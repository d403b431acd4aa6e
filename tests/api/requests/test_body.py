"""Reading bodies: within a time, and only what is there."""

import asyncio
from typing import Any, cast

import pytest
from litestar import Request

from rackrate.analyses.problems import BUSY, MALFORMED, TOO_SLOW, Problem
from rackrate.api.limits.body_budget import BodyBudget
from rackrate.api.requests.body import read_body

LARGEST = 900


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
    body_budget = BodyBudget(LARGEST)
    with body_budget.hold() as take:
        content = asyncio.run(read_body(request, take, patience_s=0.05)).content
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
