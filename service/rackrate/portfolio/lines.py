"""Lines: a portfolio is one deal a line, and what is said of a deal names its line."""

from collections.abc import Iterable, Iterator


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    r"""Yield what each line says and its number from 1, without the blank ones.

    >>> list(numbered([b'{"name": "a"}\r\n', b"\n", b'{"name": "b"}']))
    [(1, b'{"name": "a"}'), (3, b'{"name": "b"}')]
    """
    for number, line in enumerate(lines, 1):
        said = line.strip()
        if said:
            yield number, said
