"""A pool of ground leases to size and structure debt on; and its contradictions."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from rackrate.deal.debt import Debt, debt_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.pools.ground_leases import (
    GroundLease,
    GroundSizing,
)
from rackrate.deal.requests.pool import (
    MAX_GROUND_LEASES,
    PoolBase,
    known_cases,
    part_faults,
    unknown_names,
    use_faults,
)
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import EquipmentTest, MaxLtc, MinDscr, MinPlcr, limit_faults
from rackrate.deal.structure import Structure, structure_faults


class GroundPool(PoolBase, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pool of ground leases, with debt sized and structured on it as in a deal."""

    ground_leases: Annotated[
        list[GroundLease],
        Meta(min_length=1, max_length=MAX_GROUND_LEASES, description="The ground leases."),
    ]
    debt: Annotated[Debt, Meta(description="Terms of the whole loan.")]
    sizing: Annotated[GroundSizing, Meta(description="How the loan is sized.")]
    structure: Annotated[
        Structure | None, Meta(description="The capital structure; without one only the loan is sized.")
    ] = None


def _ground_cases(pool: GroundPool) -> Iterator[tuple[str, str | None]]:
    yield "/sizing/case", pool.sizing.case
    yield from ((f"/sizing/tests/{i}/case", test.case) for i, test in enumerate(pool.sizing.tests))
    if pool.structure is not None:
        yield "/structure/case", pool.structure.case
        for i, note in enumerate(pool.structure.classes):
            yield f"/structure/classes/{i}/case", note.case
            for k, limit in enumerate(note.limits):
                yield f"/structure/classes/{i}/limits/{k}/case", limit.case


def _undefined(pool: GroundPool) -> Iterator[FieldError]:
    """Yield the tests of a deal that ground leases do not have."""
    tests = [(f"/sizing/tests/{i}", test) for i, test in enumerate(pool.sizing.tests)]
    for i, note in enumerate(pool.structure.classes if pool.structure is not None else []):
        tests += [(f"/structure/classes/{i}/limits/{k}", limit) for k, limit in enumerate(note.limits)]
    for place, test in tests:
        if isinstance(test, MaxLtc | EquipmentTest | MinPlcr):
            yield FieldError(f"{place}/kind", "ground leases have no cost, no equipment and no project life")
        if isinstance(test, MinDscr) and test.basis == "stabilised":
            yield FieldError(f"{place}/basis", "ground leases have no stabilised year")


def ground_pool_faults(pool: GroundPool, ruleset: Ruleset) -> list[FieldError]:
    """Return everything in a pool of ground leases that contradicts itself, or names what there is not."""
    errors = [*part_faults(pool), *use_faults(pool), *debt_faults(pool.debt, "/debt")]
    errors += limit_faults(pool.sizing.tests, False, "/sizing/tests")
    if pool.structure is not None:
        errors += structure_faults(pool.structure, pool.debt.term_months, False, "/structure")
    errors += unknown_names(_ground_cases(pool), known_cases(pool, ruleset), "case")
    errors += _undefined(pool)
    return errors
