"""The id of an answer: a hash of the engine's version, the ruleset and the canonical request."""

import hashlib

from rackrate import __version__

ENGINE = __version__


def identity(ruleset_sha256: str, canonical: bytes) -> str:
    """The id of an answer: the engine's version, the ruleset's bytes and the canonical request, nothing else.

    >>> identity("00", b"{}") == identity("00", b"{}"), len(identity("00", b"{}"))
    (True, 64)
    """
    return hashlib.sha256(b"\0".join([ENGINE.encode(), ruleset_sha256.encode(), canonical])).hexdigest()
