"""The memo of a pool of ground leases: what it says, in which order."""

from collections.abc import Iterator

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.pools import rulesets
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.documents.layout.blocks import Memo, Points, Section, Tile
from rackrate.documents.memo.assumptions import all_of, all_warnings, warning_blocks
from rackrate.documents.memo.capital import capital
from rackrate.documents.memo.cover import cover_blocks
from rackrate.documents.memo.front import due
from rackrate.documents.memo.given import case_words, least
from rackrate.documents.memo.memo import memo_of
from rackrate.documents.memo.sentences import points
from rackrate.documents.memo.sizing import sizing
from rackrate.documents.pool_memo.ground_given import GroundGiven
from rackrate.documents.pool_memo.ground_leases import by_value, ground_leases, lease_table, losses
from rackrate.documents.pool_memo.ruleset_figures import HEADING, ruleset_figures
from rackrate.documents.wording import millions, name, number, percent, times

FORM = "Ground lease memo"
KEYS = (  # house numbers that every pool of ground leases rests on
    "ground.coverage",
    "ground.gltv",
    "ground.default_below",
    "ground.default_months",
    "ground.takeover_months",
    "stated.default_downtime_months",
)


def written(pool: GroundPool, underwriting: GroundUnderwriting) -> Memo:
    """Write a memo of a pool of ground leases."""
    given = GroundGiven.of(pool, underwriting)
    ruleset = rulesets.load(underwriting.pool_ruleset.name)
    sections = [
        Section("What the committee should know", [Points(points(given, _concentration(given)))]),
        Section("Ground leases", list(ground_leases(given))),
        Section("Cover and the years ahead", list(cover_blocks(given))),
        Section("Sizing: what limits the debt", list(sizing(given))),
    ]
    if underwriting.tranches:
        sections.append(Section("Capital structure", list(capital(given))))
        sections.append(Section("What the classes lose, by case", list(losses(given))))
    sections += [
        Section("Warnings", list(warning_blocks(underwriting.warnings))),
        Section(HEADING, list(ruleset_figures(ruleset, KEYS, underwriting))),
        *_appendix(given),
    ]
    return memo_of(FORM, pool, underwriting, ruleset.name, _ask(given), _tiles(given), sections)


def _ask(given: GroundGiven) -> str:
    """The ask in one sentence."""
    classes, leases = len(given.underwriting.tranches), given.underwriting.ground_leases
    what = f"in {classes} {'class' if classes == 1 else 'classes'}" if classes else "as one loan"
    count = f"{len(leases)} ground {'lease' if len(leases) == 1 else 'leases'}"
    rent = given.money(sum(lease.rent for lease in leases))
    return f"{given.money(given.debt)} {what} on {count} that pay {rent} a year, {due(given)}."


def _tiles(given: GroundGiven) -> list[Tile]:
    """The figures to be seen first."""
    summary, case = given.underwriting.summary, case_words(given.deal.sizing.case)
    lent = "Principal" if summary.issued is None else "Issued"
    first = percent(least(given.underwriting.tranches), 1)
    return [
        Tile(lent, millions(given.debt), f"{given.pool.currency} m"),
        Tile("LTV", percent(summary.ltv, 1), "of the leases"),
        Tile("Look-through LTV", percent(summary.look_through_ltv, 1), "land and buildings"),
        Tile("DSCR, closing", times(summary.dscr.closing), f"NCF, {case}"),
        Tile("Rent cover", times(summary.coverage), "by leaseholds' cash"),
        Tile("First loss at", first, "cut of NCF")
        if summary.issued is not None
        else Tile("Debt yield", percent(summary.debt_yield), f"NCF, {case}"),
    ]


def _concentration(given: GroundGiven) -> str:
    """Who pays most of the rent, and in which year most of it ends."""
    spread = given.underwriting.concentration
    if not spread.tenant or spread.effective_tenants is None:
        return ""
    largest, wall = spread.tenant[0], max(spread.expiry, key=lambda each: each.share)
    return (
        f"{number(spread.effective_tenants, 1)} effective lessees: {name(largest.id)} pays "
        f"{percent(largest.share, 1)} of ground rent at closing; {percent(wall.share, 1)} of it ends in "
        f"{wall.id}."
    )


def _appendix(given: GroundGiven) -> Iterator[Section]:
    """All ground leases and all warnings, where the pages before had no room for them."""
    yield from all_of(
        "ground leases",
        by_value(given),
        lambda shown, rest: lease_table(given, shown, rest, "in the answer"),
    )
    yield from all_warnings(given.underwriting.warnings)
