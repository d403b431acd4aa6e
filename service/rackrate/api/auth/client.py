"""An authenticated client: the name that its answers are kept under, and its scopes."""

from typing import Literal

import msgspec

Scope = Literal["price", "read"]


SCOPES: tuple[Scope, ...] = ("price", "read")


class AuthenticatedClient(msgspec.Struct, frozen=True):
    """The name under which a client's answers are cached apart, its scopes; its key or token, for the log."""

    name: str
    scopes: frozenset[Scope]
    credential: str = ""


ANONYMOUS = AuthenticatedClient("", frozenset(SCOPES))
