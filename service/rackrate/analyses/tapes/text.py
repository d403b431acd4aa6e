"""Text of a file that is not JSON: UTF-8, checked, with the line and column of what is broken."""

from rackrate.deal.errors import Malformed

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}
NOTHING = "there is nothing in it"
MARK = b"\xef\xbb\xbf"  # of UTF-8, which spreadsheets write


def broken(line: int, column: int, message: str) -> Malformed:
    """Return the refusal of a file that cannot be read, saying where.

    >>> str(broken(3, 7, "not UTF-8"))
    'line 3, column 7: not UTF-8'
    """
    return Malformed(f"line {line}, column {column}: {message}")


def text_of(content: bytes) -> str:
    """Decode a file in UTF-8, with or without its mark.

    Raises
    ------
    Malformed
        If it is empty, in another encoding, or has a null character.

    >>> text_of(b"\\xef\\xbb\\xbfa,b")
    'a,b'
    """
    named = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    if named is not None:
        raise broken(1, 1, f"{named}, and only UTF-8 is read")
    content = content.removeprefix(MARK)
    if not content.strip():
        raise broken(1, 1, NOTHING)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise broken(*_place(content, fault.start), "not UTF-8") from None
    if "\0" in text:
        raise broken(*_place(content, content.index(b"\0")), "a null character")
    return text


def _place(content: bytes, at: int) -> tuple[int, int]:
    """Line and column of a byte, from 1; columns in bytes."""
    start = content.rfind(b"\n", 0, at) + 1
    return content.count(b"\n", 0, at) + 1, at - start + 1
