"""API keys: a TOML file of their hashes, scopes and expiry."""

import datetime as dt
import hashlib
import hmac
import tomllib
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rackrate.api.auth.client import AuthenticatedClient, Scope
from rackrate.api.auth.tokens import CredentialsError

PREFIX = "rr_"


NOBODYS_HASH = "0" * 64


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

    def client(self, token: str, now: dt.datetime) -> AuthenticatedClient:
        """Return the client that has this key.

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
        return AuthenticatedClient(key.client, key.scopes, f"API key {id_!r}")


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
