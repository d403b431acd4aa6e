"""Compression of what the shared cache keeps: an exchange as one Zstandard frame that states its length."""

# Design: by what `loadtests/cache_entries.py` measures, Zstandard's first level makes answers smaller than
# gzip's first in a quarter of the time, and its third does not make them smaller. What claims to be longer
# than what is kept is refused before room for it is made.

import msgspec
import zstandard

from rackrate.api.cache.store import CachedAnswer

LEVEL = 1
LARGEST_BYTES = 16 * 1024 * 1024  # of an exchange
FRAMING_BYTES = 64  # more than an exchange's framing takes


def compress(exchange: CachedAnswer) -> bytes:
    """Write an exchange down.

    >>> expand(compress(CachedAnswer(b"request", b"answer"))).answer
    b'answer'
    """
    return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(exchange))


def expand(packed: bytes) -> CachedAnswer:
    """Read what `compress` wrote.

    Raises
    ------
    ValueError
        Where it is anything else, or longer than what is kept.
    """
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= LARGEST_BYTES + FRAMING_BYTES:
            raise ValueError(f"{size} bytes are claimed")
        content = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
        return msgspec.msgpack.decode(content, type=CachedAnswer)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ValueError("no exchange") from error
