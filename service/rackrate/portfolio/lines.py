"""Lines: a portfolio is one deal a line, and what is said of a deal names its line."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.portfolio_line import KeyedDeal

Key = str | UnsetType


class _Told(Struct, frozen=True):
    """What tells a line with a key from a deal, which has no field `deal`."""

    deal: Raw | UnsetType = UNSET


_TOLD = msgspec.json.Decoder(_Told)


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    r"""Yield what each line says and its number from 1, without the blank ones.

    >>> list(numbered([b'{"name": "a"}\r\n', b"\n", b'{"name": "b"}']))
    [(1, b'{"name": "a"}'), (3, b'{"name": "b"}')]
    """
    for number, line in enumerate(lines, 1):
        said = line.strip()
        if said:
            yield number, said


def is_keyed(content: bytes) -> bool:
    """Tell whether a line is a deal under a key; what cannot be read is not.

    >>> is_keyed(b'{"key": "A-7", "deal": {}}'), is_keyed(b'{"name": "a"}'), is_keyed(b"[")
    (True, False, False)
    """
    try:
        return _TOLD.decode(content).deal is not UNSET
    except (msgspec.DecodeError, RecursionError):
        return False


def opened(content: bytes) -> tuple[Key, bytes]:
    """Return the client's own key of a line, if it has one, and its deal.

    Raises
    ------
    Refusal
        If it has a key twice, or one that is none, or something beside the deal.

    >>> opened(b'{"key": "A-7", "deal": {"name": "a"}}')
    ('A-7', b'{"name": "a"}')
    """
    if not is_keyed(content):
        return UNSET, content
    line = decode(content, KeyedDeal)
    return line.key, bytes(line.deal)
