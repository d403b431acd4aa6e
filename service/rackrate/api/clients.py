"""Clients: who asks, by API key, and what they may do; with no keys configured anybody may do anything."""

import datetime as dt
import hashlib
import hmac
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from rackrate.api.problems import FORBIDDEN, UNAUTHENTICATED, Problem

Scope = Literal["price", "read"]
SCOPES: tuple[Scope, ...] = ("price", "read")
PREFIX = "rr_"
NOBODYS_HASH = "0" * 64


class KeysError(Exception):
    """What is wrong with the API keys file."""


class Client(msgspec.Struct, frozen=True):
    """Who asks: the name under which answers are kept apart, and what may be done."""

    name: str
    scopes: frozenset[Scope]


ANYBODY = Client("", frozenset(SCOPES))


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One API key as the file has it: never the key, only its hash."""

    client: Annotated[str, Meta(min_length=1, max_length=100)]
    id: Annotated[str, Meta(pattern="^[A-Za-z0-9]{4,32}$")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    scopes: frozenset[Scope]
    not_after: Any = None

    def __post_init__(self) -> None:
        """Refuse an expiry that is no TOML date or date-time."""
        if not isinstance(self.not_after, dt.date | None):
            raise ValueError("not_after must be a date or a date-time")  # noqa: TRY004  msgspec reports a ValueError

    def expired(self, now: dt.datetime) -> bool:
        """Whether `now` is past the expiry; a date lasts to its end, and no offset means UTC."""
        if self.not_after is None:
            return False
        end = self.not_after
        if not isinstance(end, dt.datetime):
            end = dt.datetime.combine(end, dt.time.max)
        return bool(now > (end if end.tzinfo else end.replace(tzinfo=dt.UTC)))


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The API keys file."""

    key: list[Key] = []


class Keyring:
    """The API keys that are accepted, or none, which accepts everybody."""

    def __init__(self, keys: list[Key]) -> None:
        """Keep `keys` by id; an empty list asks nobody for a key."""
        self._by_id = {key.id: key for key in keys}

    def client(self, authorization: str, now: dt.datetime) -> Client:
        """Who sent this `Authorization` header.

        An unknown id is compared against a hash nothing has, so that it takes as long as a wrong secret.

        Raises
        ------
        Problem
            401 for anything but a key that is known, right and not expired; the reason is not told.
        """
        if not self._by_id:
            return ANYBODY
        scheme, _, token = authorization.partition(" ")
        id_ = token.removeprefix(PREFIX).partition("_")[0]
        key = self._by_id.get(id_)
        given = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        right = hmac.compare_digest(given, key.sha256 if key else NOBODYS_HASH)
        if scheme.lower() != "bearer" or key is None or not right or key.expired(now):
            challenge = {"WWW-Authenticate": 'Bearer realm="rackrate"'}
            raise Problem(UNAUTHENTICATED, "Send Authorization: Bearer rr_<id>_<secret>.", headers=challenge)
        return Client(key.client, key.scopes)

    def admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Guard a route: know the client, and check the scope that the route's options ask for."""
        scope: Scope | None = handler.opt.get("scope")
        if scope is None:
            return
        authorization = connection.headers.get("authorization", "")
        client = self.client(authorization, dt.datetime.now(dt.UTC))
        if scope not in client.scopes:
            raise Problem(FORBIDDEN, f"This key lacks the scope {scope}.")
        connection.scope["user"] = client


def read_keyring(path: str) -> Keyring:
    """Read the API keys file; no path is a keyring that asks for nothing.

    Raises
    ------
    KeysError
        Where the file cannot be read, names no key, or one twice, or says what is not understood.
    """
    if not path:
        return Keyring([])
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        keys = msgspec.convert(document, Keys).key
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise KeysError(f"{path}: {error}") from None
    ids = [key.id for key in keys]
    if not ids or len(set(ids)) < len(ids):
        raise KeysError(f"{path}: {'an id is used twice' if ids else 'no [[key]] in it'}")
    return Keyring(keys)
