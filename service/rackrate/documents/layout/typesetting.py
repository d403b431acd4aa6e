"""Set a memo as a tagged PDF."""

# Design: Python makes finished strings, the template lays them out. Only the fonts in the typesetter's wheel
# are used and no clock is read, so that the same answer is the same bytes on every machine.

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from rackrate.deal.errors import Unsupported
from rackrate.documents.document import Form
from rackrate.documents.layout.blocks import Memo
from rackrate.documents.wording import not_printable, printable

PDF = "application/pdf"
FORMS = (Form(PDF, "pdf", writer="typst", extra="memo"),)
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: read aloud in order, charts by their words
REFUSED = "PDF/UA"  # begins what the typesetter says of a text that the standard does not allow


def as_pdf(memo: Memo) -> bytes:
    """Set a memo as a PDF, dated by its closing; what its fonts cannot print is told below the title.

    Raises
    ------
    Unsupported
        If a text cannot be set as PDF/UA, naming it.
    """
    import typst

    unprinted = not_printable(msgspec.json.encode(memo).decode())
    told = msgspec.structs.replace(memo, unprinted=unprinted)
    try:
        made = typst.compile(
            _template(),
            sys_inputs={"memo": printable(msgspec.json.encode(told).decode())},
            ignore_system_fonts=True,
            pdf_standards=[STANDARD],
            timestamp=0,
        )
    except typst.TypstError as error:
        if not error.message.startswith(REFUSED):  # a fault of the template, and so of the program
            raise
        raise Unsupported(f"The memo cannot be set. {error.message}") from error
    return bytes(made)


@cache
def _template() -> bytes:
    return (files("rackrate.documents.layout") / "memo.typ").read_bytes()
