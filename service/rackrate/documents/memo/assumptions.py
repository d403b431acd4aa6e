"""Warnings, assumptions with where they come from, limits of use, identity, and what had no room before."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rackrate.deal.answers.figures import Caution
from rackrate.deal.answers.pool import PoolCaution
from rackrate.deal.cases import ADJUSTMENTS
from rackrate.deal.facility.facilities import Facility
from rackrate.deal.structure import Structure
from rackrate.documents.layout.blocks import Block, Identity, Row, Section, Table, Text, row
from rackrate.documents.memo.adjustments import adjustment_words, value_words
from rackrate.documents.memo.collateral import LISTED, lease_table, leases_of
from rackrate.documents.memo.given import Given
from rackrate.documents.memo.income import case_of
from rackrate.documents.wording import name, number, percent, times, words

T = TypeVar("T")
MOST_ROWS = 300  # of a table in the appendix: more are no reading
SHOWN = 5  # warnings; all of them stand in the appendix
LIMITS = (
    "This memo states what the engine computes from the request and the house defaults named below. It "
    "contains no judgement that is not in them, is no rating, advice or offer, and has not been verified "
    "against documents. Every figure is one of the answer of the id below, or is summed or divided from such."
)


def warning_blocks(found: Sequence[Caution | PoolCaution]) -> Iterator[Block]:
    """The first warnings, and how many more there are."""
    if not found:
        yield Text("None.")
        return
    left = len(found) - SHOWN
    yield warning_table(found[:SHOWN], f"{left} more in the appendix." if left > 0 else "")


def warning_table(found: Sequence[Caution | PoolCaution], note: str = "") -> Table:
    """Warnings: what kind, in words, where in the request."""
    rows = [row(words(each.code), name(each.message), name(each.pointer)) for each in found]
    return Table(("Warning", "what", "where in the request"), "lLl", rows, note)


def all_of(what: str, found: list[T], table: Callable[[list[T], list[T]], Table]) -> Iterator[Section]:
    """A section with a table of all that is `found`, where the pages before had no room for it."""
    if len(found) > LISTED:
        shown, rest = found[:MOST_ROWS], found[MOST_ROWS:]
        heading = f"Appendix: {what}" if rest else f"Appendix: all {what}"
        yield Section(heading, [table(shown, rest)])


def all_warnings(found: Sequence[Caution | PoolCaution]) -> Iterator[Section]:
    """All warnings, where the pages before had no room for them."""
    left = len(found) - MOST_ROWS
    note = f"{left} more in the answer." if left > 0 else ""
    if len(found) > SHOWN:
        table = warning_table(found[:MOST_ROWS], note)
        yield Section("Appendix: all warnings" if left <= 0 else "Appendix: warnings", [table])


def assumptions(given: Given) -> Iterator[Block]:
    """Assumptions with figure and source, then limits of use and identity."""
    rows = [*_cases(given), *_markets(given), *_house(given)]
    yield Table(("Assumption", "figure", "source"), "llL", rows)
    yield Text(LIMITS, note=True)
    underwriting, ruleset = given.underwriting, given.ruleset
    yield Identity(
        [
            ("Answer", underwriting.id),
            ("Stresses", given.stressed.id),
            ("Engine", underwriting.engine),
            ("House defaults", f"{ruleset.name}, sha256 {ruleset.sha256}"),
        ]
    )


def _cases(given: Given) -> Iterator[Row]:
    """The adjustments of the cases in which the loan is sized and the classes are paid."""
    own = {case.name for case in given.deal.cases}
    for named in dict.fromkeys((given.deal.sizing.case, given.paid_case)):
        case, of_ruleset = case_of(given, named), given.ruleset.cases.get(named)
        for adjustment in ADJUSTMENTS:
            value = getattr(case, adjustment)
            if value is None:
                continue
            default = None if of_ruleset is None else getattr(of_ruleset, adjustment)
            key = f"cases.{named}.{adjustment}"
            if named in own:
                source = f"request, case {name(named)}"
                source += ", equal to the house default" if default == value else ""
            else:
                source = _told(given, key)
            label = f"{adjustment_words(adjustment)}, {name(named)}"
            yield row(label[:1].upper() + label[1:], value_words(adjustment, value, given), source)


def _told(given: Given, key: str) -> str:
    """Where a house number comes from, with its key."""
    return f"{given.ruleset.name}, {key}. {given.ruleset.sources[key]}"


def _markets(given: Given) -> Iterator[Row]:
    """What every facility assumes of its letting market: one figure, or the range of them."""
    facilities = given.deal.facilities
    yield row(
        "Renewal probability",
        _range(facilities, "renewal_probability", 100.0, 0, "%"),
        "request, market of each facility",
    )
    yield row(
        "Downtime",
        _range(facilities, "downtime_months", 1.0, 0, " months"),
        "request, market of each facility",
    )
    yield row(
        "Growth of market rent",
        _range(facilities, "growth", 100.0, 2, "% a year"),
        "request, market of each facility",
    )


def _range(facilities: list[Facility], field: str, scale: float, places: int, unit: str) -> str:
    values = [getattr(facility.market, field) * scale for facility in facilities]
    low, high = number(min(values), places), number(max(values), places)
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def _house(given: Given) -> Iterator[Row]:
    """The house numbers that this answer rests on, each with its source."""
    ruleset, structure = given.ruleset, given.deal.structure
    credit = ruleset.credit
    yield row(
        "Asset correlation", number(credit.asset_correlation, 2), _told(given, "credit.asset_correlation")
    )
    yield row("Loss given default, of rent", percent(credit.lgd, 0), _told(given, "credit.lgd"))
    table, first, last = credit.cumulative_pd["BBB"], credit.horizons[0], credit.horizons[-1]
    yield row(
        "Default table, such as BBB",
        f"{percent(table[0])} in {number(first, 0)} y, {percent(table[-1])} in {number(last, 0)} y",
        _told(given, "credit.cumulative_pd.BBB"),
    )
    if structure is not None:
        yield from _of_classes(given, structure)


def _of_classes(given: Given, structure: Structure) -> Iterator[Row]:
    """The house numbers that only an answer with classes rests on."""
    ruleset = given.ruleset
    costs = structure.sale_costs
    yield row(
        "Costs of the sale at legal final",
        percent(ruleset.sale.costs if costs is None else costs),
        _told(given, "sale.costs") if costs is None else "request, structure",
    )
    if not any(test.kind == "refinance" for test in given.underwriting.sizing.tests):
        take = ruleset.refinance
        yield row(
            "Take-out loan",
            f"{percent(take.rate)}, {take.months} months, {times(take.dscr)}",
            _told(given, "refinance.rate"),
        )
    best = ruleset.supports[0]
    yield row(
        "Support table, such as " + name(best.category),
        f"LTV {percent(best.ltv, 0)}, DSCR {times(best.dscr)}",
        _told(given, "supports"),
    )


def appendix(given: Given) -> Iterator[Section]:
    """All leases and all warnings, where the pages before had no room for them."""
    yield from all_of(
        "leases", leases_of(given), lambda shown, rest: lease_table(given, shown, rest, "in the request")
    )
    yield from all_warnings(given.underwriting.warnings)
