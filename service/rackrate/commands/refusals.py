"""Refusals at the command line: every reason, with the line of the file that it is about."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rackrate.deal.codec.positions import position
from rackrate.deal.errors import FieldError, Refusal

REFUSED, NOT_RUN = 1, 2  # what a command exits with: the deal is refused, or the command or a file
Sources = Mapping[str, tuple[str, bytes]]
"""Files that a request is made of: by the pointer under which it has each, its name and its text."""
PLACE = re.compile(r"line (\d+), column (\d+)")
SHOWN = 88  # characters of a line


class RefusedFileError(Exception):
    """A refusal, and the files it is about."""

    def __init__(self, refusal: Refusal, sources: Sources) -> None:
        super().__init__(refusal.detail)
        self.refusal, self.sources = refusal, sources


def file_content(file: Path) -> bytes:
    """Read a file, - for standard input."""
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


@contextmanager
def read_from(sources: Sources) -> Iterator[None]:
    """Tell of what is refused within the block where in these files it stands."""
    try:
        yield
    except Refusal as refusal:
        raise RefusedFileError(refusal, sources) from None


def printed(act: Callable[[], str]) -> int:
    """Print what is answered, or every reason against it; the status the command exits with."""
    try:
        text = act()
    except OSError as error:
        print(f"{error.filename}: {error.strerror}" if error.filename else error, file=sys.stderr)
        return NOT_RUN
    except RefusedFileError as error:
        print(*explained(error.refusal, error.sources), sep="\n", file=sys.stderr)
        return REFUSED
    except Refusal as refusal:
        print(*explained(refusal, {}), sep="\n", file=sys.stderr)
        return REFUSED
    print(text)
    return 0


def explained(refusal: Refusal, sources: Sources) -> Iterator[str]:
    """Yield the lines that say what is refused, why, and where."""
    yield f"{refusal.title}: {refusal.detail}"
    for fault in refusal.errors:
        yield from _fault(fault, sources)


def _fault(fault: FieldError, sources: Sources) -> Iterator[str]:
    """One reason; where its pointer leads into a file, the file's line with a mark below."""
    told = f"{fault.pointer or 'document'}: {fault.message}"
    under = max((at for at in sources if f"{fault.pointer}/".startswith(f"{at}/")), key=len, default=None)
    if under is None:
        yield f"  {told}"
        return
    name, content = sources[under]
    text = content.decode(errors="replace")
    broken = None if fault.pointer else PLACE.search(fault.message)
    line, column = position(text, fault.pointer.removeprefix(under))
    if broken is not None:
        line, column = int(broken[1]), int(broken[2])
    yield f"  {name}:{line}:{column}: {told}"
    yield from _shown(text, line, column)


def _shown(text: str, line: int, column: int) -> Iterator[str]:
    """The line of a text, cut where it is long, and a mark under the column; nothing of a line not there.

    >>> list(_shown('{"rate":\\n "nan"}', 2, 2))
    ['       2 |  "nan"}', '         |  ^']
    """
    lines = text.split("\n")
    if line > len(lines):
        return
    first = max(0, column - SHOWN // 2) if len(lines[line - 1]) > SHOWN else 0
    cut = "".join(c if c.isprintable() else " " for c in lines[line - 1][first : first + SHOWN])
    yield f"{line:8} | {cut}"
    yield f"{'':8} | {' ' * (column - 1 - first)}^"
