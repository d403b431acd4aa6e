"""A pool of ground leases as tables: headline, leases, who pays, expiries, tests, classes, their losses."""

import math
from collections.abc import Iterable, Sequence

from rackrate.deal.answers.ground_pool import GroundLeaseFigures, GroundUnderwriting
from rackrate.reports.scenarios import scenarios_tables, years_table
from rackrate.reports.summary import tests_table, tranches_table
from rackrate.reports.tables import NOTHING, columns, millions, percent, times, years

MOST_TENANTS = 10  # of a table, the largest


def of_ground_leases(answer: GroundUnderwriting) -> Iterable[Sequence[str]]:
    """Parts of the page of a pool of ground leases, in their order."""
    yield _headline(answer)
    head = ("ground lease", "rent", "coverage", "least", "value", "GLTV", "expires in", "defaults", "cured")
    yield columns(head, map(_ground_lease, answer.ground_leases))
    yield _lessees(answer)
    rent = math.fsum(lease.rent for lease in answer.ground_leases)
    yield years_table("expires in", "rent", answer.concentration.expiry, rent)
    yield tests_table(answer.sizing.tests)
    yield tranches_table(answer.tranches)
    told = [("rent defaulted", percent, "defaulted_share"), ("NCF at closing", millions, "ncf")]
    yield from scenarios_tables(answer.scenarios, told)


def _headline(answer: GroundUnderwriting) -> list[str]:
    summary, spread = answer.summary, answer.concentration
    effective = spread.effective_tenants
    rows = [
        ("Principal", f"{millions(summary.principal)}  bound by {summary.binding_test}"),
        ("DSCR", f"{times(summary.dscr.closing)} closing, {times(summary.dscr.minimum)} minimum"),
        ("LTV", f"{percent(summary.ltv)} of the leases, {percent(summary.look_through_ltv)} looking through"),
        ("Coverage", f"{times(summary.coverage)} of ground rent by leasehold cash flow"),
        ("Spread", f"{NOTHING if effective is None else f'{effective:.1f}'} effective lessees by rent"),
    ]
    return [f"{name:<12}{value}" for name, value in rows]


def _ground_lease(lease: GroundLeaseFigures) -> tuple[str, ...]:
    return (
        lease.id,
        millions(lease.rent),
        times(lease.coverage),
        times(lease.minimum_coverage),
        millions(lease.value),
        percent(lease.gltv),
        years(lease.expiry / 12.0),
        NOTHING if lease.default_month is None else f"month {lease.default_month}",
        NOTHING if lease.cured is None else "yes" if lease.cured else "no",
    )


def _lessees(answer: GroundUnderwriting) -> list[str]:
    """Who pays for the leaseholds, by ground rent at closing."""
    rows = [(one.id, percent(one.share)) for one in answer.concentration.tenant]
    rest = len(rows) - MOST_TENANTS
    told = columns(("tenant", "share of rent"), rows[:MOST_TENANTS])
    return told + [f"and {rest:,} smaller lessees"] * (rest > 0)
