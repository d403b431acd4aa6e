"""Sign cached values: a version, a keyed checksum (HMAC) bound to the cache key, the payload.

A cache is not trusted: a value that was damaged, forged, written by another release, or copied from another
key does not open, and what does not open was never there.
"""

import hashlib
import hmac
from collections.abc import Sequence

VERSION = b"\x01"
CHECKSUM_BYTES = 16


def signing_key(secret: str) -> bytes:
    """The checksum's key out of a secret of any length."""
    return hashlib.sha256(b"rackrate cache seal\0" + secret.encode()).digest()


def sign(signing: bytes, key: str, payload: bytes) -> bytes:
    """Wrap `payload` for storage under `key`."""
    return VERSION + _checksum(signing, key, payload) + payload


def open_signed(signing: Sequence[bytes], key: str, signed: bytes) -> bytes | None:
    """The payload, or None where `signed` was not made by `sign` for this key with one of these signing keys.

    >>> signing = signing_key("s")
    >>> open_signed([signing], "a", sign(signing, "a", b"dscr 1.45"))
    b'dscr 1.45'
    >>> open_signed([signing], "b", sign(signing, "a", b"dscr 1.45")) is None
    True
    """
    start = len(VERSION) + CHECKSUM_BYTES
    if signed[: len(VERSION)] != VERSION or len(signed) < start:
        return None
    payload = signed[start:]
    found = signed[len(VERSION) : start]
    right = [hmac.compare_digest(found, _checksum(each, key, payload)) for each in signing]
    return payload if any(right) else None


def _checksum(signing: bytes, key: str, payload: bytes) -> bytes:
    name = key.encode()
    message = len(name).to_bytes(4, "big") + name + payload
    return hmac.digest(signing, message, "sha256")[:CHECKSUM_BYTES]
