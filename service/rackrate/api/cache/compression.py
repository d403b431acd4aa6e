"""Compress what the shared cache keeps: one Zstandard frame, which states its length, an answer."""

# Design: by what `loadtests/bench/cache_entries.py` measures, Zstandard's first level makes answers smaller
# than gzip's first in a quarter of the time, and its third does not make them smaller. What claims to be
# longer than what is kept is refused before room for it is made.

import msgspec
import zstandard

from rackrate.api.cache.store import CachedAnswer

LEVEL = 1
LARGEST_BYTES = 16 * 1024 * 1024  # of a cached answer
FRAMING_BYTES = 64  # more than a cached answer's framing takes


def compress(cached: CachedAnswer) -> bytes:
    """Encode and compress a cached answer.

    >>> expand(compress(CachedAnswer(b"request", b"answer"))).answer
    b'answer'
    """
    return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(cached))


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
        raise ValueError("no cached answer") from error
