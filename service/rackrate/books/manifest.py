"""Manifest of a book: what was asked, of which bytes, and every file of it; the proof that it is finished."""

import json
import shutil
from pathlib import Path

import msgspec

from rackrate.books.columns import COLUMNS
from rackrate.books.join import Output
from rackrate.books.source import Source, file_of
from rackrate.books.tasks import versions
from rackrate.books.work import Plan, emptied, write_whole
from rackrate.deal.answers.book import BookAnswer

FORMAT = "rackrate-book-1"


class OtherBookError(Exception):
    """The folder holds another finished book."""


def write_manifest(out: Path, plan: Plan, source: Source, answer: BookAnswer, outputs: list[Output]) -> None:
    """Write the manifest, last of all."""
    told = {
        "format": FORMAT,
        "id": answer.id,
        "engine": answer.engine,
        "draws": plan.draws,
        "pyarrow": versions().pyarrow,
        "rulesets": msgspec.to_builtins(answer.rulesets),
        "input": _input(source, plan.documents),
        "request": msgspec.to_builtins(plan.request),
        "counts": msgspec.to_builtins(answer.counts),
        "outputs": msgspec.to_builtins(outputs),
    }
    write_whole(out / "manifest.json", [json.dumps(told, indent=1).encode(), b"\n"])


def _input(source: Source, documents: int) -> dict[str, object]:
    files = [file_of(path, source.root) for path in source.files]
    return {"kind": source.kind, "files": msgspec.to_builtins(files), "documents": documents}


def finished(out: Path, plan: Plan, source: Source) -> int | None:
    """How many documents a finished book of the same plan rejected; None where the folder has none.

    Raises
    ------
    OtherBookError
        If the folder holds another book.
    """
    path = out / "manifest.json"
    if not path.exists():
        return None
    known = json.loads(path.read_bytes())
    same = {
        "engine": plan.engine,
        "draws": plan.draws,
        "request": msgspec.to_builtins(plan.request),
        "input": _input(source, plan.documents),
    }
    for name, wanted in same.items():
        if known.get(name) != wanted:
            raise OtherBookError(f"{out} holds a finished book of another {name}; --fresh starts over")
    rejected: int = known["counts"]["rejected"]
    return rejected


def clear(out: Path) -> None:
    """Remove what a run writes into a folder, the proof that it is finished first."""
    for name in ("manifest.json", "book.json", "rejects.ndjson"):
        (out / name).unlink(missing_ok=True)
    for name in COLUMNS:
        if (out / name).is_dir():
            shutil.rmtree(out / name)
    emptied(out)
