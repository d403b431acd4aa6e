"""Figures that were printed of a deal: as its source prints them, and where the answer has them."""

# Design: a figure is kept as its source prints it, so that its rounding is what is printed and nobody states
# it a second time. Data only: one file beside each deal, no figure of a deal in code.

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

FOLDER = files("rackrate.deal") / "examples" / "published"
SCALES = {"": 1.0, "%": 0.01, "x": 1.0, "m": 1e6, "bn": 1e9, "y": 1.0}
_PRINTED = re.compile(
    r"(?P<sign>[-+]?)(?P<money>[^\d\s.+-]{0,3})(?P<digits>[\d,]+(?:\.\d+)?)(?P<unit>%|x|m|bn|y|)"
)


class Printed(Struct, frozen=True):
    """A number as it is printed: its value, half the last digit, and how another is printed alike."""

    value: float
    rounding: float
    money: str
    decimals: int
    unit: str
    signed: bool

    def alike(self, value: float) -> str:
        """Print another value to the same digit.

        >>> printed("-19.9%").alike(-0.18), printed("$48.6m").alike(48.5824e6), printed("1.85x").alike(1.8)
        ('-18.0%', '$48.6m', '1.80x')
        """
        sign = "-" if value < 0 else "+" if self.signed else ""
        return f"{sign}{self.money}{abs(value) / SCALES[self.unit]:,.{self.decimals}f}{self.unit}"


def printed(text: str) -> Printed:
    """Read a number as it is printed: `$48.6m`, `-19.9%`, `1.85x`, `2.5y`.

    Raises
    ------
    ValueError
        If it is none.

    >>> found = printed("$1,200.5m")
    >>> found.value, found.rounding, found.unit
    (1200500000.0, 50000.0, 'm')
    """
    found = _PRINTED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no printed number")
    digits, scale = found["digits"].replace(",", ""), SCALES[found["unit"]]
    decimals = len(digits.partition(".")[2])
    value = float(digits) * scale * (-1 if found["sign"] == "-" else 1)
    signed = found["sign"] == "+"
    return Printed(value, 0.5 * 10.0**-decimals * scale, found["money"], decimals, found["unit"], signed)


class Figure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure of a source, and what of the answer is held against it."""

    what: Annotated[str, Meta(description="What the figure is, by its source's definition.")]
    published: Annotated[str, Meta(description="As it is printed; its last digit is its rounding.")]
    source: Annotated[
        str, Meta(description="Who says so; `derived` where it is arithmetic on what they say.")
    ]
    answer: Annotated[str, Meta(description="Arithmetic on places of the answer: `1 - 'a/b' / 'a/c'`.")]
    held: Annotated[
        Literal["computed", "given", "chosen"],
        Meta(
            description="Whether the answer computes it, hands a number of the deal back, or an assumption "
            "was chosen to hit it."
        ),
    ] = "computed"
    why: Annotated[str | None, Meta(description="Why the answer's differs, where it does.")] = None
    is_cut: Annotated[bool, Meta(description="Whether it is an agency's cut of the issuer's cash.")] = False


class Published(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was published of a deal: what it is, what it shows, who says so, and each figure."""

    title: str
    kind: str
    about: str
    sources: Annotated[list[str], Meta(min_length=1)]
    figures: Annotated[list[Figure], Meta(min_length=1)]


@cache
def names() -> list[str]:
    """Names of the published deals that are shipped, sorted."""
    return sorted(file.name.removesuffix(".json") for file in FOLDER.iterdir() if file.name.endswith(".json"))


def deal_of(name: str) -> bytes:
    """The request of a published deal."""
    return (FOLDER / f"{name}.json").read_bytes()


def published_of(name: str) -> Published:
    """What was published of a deal.

    Raises
    ------
    msgspec.ValidationError
        If its file lacks something or has something unknown.
    """
    return msgspec.convert(tomllib.loads((FOLDER / f"{name}.toml").read_text()), Published)
