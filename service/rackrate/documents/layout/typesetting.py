"""Set a memo as a tagged PDF."""

# Design: Python makes finished strings, the template lays them out. Only the fonts in the typesetter's wheel
# are used and no clock is read, so that the same answer is the same bytes on every machine.

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from rackrate.documents.document import Form
from rackrate.documents.layout.blocks import Memo
from rackrate.documents.wording import printable

PDF = "application/pdf"
FORMS = (Form(PDF, "pdf", writer="typst", extra="memo"),)
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: read aloud in order, charts by their words


def as_pdf(memo: Memo) -> bytes:
    """Set a memo as a PDF, dated by its closing."""
    import typst

    text = printable(msgspec.json.encode(memo).decode())
    made = typst.compile(
        _template(),
        sys_inputs={"memo": text},
        ignore_system_fonts=True,
        pdf_standards=[STANDARD],
        timestamp=0,
    )
    return bytes(made)


@cache
def _template() -> bytes:
    return (files("rackrate.documents.layout") / "memo.typ").read_bytes()
