"""What deals of a book draw together: an obligor's fortune, a market's rents, the day chance runs from."""

import json
import math
from datetime import date

import numpy as np
import pytest
from tests.builders.books import CALM, FACTOR, GIVEN, request, simulated, terms, weak

from rackrate.analyses.books.book import underwrite_book
from rackrate.analyses.deals.points import base_of
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.factor import Factor
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import path_inputs
from rackrate.engine.simulation.run import factor_row, run_chunk
from rackrate.kernel.reference.paths.draws import normal

PAIRS = 4096
LOAN = GIVEN["deals"][3]  # 66 months, two tenants
SHELL = GIVEN["deals"][2]


def ran(deal, factor, pairs=PAIRS, as_of=None):
    """Months of default [2 pairs, T] and net cash flow [2 pairs, M] of a deal's paths."""
    typed = decode(json.dumps(deal).encode(), Deal)
    done = base_of(typed, ruleset_of(typed))
    inputs = path_inputs(done.priced, done.paid, factor_row(Factor(**CALM | factor)), 7, as_of)
    months = np.empty((2 * pairs, len(typed.tenants)), dtype=np.int32)
    flows = np.empty((2 * pairs, inputs.months))
    outcomes = np.empty((2 * pairs, 1 + 2 * inputs.classes))
    run_chunk(inputs, 0, pairs, Tally(inputs.periods, inputs.classes), outcomes, months, flows)
    return months, flows


def gone(name, key, pd, factor):
    """Whether the first tenant of a deal is in default before its legal final, on each path."""
    lab, other = LOAN["tenants"]
    tenants = [{"id": lab["id"], "obligor": key, "one_year_pd": pd}, other]
    months, _ = ran(LOAN | {"name": name, "tenants": tenants}, factor)
    return (months[:, 0] >= 0) & (months[:, 0] < LOAN["structure"]["legal_final_months"])


def estimate(hits):
    """Mean over paths, and its standard error over antithetic pairs."""
    pairs = hits.astype(float).reshape(-1, 2).mean(axis=1)
    return pairs.mean(), pairs.std(ddof=1) / math.sqrt(len(pairs))


def both(first, second, rho):
    """P(both are below their thresholds) of a bivariate normal, by quadrature over the factor."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    erf = np.vectorize(math.erf)
    given = [
        0.5 + 0.5 * erf((limit - math.sqrt(rho) * nodes) / math.sqrt(2.0 * (1.0 - rho)))
        for limit in (first, second)
    ]
    return float((weights * given[0] * given[1]).sum() / math.sqrt(2.0 * math.pi))


def limit(pd):
    """Threshold of default before legal final of a constant hazard, by its probability within a year."""
    years = LOAN["structure"]["legal_final_months"] / 12.0
    return float(normal(np.array([1.0 - (1.0 - pd) ** years]))[0])


def test_an_obligor_of_two_deals_defaults_in_both_where_the_better_of_its_tables_does():
    better, worse = gone("one", "key", 0.05, FACTOR), gone("two", "key", 0.2, FACTOR)
    assert 0 < better.sum() < worse.sum()
    assert ((better & worse) == better).all()


@pytest.mark.parametrize("rho", [0.0, 0.24])
def test_two_obligors_default_together_as_often_as_two_correlated_normals(rho):
    factor = {"asset_correlation": rho}
    hits = gone("one", "first", 0.05, factor) & gone("two", "second", 0.2, factor)
    found, error = estimate(hits)
    wanted = both(limit(0.05), limit(0.2), rho)
    assert abs(found - wanted) < 4.0 * error
    if rho == 0.0:  # 1 - 0.95^5.5 = 0.2458, 1 - 0.8^5.5 = 0.7069
        assert wanted == pytest.approx((1.0 - 0.95**5.5) * (1.0 - 0.8**5.5), rel=1e-6)


def test_obligors_that_are_all_factor_are_as_one():
    factor = {"asset_correlation": 1.0}
    first, second = (gone(f"deal of {key}", key, 0.1, factor) for key in ("first", "second"))
    assert first.any()
    assert (first == second).all()


def let(name, market):
    """A shell whose one lease ends in a year and is renewed at market rent: its cash flow is its rent."""
    (site,) = SHELL["facilities"]
    lease = site["leases"][1] | {"commencement": "2026-03-15", "term_months": 12, "contracted_kw": 42000}
    lease |= {"escalation": {"kind": "fixed", "rate": 0.0}, "rent_per_kw_month": 38.0}
    terms_of_market = site["market"] | {"renewal_probability": 1.0, "renewal_cost_per_kw": 0, "name": market}
    nothing = dict.fromkeys(("management_fee", "other_income", "capex_reserve_per_kw_year"), 0.0)
    site = site | nothing | {"operating_costs": [], "leases": [lease], "market": terms_of_market}
    site["tenure"] = {"kind": "freehold"}
    tenant = SHELL["tenants"][1] | {"pd_multiplier": 0.0}
    return SHELL | {
        "name": name,
        "facilities": [site],
        "tenants": [tenant],
        "cases": [{"name": "underwritten"}],
    }


def test_rents_of_one_market_are_one_path_and_those_of_two_share_the_factor():
    moving = {"rent_volatility": 0.15, "rent_loading": 0.6}
    month = 30  # the lease was renewed in month 12, at the rent of that month
    flows = [ran(let(name, market), moving)[1] for name, market in (("a", "X"), ("b", "X"), ("c", "Y"))]
    assert (flows[0] == flows[1]).all()
    logs = [np.log(flow[0::2, month]) for flow in (flows[0], flows[2])]
    assert logs[0].std() == pytest.approx(0.15, rel=0.05)  # sigma sqrt(12 / 12)
    found = np.corrcoef(*logs)[0, 1]
    assert abs(found - 0.6**2) < 4.0 * (1.0 - 0.6**4) / math.sqrt(PAIRS)


def test_chance_that_runs_from_closing_is_the_default_and_before_its_day_nothing_defaults():
    deal = weak(LOAN)
    closing = date.fromisoformat(deal["closing"])
    months = ran(deal, FACTOR, 512)[0]
    assert (ran(deal, FACTOR, 512, closing)[0] == months).all()
    later = ran(deal, FACTOR, 512, closing.replace(year=closing.year + 2))[0]
    assert ((later < 0) | (later >= 24)).all()
    # the same draw against the same survival, two years on
    assert (later[later >= 0] == months[later >= 0] + 24).all()


def test_a_book_is_aligned_to_a_day():
    deals = [weak(LOAN)]
    asked = {"paths": 200, "seed": 7, "factor": FACTOR}
    plain, closing, never = (
        underwrite_book(request(deals, simulation=asked, **more)).simulation
        for more in ({}, {"align": {"as_of": LOAN["closing"]}}, {"align": {"as_of": "2060-01-01"}})
    )
    assert closing == plain
    assert {one.key for one in plain.obligors} >= {"lab-one", "startup"}
    assert {one.key for one in never.obligors} <= {None}  # nobody defaults before the day
    early = simulated(0, deals[0], terms(200, align={"as_of": "2020-01-01"}))
    late = simulated(0, deals[0], terms(200))
    assert int(early.total) != int(late.total)  # hazards of later years, rents that have moved for longer
