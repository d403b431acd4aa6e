"""Shipped deals as the simulation reads them, changed where a test asks for it."""

import json
from pathlib import Path

import numpy as np

from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.factor import Factor
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.facility.collateral import run_cases
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import path_inputs
from rackrate.engine.simulation.run import factor_row
from rackrate.engine.structure.payment import pay
from rackrate.kernel.arguments import Tallies

EXAMPLES = Path(__file__).parents[2] / "service" / "rackrate" / "deal" / "examples"
DEALS = tuple(sorted(path.stem for path in EXAMPLES.glob("*.json")))
STORMY = Factor(
    asset_correlation=0.24,
    renewal_loading=0.5,
    rent_volatility=0.15,
    rent_loading=0.6,
    power_speed=1.5,
    power_volatility=0.35,
    power_loading=-0.1,
)
CALM = Factor(
    asset_correlation=0.0,
    renewal_loading=0.0,
    rent_volatility=0.0,
    rent_loading=0.0,
    power_speed=0.0,
    power_volatility=0.0,
    power_loading=0.0,
)
TALLIED = Tallies._fields


def document(name):
    """A shipped deal as JSON."""
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def paid(deal):
    """A deal priced, sized and structured: (priced, paid)."""
    deal = decode(json.dumps(deal).encode(), Deal)
    priced = run_cases(deal, rulesets.load(deal.ruleset))
    return priced, pay(priced, size_loan(priced), deal.structure)


def path_of(deal, factor=STORMY, seed=7):
    """What every path of a deal, given as JSON, shares."""
    return path_inputs(*paid(deal), factor_row(factor), seed)


def ran(kernel, path, first, pairs, tally=None):
    """Pairs of paths run by a kernel: the tally, each path's quantities and its net cash flow."""
    tally = tally or Tally(path.periods, path.classes)
    outcomes, flows = np.empty((2 * pairs, 1 + 2 * path.classes)), np.empty((2 * pairs, path.months))
    kernel.simulate(
        *path.arguments(first, pairs),
        tally.arrays,
        outcomes,
        np.empty((2 * pairs, len(path.risk.thresholds)), np.int32),
        flows,
    )
    return tally, outcomes, flows


def stormy_roll(deal):
    """The same deal with weak tenants, an option to leave and a class that watches its loan to value."""
    for k, tenant in enumerate(deal["tenants"]):
        tenant.pop("rating", None), tenant.pop("one_year_pd", None)
        tenant["cumulative_pd"] = [[1, 0.05 + 0.01 * (k % 5)], [10, 0.4]]
        tenant["security_months"] = k % 4
    for facility in deal["facilities"]:
        for k, lease in enumerate(facility["leases"]):
            if k % 4 == 3:  # half of its tenants that live to its commencement leave in it
                year = int(deal["closing"][:4]) + 2
                lease["commencement"] = f"{year}{deal['closing'][4:]}"
                lease["termination"] = {"month": 0, "fee_months": 6, "probability": 0.5}
            if k % 2 == 0:
                lease["termination"] = {
                    "month": min(30 + k, lease["term_months"]),
                    "fee_months": 6,
                    "probability": 0.5,
                }
    deal["structure"]["classes"][0]["ltv_trigger"] = 0.55
    return deal
