"""Cache keys: of a body as sent, and of an answer by its client, its analysis and its id."""

import hashlib
from functools import lru_cache

from rackrate.deal.codec.decode import Body

SCHEMA = 2  # of what is kept under a key: raise it and every older entry is out of sight
CLIENTS = 1024  # whose namespace is remembered


def fingerprint(client: str, analysis: str, body: Body) -> bytes:
    """Hash a body as sent, so that the same bytes are decoded once."""
    head = "\0".join([client, analysis, body.media, ""])
    return hashlib.sha256(head.encode() + body.content).digest()


def entry(client: str, analysis: str, identity: str) -> str:
    """The key of an answer: no client can reach another's, and clients' names stay out of the cache.

    >>> entry("alpha", "underwriting", "00ff") == entry("beta", "underwriting", "00ff")
    False
    """
    return f"rackrate:{SCHEMA}:{_namespace(client)}:{analysis}:{identity}"


@lru_cache(CLIENTS)
def _namespace(client: str) -> str:
    return hashlib.sha256(client.encode()).hexdigest()[:16]
