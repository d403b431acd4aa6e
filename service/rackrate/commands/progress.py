"""A progress bar on standard error, where that is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from tqdm import tqdm


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator["tqdm[NoReturn]"]:
    """Show a bar of `what` up to `total`, nothing where nobody looks; its `write` prints lines."""
    looked_at = sys.stderr.isatty()
    with tqdm(total=total, unit=f" {what}", disable=not looked_at, leave=False, file=sys.stderr) as bar:
        yield bar
