"""Resolve: curves and dates of a deal end there; equipment, months and groups are made of them."""

import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.builders.any_deal import any_deal
from tests.builders.deals import EXAMPLE_DEALS, EXAMPLES, RULESET, deal, facility, lease, resolved

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.underwriting import Deal, contradictions
from rackrate.deal.rulesets import load
from rackrate.engine.timeline import Timeline

RESOLVES = {
    *(f"rackrate.engine.facility.{name}" for name in ("resolve", "facilities", "leases", "power")),
    "rackrate.engine.debt.resolve",
    "rackrate.engine.structure.resolve",
    "rackrate.engine.property.resolve",
    *(f"rackrate.engine.pool.{name}" for name in ("loans", "scenarios")),
}
POOLS = sorted((EXAMPLES / "pools").glob("*.json"))
DOCUMENTS = [msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes()) for name in EXAMPLE_DEALS]


def readers_of_curves(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Modules that read a curve or count a day's months from here on."""
    readers = set[str]()

    def noting(method: Any) -> Any:
        def noted(timeline: Timeline, argument: Any) -> Any:
            readers.add(sys._getframe(1).f_globals["__name__"])
            return method(timeline, argument)

        return noted

    for method in (Timeline.index, Timeline.curve):
        monkeypatch.setattr(Timeline, method.__name__, noting(method))
    return readers


@pytest.mark.parametrize("seed", range(24))
def test_after_each_room_has_resolved_nothing_takes_a_curve_or_a_date(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of deals nobody wrote: whoever reads a curve or counts a day's months is part of a resolve."""
    readers = readers_of_curves(monkeypatch)
    of = msgspec.convert(any_deal(DOCUMENTS, seed), Deal, strict=False)
    if contradictions(of):
        return
    with suppress(Refusal):
        underwrite(of, load(of.ruleset) if of.ruleset else RULESET, id="", by_facility=True)
    assert "rackrate.engine.facility.resolve" in readers
    assert readers <= RESOLVES | {"rackrate.engine.timeline"}


@pytest.mark.parametrize("path", POOLS, ids=lambda path: path.stem)
def test_after_a_pool_is_resolved_nothing_takes_a_curve_or_a_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = readers_of_curves(monkeypatch)
    body = path.read_bytes()
    kind = GroundPool if b'"loans"' not in body else Pool
    pool = decode(body, kind)
    UNDERWRITE_POOL_WITH_TRANCHES.compute(pool, ruleset_of(pool), "")
    assert "rackrate.engine.property.resolve" in readers
    assert readers <= RESOLVES | {"rackrate.engine.timeline"}


def test_equipment_is_worth_its_residual_curve_and_its_cost_written_down() -> None:
    """100 of cost: half of it from February on by the curve, 10 a month less over ten months."""
    machines = {"cost": 100.0, "residual": [["2026-01-01", 1.0], ["2026-02-01", 0.5]], "life_months": 10}
    values = resolved(deal(facility(equipment=machines)), 12).equipment
    assert values is not None
    assert values.residual.tolist() == [100.0, *[50.0] * 11]
    assert values.book == pytest.approx([100.0 - 10.0 * month for month in range(10)] + [0.0, 0.0])


def test_a_deal_without_equipment_has_no_value_of_it() -> None:
    assert resolved(deal()).equipment is None


def test_a_deal_is_stabilised_when_its_last_lease_is_ramped_and_pays() -> None:
    """The second lease starts in month 6 and pays after 3 more; it ends in 66."""
    later = lease(id="later", commencement="2026-07-01", contracted_kw=1.0, free_rent_months=3)
    whole = resolved(deal(facility(lease(contracted_kw=1.0), later)))
    assert (whole.stabilised, whole.last_contract_end) == (9, 66)


def test_curves_over_fewer_months_are_those_of_the_whole() -> None:
    market = {"power_index": [["2026-01-01", 40.0], ["2026-06-01", 50.0]], "cpi": 0.01, "base_rate": 0.04}
    whole = resolved(deal(market=market))
    cut = whole.over(8)
    assert cut.timeline.months == 8
    assert cut.power_index.tolist() == whole.power_index[:8].tolist() == [40.0] * 5 + [50.0] * 3
    assert np.array_equal(cut.rent, whole.rent[:, :8])


def test_by_facility_each_has_a_group_of_its_own() -> None:
    whole = resolved(deal(facility(), facility(lease(id="other"), id="other")))
    assert whole.facilities["group"].tolist() == [0, 0]
    assert whole.by_facility().facilities["group"].tolist() == [0, 1]
    assert whole.timeline.closing == date(2026, 1, 1)
