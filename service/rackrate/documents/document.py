"""A document: what it is called, in which media types it comes, and how it is made."""

import re
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Literal

from msgspec import Struct

Make = Callable[[Any, Any, str, int], bytes]

NAMELESS = "deal"
ID_CHARACTERS = 8  # of an id in the name of a file


class Form(Struct, frozen=True):
    """A media type of a document and the ending of its files.

    `answers` is the Struct that it is as JSON; `writer` the distribution that writes it, of the `extra`.
    """

    media: str
    suffix: str
    answers: type[Struct] | None = None
    writer: str = ""
    extra: str = ""

    def is_there(self) -> bool:
        """Whether what writes it is installed."""
        return not self.writer or find_spec(self.writer) is not None

    @property
    def edition(self) -> str:
        """Name what writes it with its version, on which the bytes depend too."""
        return f"{self.writer} {version(self.writer)}" if self.writer else ""


class Document(Struct, frozen=True):
    """A document of an underwriting, or of a pool.

    `make` takes the deal or pool, its underwriting, the media type and the work it may do, in
    segment-months; it refuses to do more. A `long` one is made in the process of long jobs; `detail` says
    that it has a form by facility, `structured` that it needs classes.
    """

    name: str
    title: str
    about: str
    forms: tuple[Form, ...]
    make: Make
    long: bool = False
    detail: bool = False
    structured: bool = False
    of: Literal["deal", "pool"] = "deal"

    def offers(self) -> list[str]:
        """List the media types that can be written here."""
        return [form.media for form in self.forms if form.is_there()]

    def form(self, media: str) -> Form:
        """Find the form of a media type.

        Raises
        ------
        KeyError
            If the document does not come in it.
        """
        return {form.media: form for form in self.forms}[media]


SAFE = "[a-z0-9]+"  # of a deal's name in the name of a file


def file_name(title: str, document: str, suffix: str, id_: str) -> str:
    """Name the file of a document: letters and digits of the deal's title alone, joined by hyphens.

    >>> file_name("Red Oak; rm -rf /", "memo", "pdf", "00ff" * 16)
    'red-oak-rm-rf-memo-00ff00ff.pdf'
    """
    slug = "-".join(re.findall(SAFE, title.lower())) or NAMELESS
    return f"{slug}-{document}-{id_[:ID_CHARACTERS]}.{suffix}"
