"""Refusals: malformed, invalid, unsupported or not financeable, each with its bad fields."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, ClassVar

from msgspec import Meta, Struct


class FieldError(Struct, frozen=True):
    """One bad field: where it is (RFC 6901 JSON pointer) and what is wrong with it."""

    pointer: Annotated[str, Meta(description="JSON pointer into the request; empty for all of it.")]
    message: Annotated[str, Meta(description="What is wrong there, in words.")]


class Refusal(Exception):  # noqa: N818 - it is an answer in the field's words, not a fault of the program
    """A request that is refused: the title of its kind, a detail, every bad field."""

    title: ClassVar[str] = "The request is refused"

    def __init__(self, detail: str, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)


class Malformed(Refusal):
    """The body is no document: broken JSON or MessagePack, bad UTF-8, repeated keys, absurd depth."""

    title = "The body cannot be read"


class Invalid(Refusal):
    """The document is well formed, but breaks the schema or contradicts itself."""

    title = "The request makes no sense"

    @classmethod
    def of(cls, errors: Iterable[FieldError]) -> "Invalid":
        """Return the refusal that lists `errors`, its detail quoting the first."""
        listed = list(errors)
        first = f"{listed[0].pointer or 'the document'}: {listed[0].message}"
        more = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
        return cls(first + more, listed)


class CannotFinance(Refusal):
    """The deal makes sense, but a test allows no debt at all."""

    title = "The deal cannot be financed"

    def __init__(self, test: str, detail: str, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail, errors)
        self.test = test


class Unsupported(Refusal):
    """A combination the model does not define: refused by name instead of guessed."""

    title = "The model does not define this"


@contextmanager
def at_pointer(at: str) -> Iterator[None]:
    """Prefix the pointers of a refusal inside the block with the place of the part it is about.

    >>> try:
    ...     with at_pointer("/deal"):
    ...         raise Invalid.of([FieldError("/closing", "too early")])
    ... except Invalid as refusal:
    ...     refusal.errors[0].pointer
    '/deal/closing'
    """
    try:
        yield
    except Refusal as refusal:
        placed = [FieldError(at + error.pointer, error.message) for error in refusal.errors]
        refusal.errors = placed or [FieldError(at, refusal.detail)]
        raise
