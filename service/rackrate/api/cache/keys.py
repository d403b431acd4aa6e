"""Keys: what makes two requests the same, and what tells two representations of an answer apart."""

import hashlib
from functools import lru_cache

from rackrate.deal.codec.decode import Body

SCHEMA = 2  # of what is kept under a key: raise it and every older entry is out of sight
ETAG_CHARACTERS = 32
CLIENTS = 1024  # whose namespace is remembered


def fingerprint(client: str, verb: str, body: Body) -> bytes:
    """What a body as sent is known by, so that the same bytes are decoded once."""
    head = "\0".join([client, verb, body.media, ""])
    return hashlib.sha256(head.encode() + body.content).digest()


def entry(client: str, verb: str, identity: str) -> str:
    """Where an answer is kept: no client can reach another's, and clients' names stay out of the cache.

    >>> entry("alpha", "underwriting", "00ff") == entry("beta", "underwriting", "00ff")
    False
    """
    return f"rackrate:{SCHEMA}:{_namespace(client)}:{verb}:{identity}"


@lru_cache(CLIENTS)
def _namespace(client: str) -> str:
    return hashlib.sha256(client.encode()).hexdigest()[:16]


def etag(identity: str, *view: str) -> str:
    """The strong entity tag of one representation: the same id in the same view is the same bytes.

    >>> etag("00ff", "application/json") == etag("00ff", "application/vnd.msgpack")
    False
    """
    digest = hashlib.sha256("\0".join([identity, *view]).encode()).hexdigest()
    return f'"{digest[:ETAG_CHARACTERS]}"'


def matches(if_none_match: str, tag: str) -> bool:
    """Whether a client already has what `tag` names, by the weak comparison of RFC 9110 section 8.8.3.2.

    >>> matches('W/"a", "b"', '"b"'), matches("*", '"b"'), matches('"c"', '"b"')
    (True, True, False)
    """
    tags = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in tags or tags == ["*"]
