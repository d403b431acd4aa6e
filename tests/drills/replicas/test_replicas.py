"""Replicas with one Redis: whoever computed an answer, all have it, and the same bytes."""

from collections.abc import Callable
from typing import Any

import httpx
from tests.conftest import Service, until
from tests.drills.figures import Figures
from tests.drills.load.crowd import UNDERWRITINGS

Start = Callable[..., Any]
JSON = {"Content-Type": "application/json"}


def test_an_answer_computed_by_one_replica_is_read_from_the_others(
    start_redis: Start, start_replicas: Start, deals: Start, figures: Figures
) -> None:
    one, *others = start_replicas(start_redis().url).values()
    bodies = deals(6)
    computed = [one.http.post(UNDERWRITINGS, content=body, headers=JSON) for body in bodies]
    assert [(each.status_code, each.headers["x-cache"]) for each in computed] == [(200, "miss")] * len(bodies)
    differing = 0
    for body, answer in zip(bodies, computed, strict=True):
        for other in others:
            read = fetched(other, answer.headers["location"])
            asked = other.http.post(UNDERWRITINGS, content=body, headers=JSON)
            differing += not read == asked.content == answer.content
    figures.hold("computed by one replica, read from two", f"other bytes, of {2 * len(bodies)}", differing, 0)


def fetched(replica: Service, location: str) -> bytes:
    """The answer by its address, which only the cache has; what comes late from there is a miss."""
    told: list[httpx.Response] = []

    def is_there() -> bool:
        told.append(replica.http.get(location))
        return told[-1].status_code == 200

    until(is_there, "the answer to be read")
    return told[-1].content
