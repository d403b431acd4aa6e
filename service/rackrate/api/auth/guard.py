"""Clients: who asks, by API key or token, and what they may do; with neither configured, anybody anything."""

import datetime as dt
import hashlib
import hmac
import logging
import tomllib
from typing import Annotated, Any, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from rackrate.analyses.problems import FORBIDDEN, UNAUTHENTICATED, Problem
from rackrate.api.auth.reloading import Fresh
from rackrate.api.auth.tokens import CredentialsError, Tokens

Scope = Literal["price", "read"]
SCOPES: tuple[Scope, ...] = ("price", "read")
PREFIX = "rr_"
NOBODYS_HASH = "0" * 64
MISSING = "missing"
REALM = 'Bearer realm="rackrate"'
TOKEN_CLIENT = "token:"  # before a subject, so that no token is a client of the keys file


logger = logging.getLogger("rackrate.clients")


class Client(msgspec.Struct, frozen=True):
    """Who asks: the name under which answers are kept apart, and what may be done."""

    name: str
    scopes: frozenset[Scope]


ANYBODY = Client("", frozenset(SCOPES))


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One API key as the file has it: never the key, only its hash."""

    client: Annotated[str, Meta(min_length=1, max_length=100, pattern="^(?!token:)")]
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
    """The API keys of a file, by id."""

    def __init__(self, keys: list[Key]) -> None:
        """Keep `keys` by id."""
        self._by_id = {key.id: key for key in keys}

    def client(self, token: str, now: dt.datetime) -> Client:
        """Tell who has this key.

        An unknown id is compared against a hash nothing has, so that it takes as long as a wrong secret; only
        who has the right secret is told that it expired.

        Raises
        ------
        CredentialsError
            Where it is not known, not right or expired.
        """
        id_ = token.removeprefix(PREFIX).partition("_")[0]
        key = self._by_id.get(id_)
        given = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        right = hmac.compare_digest(given, key.sha256 if key else NOBODYS_HASH)
        if key is None or not right:
            raise CredentialsError("not known", f"API key {id_[:32]!r}")
        if key.expired(now):
            raise CredentialsError("expired", f"API key {id_!r}")
        return Client(key.client, key.scopes)


class Clients:
    """Who may come in: holders of a key, bearers of a token; anybody where there is neither."""

    def __init__(
        self,
        keys_file: str = "",
        tokens: Tokens | None = None,
        understood: dict[str, bytes] | None = None,
    ) -> None:
        """Read the files for the first time; what of them was `understood` before stands in for them."""
        self._keys = Fresh(keys_file, read_keyring, understood) if keys_file else None
        self._tokens = tokens

    def are_current(self) -> bool:
        """Whether the files as they are now are understood; reads those that changed."""
        files = self._keys, self._tokens.keys if self._tokens else None
        outdated = [fresh for fresh in files if fresh is not None and not fresh.is_current()]
        return not outdated

    def client(self, authorization: str, now: dt.datetime) -> Client:
        """Tell who sent this `Authorization` header.

        Raises
        ------
        CredentialsError
            For anything but a key or a token that holds.
        """
        if self._keys is None and self._tokens is None:
            return ANYBODY
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise CredentialsError(MISSING)
        return self._bearer(token, now)

    def _bearer(self, token: str, now: dt.datetime) -> Client:
        if token.startswith(PREFIX) or self._tokens is None:
            if self._keys is None:
                raise CredentialsError("an API key, and no keys file is configured")
            return self._keys.value.client(token, now)
        grant = self._tokens.grant(token)
        scopes = frozenset(scope for scope in SCOPES if scope in grant.scopes)
        return Client(TOKEN_CLIENT + grant.subject, scopes)

    async def admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Guard a route: know the client, and check the scope that the route's options ask for.

        A coroutine, because the framework runs anything else in a thread.
        """
        scope: Scope | None = handler.opt.get("scope")
        if scope is None:
            return
        try:
            client = self.client(connection.headers.get("authorization", ""), dt.datetime.now(dt.UTC))
        except CredentialsError as error:
            raise _unauthenticated(error) from None
        if scope not in client.scopes:
            raise Problem(
                FORBIDDEN,
                f"These credentials lack the scope {scope}.",
                headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
            )
        connection.scope["user"] = client


def _unauthenticated(error: CredentialsError) -> Problem:
    """Answer 401, saying why to the client (RFC 6750, 3.1) and whose it was to the log."""
    if error.reason == MISSING:
        detail, challenge = "Send Authorization: Bearer and a key or token.", REALM
    else:
        logger.warning("refused: %s is %s", error.named or "what was sent", error.reason)
        detail = f"The key or token is {error.reason}."
        challenge = f'{REALM}, error="invalid_token", error_description="{detail}"'
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})


def read_keyring(content: bytes) -> Keyring:
    """Read the API keys file.

    Raises
    ------
    ValueError, msgspec.ValidationError
        Where it names no key, or one twice, or says what is not understood.
    """
    keys = msgspec.convert(tomllib.loads(content.decode()), Keys).key
    ids = [key.id for key in keys]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("an id is used twice" if ids else "no [[key]] in it")
    return Keyring(keys)
