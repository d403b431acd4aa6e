"""What a memo is made of: sections of blocks, every text of them finished."""

from collections.abc import Sequence

from msgspec import Struct


class Tile(Struct, frozen=True):
    """A figure to be seen first."""

    label: str
    value: str
    note: str


class Text(Struct, frozen=True, tag="text"):
    """A paragraph; a note is small."""

    text: str
    note: bool = False


class Point(Struct, frozen=True):
    """One of several statements, under a word of its own."""

    lead: str
    text: str


class Points(Struct, frozen=True, tag="points"):
    """Statements, one under another."""

    items: Sequence[Point]


class Row(Struct, frozen=True):
    """A row of a table; a strong one is bold and shaded."""

    cells: Sequence[str]
    strong: bool = False


class Table(Struct, frozen=True, tag="table"):
    """A table: columns of words to the left, of figures to the right.

    `columns` says of each `l` or `r`, and by a capital that it takes the room there is.
    """

    head: Sequence[str]
    columns: str
    rows: Sequence[Row]
    note: str = ""


class Chart(Struct, frozen=True, tag="chart"):
    """A chart as SVG, what it shows for who cannot see it, and what stands below."""

    svg: str
    alt: str
    caption: str


class Heading(Struct, frozen=True, tag="heading"):
    """A heading within a section."""

    text: str


class Pair(Struct, frozen=True, tag="pair"):
    """Blocks side by side."""

    left: "Sequence[Block]"
    right: "Sequence[Block]"


class Identity(Struct, frozen=True, tag="identity"):
    """What the memo was made from: labels and identifiers."""

    rows: Sequence[tuple[str, str]]


Block = Text | Points | Table | Chart | Heading | Pair | Identity


class Section(Struct, frozen=True):
    """A part of the memo under a heading of its own."""

    heading: str
    blocks: Sequence[Block]


class Memo(Struct, frozen=True):
    """A memo: its title, the ask, the tiles, the sections; and what is said of letters it cannot print."""

    kicker: str
    title: str
    ask: str
    closing: tuple[int, int, int]
    header: str
    footer: str
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    unprinted: str = ""


def strong(*cells: str) -> Row:
    """Make a row that is bold and shaded."""
    return Row(cells, strong=True)


def row(*cells: str) -> Row:
    """Make a row."""
    return Row(cells)
