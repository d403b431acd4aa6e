"""Records of an EX-102 document (Regulation AB, Schedule AL): XML without DTD or entities, bounded."""

# Design: expat tells what it meets before it does anything about it, so that a document type is refused where
# it begins and no entity is ever declared, let alone expanded or fetched. What nobody asks for is not kept.

from collections.abc import Collection
from typing import Any
from xml.parsers import expat

from rackrate.analyses.tapes.records import MOST_RECORDS, Record
from rackrate.analyses.tapes.text import broken, text_of
from rackrate.deal.errors import FieldError, Invalid

NAMESPACE = "http://www.sec.gov/edgar/document/absee/cmbs/assetdata"
ROOT, RECORD, PROPERTY = "assetData", "assets", "property"
MOST_DEPTH, MOST_ATTRIBUTES, MOST_CHARACTERS = 8, 16, 4096
ENCODINGS = ("utf-8", "us-ascii", "ascii")


def xml_records(content: bytes, wanted: Collection[str]) -> list[Record]:
    """Read the records of an EX-102 document, of each the `wanted` elements.

    An element of a record's `property` is named `property/NAME`. Lines are records, from 1.

    Raises
    ------
    Malformed
        If it is not well formed, or has a document type, an entity or another encoding.
    Invalid
        If it is another document, or beyond the bounds.
    """
    reader = _Reader(wanted)
    return reader.read(text_of(content).encode())


class _Reader:
    """Handlers of one document."""

    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted, self._path, self._text = frozenset(wanted), list[str](), list[str]()
        self._size, self._records, self._cells = 0, list[Record](), dict[str, str]()
        self._repeated, self._properties = list[str](), 0
        self._parser = parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add

    def read(self, content: bytes) -> list[Record]:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as fault:
            message = expat.ErrorString(fault.code)
            raise broken(fault.lineno, fault.offset + 1, f"not well formed: {message}") from None
        return self._records

    def _here(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _invalid(self, message: str) -> Invalid:
        line, column = self._here()
        return Invalid.of([FieldError("", f"line {line}, column {column}: {message}")])

    def _declare(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise broken(*self._here(), f"encoding {encoding[:40]!r}, and only UTF-8 is read")

    def _refuse_doctype(self, *declared: Any) -> None:
        raise broken(*self._here(), "document types and entities are not read")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition(" ")
        if namespace != NAMESPACE:
            raise self._invalid(f"the namespace of {name[:80]!r} is not {NAMESPACE}")
        if len(attributes) > MOST_ATTRIBUTES or any(len(v) > MOST_CHARACTERS for v in attributes.values()):
            raise self._invalid("more, or longer, attributes than a filing has")
        if len(self._path) >= MOST_DEPTH:
            raise self._invalid(f"nested deeper than {MOST_DEPTH} levels")
        expected = (ROOT, RECORD)[len(self._path)] if len(self._path) < 2 else name
        if name != expected:
            raise self._invalid(f"{name[:80]!r} where {expected!r} was expected")
        self._path.append(name)
        self._text.clear()
        self._size = 0
        if len(self._path) == 3 and name == PROPERTY:
            self._properties += 1

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > MOST_CHARACTERS:
            raise self._invalid(f"more than {MOST_CHARACTERS} characters in one element")
        self._text.append(text)

    def _end(self, qualified: str) -> None:
        name = "/".join(self._path[2:])
        if name in self._wanted and self._properties < 2:
            if name in self._cells:
                self._repeated.append(name)
            self._cells[name] = "".join(self._text).strip()
        self._path.pop()
        self._text.clear()
        self._size = 0
        if len(self._path) == 1:
            self._close()

    def _close(self) -> None:
        """End a record; what is there twice is not read, because nothing says which of them holds."""
        cells = {name: text for name, text in self._cells.items() if text and name not in self._repeated}
        repeated = [*self._repeated] + ([PROPERTY] if self._properties > 1 else [])
        self._records.append(Record(len(self._records) + 1, cells, tuple(dict.fromkeys(repeated))))
        if len(self._records) > MOST_RECORDS:
            raise self._invalid(f"more than {MOST_RECORDS} records")
        self._cells, self._properties = {}, 0
        self._repeated.clear()
