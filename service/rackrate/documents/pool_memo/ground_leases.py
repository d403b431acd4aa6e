"""The ground leases of a pool: a row each, who pays for the leaseholds, expiries by year, losses by case."""

from collections.abc import Iterator, Sequence

from rackrate.deal.answers.ground_pool import GroundLeaseFigures
from rackrate.documents.charts.svg import HALF
from rackrate.documents.layout.blocks import Block, Pair, Row, Table, row
from rackrate.documents.memo.collateral import LISTED
from rackrate.documents.memo.stresses import break_evens
from rackrate.documents.pool_memo.certificates import losses_tables
from rackrate.documents.pool_memo.ground_given import GroundGiven
from rackrate.documents.pool_memo.loans import shares_table, wall_chart
from rackrate.documents.wording import NOTHING, millions, name, percent, times, years

YEAR = 12


def ground_leases(given: GroundGiven) -> Iterator[Block]:
    """The table of the largest ground leases, who pays, then the expiries."""
    found = by_value(given)
    yield lease_table(given, found[:LISTED], found[LISTED:])
    spread = given.underwriting.concentration
    lessees = shares_table("Lessees, by ground rent at closing", spread.tenant)
    wall = wall_chart(spread.expiry, "Share of ground rent at closing by year of expiry", HALF)
    yield Pair([lessees] if lessees is not None else [], [wall])


def by_value(given: GroundGiven) -> list[GroundLeaseFigures]:
    """The ground leases, the most valuable first."""
    return sorted(given.underwriting.ground_leases, key=lambda lease: -lease.value)


def lease_table(
    given: GroundGiven,
    shown: Sequence[GroundLeaseFigures],
    rest: Sequence[GroundLeaseFigures],
    where: str = "in the appendix",
) -> Table:
    """A row a ground lease in the waterfall's case; one of what is left out."""
    rows = [_lease(lease) for lease in shown]
    if rest:
        rent, value = sum(lease.rent for lease in rest), sum(lease.value for lease in rest)
        told = (NOTHING,) * 2, (NOTHING, where, NOTHING, NOTHING)
        rows.append(row(f"{len(rest)} others", millions(rent, 2), *told[0], millions(value), *told[1]))
    head = ("Ground lease", "rent, m", "cover", "least", "value, m", "GLTV", "expires in, years")
    note = (
        f"{given.pool.currency}; rent of the first twelve months; cover of it by the leasehold's cash flow. "
        f"GLTV: value over that of land and improvements. In case {name(given.paid_case)}."
    )
    return Table((*head, "defaults", "cured"), "Lrrrrrrrl", rows, note)


def _lease(lease: GroundLeaseFigures) -> Row:
    return row(
        name(lease.id),
        millions(lease.rent, 2),
        times(lease.coverage),
        times(lease.minimum_coverage),
        millions(lease.value),
        percent(lease.gltv, 1),
        years(lease.expiry / YEAR),
        NOTHING if lease.default_month is None else f"month {lease.default_month}",
        NOTHING if lease.cured is None else "yes" if lease.cured else "no",
    )


def losses(given: GroundGiven) -> Iterator[Block]:
    """What each class loses in every case, then the cuts of net cash flow at which things break."""
    yield from losses_tables(
        [
            ((name(each.name), percent(each.defaulted_share, 1), millions(each.ncf, 2)), each.classes)
            for each in given.underwriting.scenarios
        ],
        [note.name for note in given.underwriting.tranches],
        ("Case", "rent in default", "NCF, m"),
        "Classes held as issued and paid from each case's rents. Rent in default: share of ground rent at "
        f"closing whose lease defaults, cured or not. Principal lost, {given.pool.currency} m.",
    )
    yield from break_evens(given)
