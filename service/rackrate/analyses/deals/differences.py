"""Differences of two documents of one kind; entries of lists are matched by name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rackrate.deal.requests.comparison import Difference

NAMES = ("id", "name", "kind")  # the first that an entry has is what it is called
WORDS = (
    "line",
    "adjustment",
    "code",
    "measure",
    "numerator",
    "denominator",
    "basis",
    "case",
    "pointer",
    "target",
)


def differences(deal: Any, against: Any, *, series: bool, at: str = "") -> Iterator[Difference]:
    """Yield each leaf in which two plain documents differ, in the order of the first.

    What has entries beside what has none, as a margin over an index beside a fixed rate, is one leaf.

    Parameters
    ----------
    deal, against : dict, list or scalar
        As JSON has them; None where there is nothing.
    series : bool
        Whether lists of numbers are leaves too; else they are passed over.

    >>> before, after = {"classes": [{"name": "A", "ltv": 0.6}]}, {"classes": [{"name": "A", "ltv": 0.7}]}
    >>> [(found.path, found.deal, found.against) for found in differences(before, after, series=False)]
    [('classes/A/ltv', 0.6, 0.7)]
    """
    if deal == against:
        return
    mine = {} if deal is None else entries(deal)
    other = {} if against is None else entries(against)
    if mine is not None and other is not None:
        for name in {**mine, **other}:
            yield from differences(
                mine.get(name), other.get(name), series=series, at=f"{at}/{name}" if at else name
            )
    elif series or not (isinstance(deal, list) or isinstance(against, list)):
        yield Difference(path=at, deal=_leaf(deal), against=_leaf(against))


def entries(document: Any) -> Mapping[str, Any] | None:
    """Children of a document by name; None for a scalar, a series or a curve."""
    if isinstance(document, dict):
        return document
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        return None
    return _named(document)


def _named(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Entries of a list by name; those without one are `#1`, `#2`.

    >>> list(_named([{"kind": "max_ltv"}, {"kind": "max_ltv"}, {"measure": "dscr", "basis": "closing"}]))
    ['max_ltv', 'max_ltv#2', 'dscr closing']
    >>> list(_named([{"months": 6, "kw": 1}, {"months": 12, "kw": 2}]))
    ['#1', '#2']
    """
    return dict(zip(labels([_name(entry) for entry in entries]), entries, strict=True))


def labels(names: Sequence[str]) -> list[str]:
    """Tell entries apart: of those that share a name the second is `NAME#2`.

    >>> labels(["min_dscr", "max_ltv", "min_dscr"])
    ['min_dscr', 'max_ltv', 'min_dscr#2']
    """
    found: list[str] = []
    for name in names:
        tried = (name if name and k == 1 else f"{name}#{k}" for k in range(1, len(names) + 1))
        found.append(next(label for label in tried if label not in found))
    return found


def _name(entry: Mapping[str, Any]) -> str:
    for key in NAMES:
        if isinstance(entry.get(key), str):
            return str(entry[key])
    words = [entry[key] for key in WORDS if entry.get(key) is not None]
    return " ".join(word if isinstance(word, str) else _text(word) for word in words)


def _text(value: Any) -> str:
    """A value on one line.

    >>> _text({"first_loss": "B"})
    'first_loss=B'
    """
    if isinstance(value, dict):
        return " ".join(f"{key}={part}" for key, part in value.items())
    return msgspec.json.encode(value).decode()


def _leaf(value: Any) -> float | str | bool | None:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value
