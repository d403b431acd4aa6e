"""Tokens: JSON Web Tokens (RFC 7519) signed by a key of the configured set, checked as by RFC 8725."""

# Design: the key decides the algorithm, never the token: a key of the set has one algorithm, and a token that
# names another is refused. Nothing a token points to is fetched (jku, x5u, jwk), and no critical extension is
# understood.

import contextlib
from typing import Any

import jwt
import msgspec

from rackrate.api.auth.reloading import ReloadingFile

ALGORITHMS = {"RS256", "ES256", "EdDSA"}
REQUIRED = ["exp", "iss", "aud", "sub"]
SCOPE_CLAIMS = ("scope", "scp", "roles")
ID_CLAIMS = ("jti", "uti")  # of RFC 7519, of Azure
LEEWAY_S = 30
LONGEST = 8192  # characters
NAME_CHARACTERS = 200
LEAST_RSA_BITS = 2048


REASONS: list[tuple[type[Exception], str]] = [
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not yet valid"),
    (jwt.InvalidAudienceError, "for another audience"),
    (jwt.InvalidIssuerError, "of another issuer"),
    (jwt.InvalidSignatureError, "not signed by the key that it names"),
    (Exception, "malformed"),
]


class CredentialsError(Exception):
    """Why credentials are refused, in words for the client, and whose they say they are, for the log."""

    def __init__(self, reason: str, named: str = "") -> None:
        super().__init__(reason)
        self.reason, self.named = reason, named


class Grant(msgspec.Struct, frozen=True):
    """The subject and the scopes of a verified token, and how the log names it."""

    subject: str
    scopes: frozenset[str]
    named: str


class Tokens:
    """Checks tokens for one issuer and one audience."""

    def __init__(
        self, path: str, issuer: str, audience: str, understood: dict[str, bytes] | None = None
    ) -> None:
        """Load the key set at `path` and reload it on change; `understood` has its last good contents."""
        self.keys = ReloadingFile(path, read_keys, understood)
        self._issuer, self._audience = issuer, audience

    def grant(self, token: str) -> Grant:
        """Verify a token and read what it grants.

        Raises
        ------
        CredentialsError
            Where it does not hold.
        """
        if len(token) > LONGEST:
            raise CredentialsError(f"longer than {LONGEST} characters")
        try:
            header = jwt.get_unverified_header(token)
            return _grant(header, self._verified(token, header))
        except CredentialsError as error:
            raise CredentialsError(error.reason, _claimed(token)) from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise CredentialsError(_reason(error), _claimed(token)) from None

    def _verified(self, token: str, header: dict[str, Any]) -> dict[str, Any]:
        """Check signature and claims of a token whose header is known; return its claims."""
        key = self.keys.value.get(header.get("kid", ""))
        if key is None:
            raise CredentialsError("signed by a key that is not in the set")
        if "crit" in header or header.get("alg") != key.algorithm_name:
            raise CredentialsError("of another algorithm than its key, or with a critical extension")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_S,
            options={"require": REQUIRED},
        )
        return claims


def _reason(error: Exception) -> str:
    """Say in words for the client why a token does not verify."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"without the claim {error.claim}"
    return next(words for kind, words in REASONS if isinstance(error, kind))


def _claimed(token: str) -> str:
    """Name a token that was refused by what it says of itself, as far as it can be read."""
    header: dict[str, Any] = {}
    claims: dict[str, Any] = {}
    with contextlib.suppress(jwt.PyJWTError, ValueError, TypeError, RecursionError):
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    return _named(header, claims)


def _named(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Name a token for the log by its id (`jti`, Azure's `uti`) and the key that it names."""
    found = [str(claims[claim])[:NAME_CHARACTERS] for claim in ID_CLAIMS if claims.get(claim)]
    id_ = f" {found[0]!r}" if found else " without an id"
    kid = str(header.get("kid", ""))[:NAME_CHARACTERS]
    return f"token{id_} signed by {kid!r}" if kid else f"token{id_} that names no key"


def _grant(header: dict[str, Any], claims: dict[str, Any]) -> Grant:
    """Read subject and scopes: each claim one text with spaces (RFC 8693) or a list; all of them together."""
    subject = claims["sub"]
    if not (isinstance(subject, str) and subject.isprintable() and 0 < len(subject) <= NAME_CHARACTERS):
        raise CredentialsError(
            f"malformed: its sub is not text of 1 to {NAME_CHARACTERS} printable characters"
        )
    names: list[Any] = []
    for claim in SCOPE_CLAIMS:
        said = claims.get(claim)
        if not isinstance(said, str | list | None):
            raise CredentialsError(f"malformed: its {claim} is neither text nor a list")
        names += said.split() if isinstance(said, str) else said or []
    if not all(isinstance(name, str) for name in names):
        raise CredentialsError("malformed: its scopes are not text")
    return Grant(subject, frozenset(names), _named(header, claims))


def read_keys(content: bytes) -> dict[str, jwt.PyJWK]:
    """Read a JSON Web Key Set: signing keys by `kid`.

    Raises
    ------
    ValueError
        Where it is no key set, is empty, or has a key without a name, or of a kind that is not accepted.
    """
    try:
        document = msgspec.json.decode(content, type=dict[str, Any])
        found = {str(each["kid"]): jwt.PyJWK(_public(each)) for each in document["keys"]}
    except (msgspec.DecodeError, jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no JSON Web Key Set of public keys with a kid each ({error})") from None
    for name, key in found.items():
        if key.algorithm_name not in ALGORITHMS:
            raise ValueError(f"key {name!r} is for {key.algorithm_name}, not one of {sorted(ALGORITHMS)}")
        if key.algorithm_name == "RS256" and key.key.key_size < LEAST_RSA_BITS:
            raise ValueError(f"key {name!r} is shorter than {LEAST_RSA_BITS} bits")
    if not found or len(found) < len(document["keys"]):
        raise ValueError("a kid is used twice" if found else "no keys in it")
    return found


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """Refuse what is secret: it must not lie where only public keys belong."""
    if "d" in key or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
        raise ValueError("a key that is private, symmetric or not for signatures")
    return key
