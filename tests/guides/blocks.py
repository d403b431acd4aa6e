"""Blocks of code in the pages to read."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"  # of the service, in every page


class Block(NamedTuple):
    """A block: its language, its text, and the line of the page on which the text begins."""

    language: str
    text: str
    line: int


def blocks_of(page: str, language: str = "") -> list[Block]:
    """The fenced blocks of a page, of one language or of any."""
    text = (ROOT / page).read_text()
    found = [Block(m[1], m[2], text[: m.start(2)].count("\n") + 1) for m in FENCE.finditer(text)]
    return [block for block in found if language in ("", block.language)]


def run_python(page: str, url: str) -> dict[str, object]:
    """Run the Python of a page, block after block in one namespace, against the service at `url`."""
    names: dict[str, object] = {}
    for block in blocks_of(page, "python"):
        padding = "\n" * (block.line - 1)  # so that a failure is told by the line of the page
        exec(compile(padding + block.text.replace(ADDRESS, url), str(Path(page)), "exec"), names)
    return names
