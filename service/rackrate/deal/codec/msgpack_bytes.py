"""Checks of MessagePack before decoding: depth, keys that are repeated or no text."""

# Design: a list as a key would be decoded into a tuple, whose hash is not seeded: keys can be made that all
# collide. So nothing is built of a body before its keys are known to be text.

from rackrate.deal.codec.json_text import MAX_DEPTH, malformed

# Bytes that follow each first byte of a scalar; those of strings and of containers depend on their length.
_SCALARS = {
    **dict.fromkeys([*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3], 0),
    0xCA: 4,
    0xCB: 8,
    0xCC: 1,
    0xCD: 2,
    0xCE: 4,
    0xCF: 8,
    0xD0: 1,
    0xD1: 2,
    0xD2: 4,
    0xD3: 8,
    0xD4: 2,
    0xD5: 3,
    0xD6: 5,
    0xD7: 9,
    0xD8: 17,
    **{0xA0 + size: size for size in range(32)},
}
# First byte -> bytes of the length that follows it, and bytes beside the content it counts.
_BLOBS = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)} | {
    0xD9: (1, 0),
    0xDA: (2, 0),
    0xDB: (4, 0),
}
_ARRAYS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}


def _container(body: bytes, at: int) -> tuple[int, bool, int] | None:
    """Return (items inside, whether it is a map, bytes of its head) if a container begins here."""
    first = body[at]
    if 0x80 <= first <= 0x8F:
        return 2 * (first - 0x80), True, 1
    if 0x90 <= first <= 0x9F:
        return first - 0x90, False, 1
    width = _MAPS.get(first) or _ARRAYS.get(first)
    if width is None:
        return None
    count = int.from_bytes(body[at + 1 : at + 1 + width])
    return (2 * count, True, 1 + width) if first in _MAPS else (count, False, 1 + width)


def _is_text(first: int) -> bool:
    """Whether text begins with this byte."""
    return 0xA0 <= first <= 0xBF or 0xD9 <= first <= 0xDB


def _head(first: int) -> int:
    """Return the bytes before a text's own: one key can be written with four kinds of length."""
    return 1 + _BLOBS.get(first, (0, 0))[0]


def _scalar_size(body: bytes, at: int) -> int:
    """Return the bytes a scalar takes; one for a byte that means nothing, which the decoder refuses."""
    first = body[at]
    if first in _SCALARS:
        return 1 + _SCALARS[first]
    width, beside = _BLOBS.get(first, (0, 0))
    return 1 + width + beside + int.from_bytes(body[at + 1 : at + 1 + width])


def _add_key(keys: set[bytes], body: bytes, at: int) -> None:
    if not _is_text(body[at]):
        raise malformed(f"a key of a map is no text, at byte {at}")
    key = body[at + _head(body[at]) : at + _scalar_size(body, at)]
    if key in keys:
        raise malformed(f"a key appears twice in a map, at byte {at}")
    keys.add(key)


def check_packed(body: bytes) -> None:
    """Refuse a MessagePack body that is nested too deep, or has a key that is no text or is there twice.

    What is broken otherwise is left to the decoder.

    Raises
    ------
    Malformed
        Saying which, and at what byte.
    """
    at, left = 0, 1  # items to come of the innermost container and, of a map, the keys seen
    keys: set[bytes] | None = None
    outer: list[tuple[int, set[bytes] | None]] = []  # the same of those around it
    while at < len(body):
        while left == 0:
            if not outer:
                return
            left, keys = outer.pop()
        left -= 1
        if keys is not None and left % 2 == 1:
            _add_key(keys, body, at)
        inside = None if body[at] in _SCALARS else _container(body, at)
        if inside is not None:
            outer.append((left, keys))
            left, is_map, size = inside
            keys = set() if is_map else None
            if len(outer) > MAX_DEPTH:
                raise malformed(f"nested deeper than {MAX_DEPTH} levels, at byte {at}")
        else:
            size = _scalar_size(body, at)
        at += size
