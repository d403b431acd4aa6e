"""Tables of figures: the tests that size the loan, its coverage, the classes, the break-evens."""

from msgspec import UNSET

from rackrate.deal.answers.figures import BreakEven, BreakEvenTarget
from rackrate.deal.answers.sizing import Coverage, TestOutcome, limit_unit
from rackrate.deal.answers.tranches import Attachment, Tranche
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.tables.table import Cell, Column, columns_of, shown_unit

TESTS = (
    "kind",
    "name",
    "limit",
    "actual",
    "max_principal",
    "slack",
    "shadow_price",
    "binding",
    "numerator",
    "denominator",
    "leg",
)
COVERAGE = ("measure", "numerator", "denominator", "basis", "case", "value")
SIZE = ("name", "principal", "coupon")
REST = (
    "credit_enhancement",
    "subordination",
    "ltv",
    "dscr",
    "debt_yield",
    "wal_to_ard",
    "wal_to_final",
    "duration",
    "price",
    "yield_",
    "break_even_haircut",
    "supports",
)


def tests(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate the tests in the order asked; a column says what limit and figure are measured in."""
    found = underwriting.sizing.tests
    units = [shown_unit(limit_unit(test.kind, test.leg), deal.currency) for test in found]
    return [*columns_of(TestOutcome, found, TESTS), Column("unit", "", "text", units)]


def coverage(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate every coverage figure with what it is made of."""
    return columns_of(Coverage, underwriting.coverage, COVERAGE)


def tranches(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate the classes, most senior first; nothing without a structure."""
    notes = underwriting.tranches
    if not notes:
        return []
    points = [
        Column(f"{name}_{of}", "ratio", "number", [getattr(getattr(note, name), of) for note in notes])
        for name in ("attachment", "detachment")
        for of in Attachment.__struct_fields__
    ]
    window = [
        Column(f"window_{name}", "", "date", [_at(note, k) for note in notes])
        for k, name in enumerate(("first", "last"))
    ]
    return [*columns_of(Tranche, notes, SIZE), *points, *columns_of(Tranche, notes, REST), *window]


def _at(note: Tranche, k: int) -> Cell:
    return None if note.window is None else note.window[k]


def break_evens(deal: Deal, underwriting: Underwriting) -> list[Column]:
    """Tabulate how far each adjustment goes until its target is reached; nothing where none was sought."""
    found = underwriting.break_evens
    if not found:
        return []
    ends = [_target(each.target) for each in found]
    return [
        *columns_of(BreakEven, found, ("measure",)),
        Column("target", "", "text", [name for name, _ in ends]),
        Column("of", "", "text", [None if isinstance(end, float) else end for _, end in ends]),
        Column("level", "ratio", "number", [end if isinstance(end, float) else None for _, end in ends]),
        *columns_of(BreakEven, found, ("value", "status")),
    ]


def _target(target: BreakEvenTarget) -> tuple[str, str | float]:
    """Name what is reached, and the trigger, class or level of it."""
    return next(
        (name, end)
        for name in BreakEvenTarget.__struct_fields__
        if (end := getattr(target, name)) is not UNSET
    )
