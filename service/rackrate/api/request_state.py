"""What one request carries through the application: the typed names of the ASGI scope's `state`."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from rackrate.analyses.problems import Problem
from rackrate.api.cache.cache_mark import CacheMark
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.limits.rate_limit import RateLimitState

Value = TypeVar("Value")


class StateKey(Generic[Value]):
    """A name in the state of a request, and the type of what is there.

    >>> scope = {"state": {}}
    >>> RESERVATION.set(scope, 7)
    >>> RESERVATION.get(scope), BODY.get(scope)
    (7, None)
    """

    def __init__(self, name: str) -> None:
        """Store the value under `name` in the state of a request."""
        self._name = name

    def get(self, scope: Mapping[str, Any]) -> Value | None:
        """Return the value of a request; None where it has none."""
        found: Value | None = scope["state"].get(self._name)
        return found

    def set(self, scope: Mapping[str, Any], value: Value) -> None:
        """Set the value of a request."""
        scope["state"][self._name] = value


RESERVATION = StateKey[int]("reservation")  # of a place in the queue of short work, made by the protocol
BODY = StateKey[BodyReader]("body")  # begun by the response cache
RATE_LIMIT = StateKey[RateLimitState]("rate_limit")  # for the headers of the response
RATE_REFUSAL = StateKey[Problem]("rate_refusal")  # a 429 met ahead of routing, answered by the framework
CACHE_MARK = StateKey[CacheMark]("cache_mark")  # of a response that came out of the cache
