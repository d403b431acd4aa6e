"""An authenticated client: the name that its answers are kept under, and its scopes."""

from typing import Literal

import msgspec

Scope = Literal["price", "read"]


SCOPES: tuple[Scope, ...] = ("price", "read")


class Client(msgspec.Struct, frozen=True):
    """Who asks: the name under which answers are kept apart, and what may be done."""

    name: str
    scopes: frozenset[Scope]


ANYBODY = Client("", frozenset(SCOPES))
