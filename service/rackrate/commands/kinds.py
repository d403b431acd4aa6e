"""What a file holds: a deal, a pool, a cash flow of one's own; and the command that takes each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rackrate.deal.errors import Refusal

KINDS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("a pool", frozenset(("loans",)), "pool"),
    ("a pool", frozenset(("ground_leases",)), "pool"),
    ("a deal", frozenset(("facilities",)), "underwrite"),
    ("a waterfall of one's own", frozenset(("ncf", "classes")), "waterfall"),
    ("a loan of one's own", frozenset(("ncf", "debt")), "size"),
)
"""What it is, the fields that no other before it has, and the command that takes it."""


def command_of(fields: Mapping[str, Any] | None) -> str | None:
    """The command that takes a document with these fields; None where they are no known kind's.

    >>> command_of({"name": 0, "facilities": 0, "loans": 0}), command_of({"deal": 0})
    ('pool', None)
    """
    return next((command for _, marks, command in KINDS if fields and marks <= fields.keys()), None)


def expect(file: Path, fields: Mapping[str, Any] | None, *commands: str) -> None:
    """Refuse a file of another kind than the commands take, by what it is and what takes it.

    Raises
    ------
    Refusal
        If the file is of a known kind that none of the commands takes.
    """
    found = command_of(fields)
    if found is not None and found not in commands:
        what = next(name for name, _, command in KINDS if command == found)
        raise Refusal(f"{file} is {what}: rackrate {found} {file}")
