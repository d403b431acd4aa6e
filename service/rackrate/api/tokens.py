"""Tokens: JSON Web Tokens (RFC 7519) signed by a key of the configured set, checked as by RFC 8725."""

# Design: the key decides the algorithm, never the token: a key of the set has one algorithm, and a token that
# names another is refused. Nothing a token points to is fetched (jku, x5u, jwk), and no critical extension is
# understood.

from pathlib import Path
from typing import Any

import jwt
import msgspec

from rackrate.api.fresh import Fresh

ALGORITHMS = {"RS256", "ES256", "EdDSA"}
REQUIRED = ["exp", "nbf", "iss", "aud", "sub"]
LEEWAY_S = 30
LONGEST = 8192  # characters
NAME_CHARACTERS = 200
LEAST_RSA_BITS = 2048


class TokensError(Exception):
    """What is wrong with the key set."""


class Grant(msgspec.Struct, frozen=True):
    """What a token that holds says: who, and which scopes."""

    subject: str
    scopes: frozenset[str]


class Tokens:
    """Checks tokens for one issuer and one audience."""

    def __init__(self, path: str, issuer: str, audience: str) -> None:
        """Read the key set at `path`, and again whenever it changes."""
        self._keys = Fresh(path, read_keys)
        self._issuer, self._audience = issuer, audience

    def grant(self, token: str) -> Grant | None:
        """Tell what a token grants, or None where it does not hold; why is nobody's business."""
        if len(token) > LONGEST:
            return None
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.value.get(header.get("kid", ""))
            if key is None or "crit" in header or header.get("alg") != key.algorithm_name:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        return _grant(claims)


def _grant(claims: dict[str, Any]) -> Grant | None:
    """Read subject and scopes; scopes as one text with spaces (RFC 8693) or as a list."""
    subject, scopes = claims["sub"], claims.get("scope", claims.get("scp", ""))
    if not isinstance(subject, str) or not 0 < len(subject) <= NAME_CHARACTERS:
        return None
    names = scopes.split() if isinstance(scopes, str) else scopes
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return Grant(subject, frozenset(names))


def read_keys(path: str) -> dict[str, jwt.PyJWK]:
    """Read a JSON Web Key Set: signing keys by `kid`.

    Raises
    ------
    TokensError
        Where it cannot be read, is empty, or has a key without a name, or of a kind that is not accepted.
    """
    try:
        document = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, Any])
        found = {str(each["kid"]): jwt.PyJWK(_public(each)) for each in document["keys"]}
    except (OSError, msgspec.DecodeError, jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise TokensError(f"{path}: no JSON Web Key Set of public keys with a kid each ({error})") from None
    for name, key in found.items():
        if key.algorithm_name not in ALGORITHMS:
            raise TokensError(
                f"{path}: key {name!r} is for {key.algorithm_name}, not one of {sorted(ALGORITHMS)}"
            )
        if key.algorithm_name == "RS256" and key.key.key_size < LEAST_RSA_BITS:
            raise TokensError(f"{path}: key {name!r} is shorter than {LEAST_RSA_BITS} bits")
    if not found or len(found) < len(document["keys"]):
        raise TokensError(f"{path}: {'a kid is used twice' if found else 'no keys in it'}")
    return found


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """Refuse what is secret: it must not lie where only public keys belong."""
    if "d" in key or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
        raise ValueError("a key that is private, symmetric or not for signatures")
    return key
