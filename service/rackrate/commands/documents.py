"""Documents that a command writes beside what it prints: a memo, a workbook."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from rackrate.analyses.cost import MOST
from rackrate.analyses.problems import Problem
from rackrate.deal.errors import Refusal
from rackrate.documents.document import Document


def written(documents: Mapping[str, Document]) -> list[str]:
    """Names of the documents that are files of one form, and so options of a command."""
    return [name for name, document in documents.items() if len(document.forms) == 1]


def wanted(documents: Mapping[str, Document], chosen: Namespace) -> dict[str, Path]:
    """Documents that the options of a command ask for, each with the file to be written."""
    return {name: path for name in written(documents) if (path := getattr(chosen, name)) is not None}


def write_documents(
    documents: Mapping[str, Document], files: Mapping[str, Path], request: Struct, answer: Struct
) -> None:
    """Write documents of an answer to files.

    Raises
    ------
    Refusal
        If what writes one is not installed, or it is too much work.
    OSError
        If a file cannot be written.
    """
    for name, path in files.items():
        path.write_bytes(_made(documents[name], request, answer))


def _made(document: Document, request: Struct, answer: Struct) -> bytes:
    """Make a document in its first form."""
    form = document.forms[0]
    if not form.is_there():
        raise Refusal(f"a {document.name} needs {form.writer}: pip install 'rackrate[{form.extra}]'")
    try:
        return document.make(request, answer, form.media, MOST)
    except Problem as problem:
        raise Refusal(f"{problem.kind.title}: {problem.detail}", problem.errors) from None
