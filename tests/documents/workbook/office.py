"""LibreOffice without a window: workbooks recalculated from nothing, and read back."""

import html
import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import spawn

from rackrate.documents.workbook.formulas.addresses import FIRST, letters
from rackrate.documents.workbook.formulas.book import Book

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
PATIENCE_S = 900
CELL = re.compile(  # as LibreOffice and we write it
    r'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?(?: t="([a-zA-Z]+)")?>(?:<f[^>]*>[^<]*</f>)?(?:<v>([^<]*)</v>)?'
)

Value = float | str
Cells = dict[str, Value]


class Recalculation:
    """One LibreOffice in a process and a profile of its own, which recalculates files as it converts them."""

    def __init__(self, place: Path, files: dict[str, bytes]) -> None:
        """Write the files and begin; `cells` waits for the end."""
        self.place = place
        self.end: int | None = None
        (place / "profile/user").mkdir(parents=True)
        (place / "profile/user/registrymodifications.xcu").write_text(PROFILE)
        for name, content in files.items():
            (place / f"{name}.xlsx").write_bytes(content)
        found = shutil.which("soffice")
        assert found, "no LibreOffice: install libreoffice-calc-nogui"
        paths = [str(place / f"{name}.xlsx") for name in files]
        profile = f"-env:UserInstallation=file://{place}/profile"
        options = ["--headless", "--norestore", "--convert-to", "xlsx", "--outdir", str(place / "out")]
        with (place / "log").open("wb") as log:
            self.office = spawn([found, profile, *options, *paths], stdout=log, stderr=log)

    def sheets(self, name: str, wanted: Iterable[str] = ()) -> dict[str, Cells]:
        """Cells of a recalculated file by sheet, all of them or those that are wanted."""
        if self.end is None:
            self.end = self.office.wait(PATIENCE_S)
        assert self.end == 0, (self.place / "log").read_text()
        return read(self.place / f"out/{name}.xlsx", wanted)

    def stop(self) -> None:
        """End the process, if it has not ended."""
        if self.office.poll() is None:
            self.office.kill()
            self.office.wait()


def read(path: Path, wanted: Iterable[str] = ()) -> dict[str, Cells]:
    """Values of the cells of a file by sheet; an empty text where there is none, an error by its name."""
    with zipfile.ZipFile(path) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        shared = _shared(archive)
        chosen = [(n, name) for n, name in enumerate(names, start=1) if not wanted or name in wanted]
        return {name: _cells(archive, f"xl/worksheets/sheet{n}.xml", shared) for n, name in chosen}


def _shared(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    items = ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).findall(f"{SPACE}si")
    return ["".join(text.text or "" for text in item.iter(f"{SPACE}t")) for item in items]


def _cells(archive: zipfile.ZipFile, path: str, shared: list[str]) -> Cells:
    found: Cells = {}
    for place, kind, text in CELL.findall(archive.read(path).decode()):
        if kind == "s":
            found[place] = shared[int(text)]
        elif kind in ("", "n") and text:
            found[place] = float(text)
        else:
            found[place] = html.unescape(text)
    return found


def row_of(book: Book, key: str, sheets: dict[str, Cells]) -> list[Value]:
    """Values of a row by month in a file that was read."""
    row = book.rows[key]
    cells, months = sheets[row.sheet.name], row.sheet.months
    return [cells.get(f"{letters(FIRST + month)}{row.at + 1}", "") for month in range(months)]


def cell_of(book: Book, key: str, sheets: dict[str, Cells]) -> Value:
    """Value of a cell in a file that was read."""
    cell = book.cells[key]
    return sheets[cell.sheet.name].get(f"{letters(cell.column)}{cell.row + 1}", "")


def edited(content: bytes, book: Book, changes: dict[str, float], place: Path) -> bytes:
    """A file with other values in some inputs, by their names."""
    source, target = place / "before.xlsx", place / "after.xlsx"
    source.write_bytes(content)
    number = 1 + [sheet.name for sheet in book.sheets].index("Inputs")
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename == f"xl/worksheets/sheet{number}.xml":
                data = _changed(data.decode(), book, changes).encode()
            after.writestr(item, data)
    return target.read_bytes()


def _changed(text: str, book: Book, changes: dict[str, float]) -> str:
    for name, value in changes.items():
        cell = book.cells[name]
        place = f"{letters(cell.column)}{cell.row + 1}"
        text, count = re.subn(rf'(<c r="{place}"[^>]*>)<v>[^<]*</v>', rf"\g<1><v>{value!r}</v>", text)
        assert count == 1, name
    return text
