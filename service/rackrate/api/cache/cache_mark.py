"""The mark of a response that came out of the cache, by which it may be sent again ahead of routing."""

import msgspec


class CacheMark(msgspec.Struct, frozen=True):
    """Which cached answer a response shows, for which client, and the scope that reading it needs."""

    analysis: str
    id: str
    client: str
    scope: str
