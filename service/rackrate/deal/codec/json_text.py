"""Checks of JSON text before decoding: encoding, depth, repeated keys."""

# Design: the decoder takes the last of two equal keys, and recurses as deep as it is told to. Depth is
# counted outside strings: of the quotes and brackets of a JSON text, cut at the quotes, every second piece is
# structure. Two quotes side by side change nothing of that, so that they go first: few strings have brackets,
# and what is left to cut is short. Repeated keys are found by counting quotes before and after a plain round
# trip, which drops them: 54 us on a 17 kB deal, against 114 us for the standard library's pairs hook, which
# only names the key once there is one.

import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

import msgspec

from rackrate.deal.errors import FieldError, Malformed

MAX_DEPTH = 32
MAX_REPORTED = 1000  # bad fields named in one refusal
MAX_REPORTED_TEXT = 256 * 1024  # characters about them: a pointer can be as long as the body
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_MARKS = bytes(set(range(256)) - set(b'"[]{}'))
_STEPS = [1 if mark in b"[{" else -1 for mark in range(256)]
_AT_BYTE = re.compile(r"\(byte (\d+)\)")
_TOO_MANY_DIGITS = re.compile(rb"[0-9]{309}")  # of a whole number that no double can hold


def pointer_token(key: object) -> str:
    """Return a key as a token of a JSON pointer (RFC 6901).

    >>> pointer_token("a/b~c")
    'a~1b~0c'
    """
    return str(key).replace("~", "~0").replace("/", "~1")


def malformed(message: str, pointer: str = "") -> Malformed:
    """Return the refusal of a body that cannot be read, for one reason."""
    return Malformed(message, [FieldError(pointer, message)])


def reported(found: Iterable[FieldError]) -> list[FieldError]:
    """Return the faults that one refusal names: the first, up to a number and a length of text.

    >>> len(reported(FieldError("/" + "k" * 1_000_000, str(i)) for i in range(1000)))
    1
    """
    named, text = list[FieldError](), 0
    for fault in islice(found, MAX_REPORTED):
        named.append(fault)
        text += len(fault.pointer) + len(fault.message)
        if text > MAX_REPORTED_TEXT:
            break
    return named


def place(body: bytes, offset: int) -> str:
    """Return the line and column of a byte, from 1.

    >>> place(b'{"a":\\n x}', 7)
    'line 2, column 2'
    """
    before = body[:offset]
    return f"line {before.count(10) + 1}, column {offset - before.rfind(10)}"


def check_text(body: bytes) -> None:
    """Refuse a JSON body that is empty, not UTF-8, marked with a byte order, or nested too deep.

    Raises
    ------
    Malformed
        Saying which, and where.
    """
    if not body.strip():
        raise malformed("the body is empty")
    if body.startswith(_BYTE_ORDER_MARK):
        raise malformed("the body begins with a byte order mark")
    try:
        body.decode()
    except UnicodeDecodeError as fault:
        raise malformed(f"not UTF-8: {fault.reason} at {place(body, fault.start)}") from None
    marks = _unescaped(body).translate(None, _NOT_MARKS).replace(b'""', b"")
    if _depth(b"".join(marks.split(b'"')[::2])) > MAX_DEPTH:
        raise malformed(f"nested deeper than {MAX_DEPTH} levels")


def check_keys(body: bytes) -> None:
    """Refuse a JSON body, known to be well formed, in which an object has a key twice.

    Raises
    ------
    Malformed
        Naming every such key by its pointer.
    """
    kept = msgspec.json.encode(msgspec.json.decode(body))
    if _unescaped(body).count(b'"') != _unescaped(kept).count(b'"'):
        pairs = json.loads(body, object_pairs_hook=_Pairs)
        raise Malformed("a key appears twice in an object", reported(_repeats(pairs, "")))


def plain_json(body: bytes) -> object:
    """Return a JSON document as plain values, or refuse what is not JSON.

    Raises
    ------
    Malformed
        Saying where the text breaks, which numbers no double can hold, or which keys appear twice.
    """
    try:
        plain = msgspec.json.decode(body)
        too_large = _TOO_MANY_DIGITS.search(body) is not None
    except msgspec.ValidationError:  # the one fault a document without types can have: a number too large
        plain, too_large = _generous_json(body), True
    except msgspec.DecodeError as fault:
        found = _AT_BYTE.search(str(fault))
        reason = _AT_BYTE.sub("", str(fault)).strip()
        raise malformed(f"{reason} at {place(body, int(found[1]) if found else len(body))}") from None
    beyond = reported(_beyond_double(plain, "")) if too_large else []
    if beyond:
        raise Malformed("a number is beyond the range of double precision", beyond)
    check_keys(body)
    return plain


def _generous_json(body: bytes) -> object:
    """Return a JSON document in which numbers too large are infinite."""
    try:
        return json.loads(body, parse_int=float)
    except json.JSONDecodeError as fault:
        raise malformed(f"JSON is malformed: {fault}") from None


def _beyond_double(value: object, at: str) -> Iterator[FieldError]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _beyond_double(item, f"{at}/{pointer_token(key)}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _beyond_double(item, f"{at}/{i}")
    elif isinstance(value, int | float) and abs(value) > sys.float_info.max:
        yield FieldError(at, "beyond the range of double precision")


def _unescaped(body: bytes) -> bytes:
    """Return the body without escaped quotes: each that is left opens or closes a string."""
    return body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body


def _depth(brackets: bytes) -> int:
    """Return the greatest nesting depth of JSON.

    >>> _depth(b"[{}[]]")
    2
    """
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


class _Pairs(list[tuple[str, object]]):
    """An object as its list of pairs, so that repeated keys are seen."""


def _repeats(value: object, at: str) -> Iterator[FieldError]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, item in value:
            pointer = f"{at}/{pointer_token(key)}"
            if key in seen:
                yield FieldError(pointer, "appears more than once")
            seen.add(key)
            yield from _repeats(item, pointer)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _repeats(item, f"{at}/{i}")
