"""Where a JSON pointer leads in a text: the line and the column, for whoever mends it."""

import re
from collections.abc import Iterator
from json import JSONDecoder

_WHITE = re.compile(r"[ \t\n\r]*")
_value_at = JSONDecoder().raw_decode


def position(text: str, pointer: str) -> tuple[int, int]:
    """Return the line and the column, from 1, of what a pointer (RFC 6901) leads to in a JSON text.

    Where it leads to what is not there, or beyond where the text is broken, that of the part it would be in.

    >>> position('{"debt":\\n {"rate": 1, "index": "sofr"}}', "/debt/index")
    (2, 23)
    >>> position('{"debt": {}}', "/debt/rate")
    (1, 10)
    """
    at = _skip(text, 0)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = _find(text, at, name)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _find(text: str, at: int, name: str) -> int | None:
    try:
        return next((start for own, start in _children(text, at) if own == name), None)
    except (ValueError, IndexError, RecursionError):  # of JSON that is broken there
        return None


def _children(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield the name, or the index, and the offset of each value in the container that begins at `at`."""
    if text[at] not in "{[":
        return
    is_object, count = text[at] == "{", 0
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        name = str(count)
        if is_object:
            name, at = _value_at(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield name, at
        _, at = _value_at(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        count += 1


def _skip(text: str, at: int) -> int:
    found = _WHITE.match(text, at)
    return at if found is None else found.end()
