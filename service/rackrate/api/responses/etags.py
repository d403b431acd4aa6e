"""Entity tags (RFC 9110 section 8.8.3): the strong tag of a representation, and If-None-Match."""

import hashlib

ETAG_CHARACTERS = 32


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
