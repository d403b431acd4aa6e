"""Leases, credit, power, cash flow, value: one body for the compiled kernel and its twin."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from tests.kernel import rows

import rackrate.kernel as compiled
from rackrate.kernel import records
from rackrate.kernel._records import agree
from rackrate.kernel.builds import builds
from rackrate.kernel.reference import cashflow, credit, leases, power, valuation

TWINS = {
    **{name: getattr(leases, name) for name in ("compound_index", "contract", "let")},
    **{name: getattr(credit, name) for name in ("cumulative_hazard", "survive", "convolve_losses")},
    **{name: getattr(valuation, name) for name in ("capitalise", "discount")},
    "supply": power.supply,
    "net": cashflow.net,
}
MONTHS = 96
LET = {name: k for k, name in enumerate(records.LETTING)}


class Reference:
    """The twins under the compiled kernel's names."""

    def __getattr__(self, name):
        return TWINS[name]


@pytest.fixture(params=[compiled, Reference()], ids=["compiled", "reference"])
def kernel(request):
    """Each implementation in turn."""
    return request.param


def one_lease(**changes):
    """One lease of 1,000 kW at 100, twenty-four months from closing, in a market at 100 without growth."""
    lease = rows.table(
        records.LEASE,
        1,
        term=24,
        termination=-1,
        contracted_kw=1000.0,
        rent=100.0,
        power=3,
        escalation_floor=-np.inf,
    )
    for name, value in changes.items():
        lease[name] = value
    return lease


def let(kernel, lease, market, scenario=None, survival=None, months=MONTHS):
    """Run contract and let for leases of one facility; returns the columns and the mass that is off."""
    scenario = rows.scenarios(np.random.default_rng(0), 2)[:1] if scenario is None else scenario
    none = np.zeros(0, dtype=records.STEP)
    rent, kw = np.empty((2, len(lease), months))
    kernel.contract(lease, none, none, np.zeros(months), rent, kw)
    growth, letting = np.empty((1, months)), np.empty((len(scenario), 1, len(records.LETTING), months))
    kernel.compound_index(np.zeros(1), growth)
    survival = np.ones((len(scenario), 1, months)) if survival is None else survival
    off = np.empty((len(scenario), len(lease)))
    pue = np.ones((1, months))
    kernel.let(
        lease,
        market,
        scenario,
        rent,
        kw,
        market["rent"][:, None] * growth,
        growth,
        pue,
        survival,
        letting,
        off,
    )
    assert off.max() < 1e-12
    return letting[0, 0]


def market(**changes):
    """A letting market at 100 a kW: half renew, three months down, terms of twelve months."""
    row = rows.table(
        records.MARKET, 1, rent=100.0, renewal_probability=0.5, downtime=3, default_downtime=6, term=12
    )
    for name, value in changes.items():
        row[name] = value
    return row


def test_half_renews_at_once_and_half_is_relet_after_the_downtime(kernel):
    """24 months at 1,000 kW x 100; then 50% renew at once; the other 50% pay again from month 27."""
    base = let(kernel, one_lease(), market())[LET["base_rent"]]
    assert base[23] == 100_000.0
    assert base[24:27].tolist() == [50_000.0] * 3
    assert base[27] == 100_000.0


def test_the_second_generation_splits_again(kernel):
    """Month 36: of the 50% renewed 25 renew, 25 leave; the 50% re-let in month 27 still run: 75% pays."""
    assert let(kernel, one_lease(), market())[LET["base_rent"], 36] == pytest.approx(75_000.0, rel=1e-14)


def test_a_renewal_in_place_keeps_the_rent_just_expired_and_lower_of_takes_the_less(kernel):
    lease = one_lease(rent=80.0)
    assert let(kernel, lease, market(renew_at=1))[LET["base_rent"], 24] == 40_000.0
    assert let(kernel, lease, market(renew_at=2))[LET["base_rent"], 24] == 40_000.0
    assert let(kernel, lease, market(renew_at=0))[LET["base_rent"], 24] == 50_000.0
    assert let(kernel, one_lease(rent=120.0), market(renew_at=2))[LET["base_rent"], 24] == 50_000.0


def test_a_default_pays_the_security_and_relets_at_a_discount(kernel):
    """Survival falls to 0.9 in month 2: a tenth of 100,000 x 3 = 30,000; from month 8 it pays 80 a kW."""
    survival = np.ones((1, 1, MONTHS))
    survival[0, 0, 2:] = 0.9
    columns = let(
        kernel, one_lease(security_months=3.0), market(default_rent_discount=0.2), survival=survival
    )
    assert columns[LET["termination_receipts"], 2] == pytest.approx(30_000.0)
    assert columns[LET["base_rent"], 2] == pytest.approx(90_000.0)
    assert columns[LET["base_rent"], 8] == pytest.approx(98_000.0)


def test_a_default_before_commencement_acts_at_commencement(kernel):
    survival = np.full((1, 1, MONTHS), 0.5)
    columns = let(kernel, one_lease(commencement=4), market(), survival=survival)
    assert columns[LET["base_rent"], 3] == 0.0
    assert columns[LET["base_rent"], 4] == 50_000.0


def test_who_has_defaulted_before_commencement_exercises_no_option_at_it(kernel):
    """S_3 is 0.8, S_4 0.6: half of 0.8 leaves for six months of 100,000; 0.2, and half of 0.2, draw three.

    0.4 x 600,000 + 0.3 x 300,000 = 330,000; 0.3 pays in month 4, 0.4 more from month 7, 0.3 more at 80 from
    month 10.
    """
    survival = np.full((1, 1, MONTHS), 0.6)
    survival[0, 0, :4] = 0.8
    columns = let(
        kernel,
        one_lease(
            commencement=4, termination=4, termination_probability=0.5, fee_months=6.0, security_months=3.0
        ),
        market(default_rent_discount=0.2),
        survival=survival,
    )
    assert columns[LET["termination_receipts"], 4] == pytest.approx(330_000.0, rel=1e-14)
    assert columns[LET["base_rent"], [3, 4, 7, 10]] == pytest.approx([0.0, 3e4, 7e4, 9.4e4], rel=1e-14)


def test_a_termination_option_ends_a_share_of_what_is_alive_and_pays_its_fee(kernel):
    """A quarter leaves in month 10 and pays six months of 25,000; it re-lets in month 13 without renewing."""
    columns = let(
        kernel,
        one_lease(termination=10, termination_probability=0.25, fee_months=6.0, free_rent=24),
        market(),
    )
    assert columns[LET["termination_receipts"], 10] == 150_000.0
    assert columns[LET["base_rent"], 10] == 0.0
    assert columns[LET["base_rent"], 13] == 25_000.0


def test_lettings_of_one_month_pay_market_rent_every_month(kernel):
    """Nothing is vacant: 1,000 kW at 100 to month 24, then half renews and half is let anew, all at 110."""
    base = let(kernel, one_lease(), market(rent=110.0, term=1, downtime=0), months=34)[LET["base_rent"]]
    assert base.tolist() == [100_000.0] * 24 + [110_000.0] * 10


def test_contracted_income_neither_renews_nor_relets(kernel):
    scenario = rows.scenarios(np.random.default_rng(0), 2)[:1].copy()
    scenario["contracted_only"] = 1
    base = let(kernel, one_lease(), market(), scenario)[LET["base_rent"]]
    assert base[23] == 100_000.0
    assert not base[24:].any()


def test_cpi_escalation_is_clipped_at_each_anniversary(kernel):
    """CPI 5% capped at 3%, two anniversaries of a lease begun six months before closing: 100 x 1.03^2."""
    lease = one_lease(
        commencement=-6,
        term=36,
        escalation=1,
        escalation_floor=0.01,
        escalation_cap=0.03,
        booked_not_billed=0,
    )
    rent, kw = np.empty((2, 1, 30))
    none = np.zeros(0, dtype=records.STEP)
    kernel.contract(lease, none, none, np.full(30, 0.05), rent, kw)
    assert rent[0, 5] == 100.0
    assert rent[0, 6] == pytest.approx(103.0)
    assert rent[0, 18] == pytest.approx(106.09)


def test_survival_is_flat_in_hazard_between_the_horizons_and_carries_the_last_on(kernel):
    """19% default in a year, and 19% of what is left in the next: 0.81 a year, 0.81^(1/12) a month."""
    hazard = np.empty(1)
    kernel.cumulative_hazard(np.array([0.19]), hazard)
    survival = np.empty((1, 1, 24))
    kernel.survive(
        np.array([[12.0]]), hazard[None, :], np.ones((1, 1)), np.full((1, 1), -1, dtype=np.int64), survival
    )
    assert survival[0, 0, 0] == pytest.approx(0.81 ** (1 / 12), rel=1e-15)
    assert survival[0, 0, 23] == pytest.approx(0.81**2, rel=1e-15)


def test_a_scripted_default_ends_survival_from_its_month(kernel):
    survival = np.empty((1, 1, 4))
    kernel.survive(
        np.array([[12.0]]), np.array([[0.1]]), np.zeros((1, 1)), np.full((1, 1), 2, dtype=np.int64), survival
    )
    assert survival[0, 0].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_the_tariff_golden_case_is_what_factset_published(kernel):
    """500 MW at 7.45 a kW-month: 60% minimum 26.8 million a year, 85% 38.0, 100% 44.7 (AEP Ohio, FactSet)."""
    for share, millions in ((0.6, 26.8), (0.85, 38.0), (1.0, 44.7)):
        tariff = rows.table(
            records.POWER, 1, kind=3, end=rows.FOREVER, demand_rate=7.45, contracted_demand_kw=500_000.0,
            minimum_demand_share=share,
        )  # fmt: skip
        facility = rows.table(records.FACILITY, 1, expiry=rows.FOREVER, power_end=1, capacity_kw=1.0)
        scenario = rows.scenarios(np.random.default_rng(0), 2)[:1]
        out, unused = np.empty((1, 1, 6, 12)), np.empty((1, 1))
        kernel.supply(
            facility, tariff, scenario, np.full(12, 40.0), np.full(12, 730.0), np.ones((1, 12)),
            np.zeros((1, 1, 9, 12)), out, unused, 12,
        )  # fmt: skip
        assert out[0, 0, 3].sum() / 1e6 == pytest.approx(millions, abs=0.05)
        assert unused[0, 0] == pytest.approx(out[0, 0, 3].sum())


def test_the_copula_golden_case_is_exact(kernel):
    """Three tenants, weights .5 .3 .2, PD .46 1.54 6.43%, LGD .5, correlation .24: golden case to 1e-6."""
    probability = np.empty(11)
    pd, units = np.array([0.0046, 0.0154, 0.0643]), np.array([5, 3, 2])
    kernel.convolve_losses(pd, units, 0.24, 0.125, 145, probability)
    golden = {
        0: 0.919500,
        2: 0.060808,
        3: 0.012520,
        5: 0.006044 + 0.0,
        7: 0.000821,
        8: 0.000209,
        10: 0.000099,
    }
    for units, expected in golden.items():
        assert probability[units] == pytest.approx(expected, abs=1.1e-6)
    assert probability.sum() == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("pd", [1e-300, 1e-100, 1e-30, 1e-9, 0.01, 0.24, 0.5, 0.76, 0.99])
def test_a_lone_tenant_at_the_mean_of_the_factor_defaults_as_the_normal_law_says(pd):
    """Phi(Phi^-1(pd) / sqrt(1 - rho)) by erfc: relative to the tail itself, far out too."""
    probability = np.empty(2)
    compiled.convolve_losses(np.array([pd]), np.array([1]), 0.24, 0.5, 1, probability)
    x = NormalDist().inv_cdf(pd) / math.sqrt(0.76)
    assert probability[1] == pytest.approx(0.5 * math.erfc(-x / math.sqrt(2.0)), rel=1e-12)


@pytest.mark.parametrize("isa", builds("losses"))
def test_every_build_gives_the_losses_the_same_bits(isa):
    """40 tenants on a grid, nodes that fill no vector; a certain and an impossible default."""
    rng = np.random.default_rng(3)
    pd, units = np.append(rng.uniform(0.0, 0.1, 38), [0.0, 1.0]), rng.integers(0, 60, 40)
    found = [np.empty(int(units.sum()) + 1) for _ in range(2)]
    for build, probability in zip((isa, "baseline"), found, strict=True):
        builds("losses")[build].convolve_losses(pd, units, 0.3, 0.21, 87, probability)
    assert found[0].tobytes() == found[1].tobytes()
    assert found[0].sum() == pytest.approx(1.0, abs=1e-12)


def test_a_leasehold_is_worth_its_years_left(kernel):
    """A year of 12 at a 10% cap: freehold 120; with one year left 120 x (1 - 1/1.1); expired nothing."""
    flows = np.ones((1, 3, 24))
    value = np.empty((1, 1))
    for expiry, worth in ((rows.FOREVER, 120.0), (12, 120.0 * (1 - 1 / 1.1)), (0, 0.0)):
        ends = np.array([expiry, 0, 0])
        kernel.capitalise(flows, ends, 0.1, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), value)
        assert value[0, 0] == pytest.approx(worth, rel=1e-14)


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_agrees_with_its_twin_from_lease_to_value(seed):
    rng = np.random.default_rng(seed)
    facilities, tenants, count, each = 3, 3, 6, 5
    lease, steps = rows.leases(rng, count, facilities, tenants, MONTHS)
    supply = rows.contracts(rng, facilities * each, MONTHS)
    estate, letting_market = rows.facilities(rng, facilities, each), rows.markets(rng, facilities)
    scenario = rows.scenarios(rng)
    cost = rows.table(records.COST, 4, facility=[0, 0, 1, 2], line=[15, 16, 15, 16], per_kw=[0, 1, 1, 0])
    given = {
        "cpi": rng.uniform(0.0, 0.05, MONTHS),
        "growths": rng.uniform(-0.1, 0.05, facilities),
        "pue": rng.uniform(1.1, 1.5, (facilities, MONTHS)),
        "survival": np.cumprod(rng.uniform(0.98, 1.0, (len(scenario), tenants, MONTHS)), axis=2),
        "index": rng.uniform(30.0, 80.0, MONTHS),
        "hours": rng.uniform(672.0, 744.0, MONTHS),
        "amounts": rng.uniform(0.0, 5.0, (4, MONTHS)),
    }
    outputs = []
    for kernel in (compiled, Reference()):
        out = {
            "rent": np.empty((count, MONTHS)),
            "kw": np.empty((count, MONTHS)),
            "growth": np.empty((facilities, MONTHS)),
            "letting": np.empty((len(scenario), facilities, 9, MONTHS)),
            "off": np.empty((len(scenario), count)),
            "power": np.full((len(scenario), facilities, 6, MONTHS), np.nan),
            "unused": np.empty((len(scenario), len(supply))),
            "lines": np.empty((len(scenario), 2, 17, MONTHS)),
            "ncf": np.empty((len(scenario), facilities, MONTHS)),
            "value": np.empty((len(scenario), 2)),
            "terminal": np.empty((len(scenario), 2)),
        }
        kernel.contract(lease, steps, steps, given["cpi"], out["rent"], out["kw"])
        kernel.compound_index(given["growths"], out["growth"])
        rents = letting_market["rent"][:, None] * out["growth"]
        kernel.let(
            lease, letting_market, scenario, out["rent"], out["kw"], rents, out["growth"], given["pue"],
            given["survival"], out["letting"], out["off"],
        )  # fmt: skip
        kernel.supply(
            estate, supply, scenario, given["index"], given["hours"], given["pue"], out["letting"],
            out["power"], out["unused"], 60,
        )  # fmt: skip
        kernel.net(
            estate, cost, scenario, given["amounts"], out["letting"], out["power"], out["lines"], out["ncf"]
        )
        expiry = estate["expiry"].copy()
        at = np.array([0, 24])
        kernel.discount(out["ncf"], expiry, 0.08, 0.07, 36, at, out["value"], out["terminal"])
        outputs.append(out)
    for name, value in outputs[0].items():
        scale = max(1.0, np.abs(outputs[1][name]).max())
        if name == "off":
            assert value.max() < 1e-12
        else:
            np.testing.assert_allclose(value, outputs[1][name], rtol=1e-10, atol=1e-13 * scale, err_msg=name)


def random_roll(seed, **terms):
    """All that `let` is asked with: eight leases, three facilities, four scenarios; `terms` of markets."""
    rng = np.random.default_rng(seed)
    facilities, tenants, count = 3, 3, 8
    lease, steps = rows.leases(rng, count, facilities, tenants, MONTHS)
    letting_market, scenario = rows.markets(rng, facilities), rows.scenarios(rng)
    for name, value in terms.items():
        letting_market[name] = value
    rent, kw = np.empty((2, count, MONTHS))
    compiled.contract(lease, steps, steps, rng.uniform(0.0, 0.05, MONTHS), rent, kw)
    growth = np.empty((facilities, MONTHS))
    compiled.compound_index(rng.uniform(-0.1, 0.05, facilities), growth)
    survival = np.cumprod(rng.uniform(0.98, 1.0, (len(scenario), tenants, MONTHS)), axis=2)
    pue = rng.uniform(1.1, 1.5, (facilities, MONTHS))
    rents = letting_market["rent"][:, None] * growth
    return lease, letting_market, scenario, rent, kw, rents, growth, pue, survival


def let_by(implementation, roll):
    """Columns and departures of one implementation of `let`."""
    lease, letting_market, scenario = roll[:3]
    letting = np.full((len(scenario), len(letting_market), len(records.LETTING), MONTHS), 7.7)
    off = np.full((len(scenario), len(lease)), 7.7)
    implementation(*roll, letting, off)
    return letting, off


@pytest.mark.parametrize(
    "terms",
    [
        {"term": 17, "downtime": 0, "default_downtime": 0, "free_rent": 0},
        {"term": 12, "free_rent": 12},
        {"term": 13, "free_rent": 40},
        {"term": 61, "free_rent": 25, "downtime": 200, "default_downtime": 300},
        {"term": MONTHS - 1, "free_rent": MONTHS},
        {"term": MONTHS},
        {"term": 500, "free_rent": 400, "downtime": 0},
    ],
    ids=str,
)
def test_a_market_of_any_terms_is_let_as_if_each_letting_were_followed_on_its_own(terms):
    roll = random_roll(11, **terms)
    (found, off), (told, _) = let_by(compiled.let, roll), let_by(leases.let, roll)
    assert off.max() < 1e-12
    for name, column in LET.items():
        scale = max(1.0, np.abs(told[:, :, column]).max())
        np.testing.assert_allclose(
            found[:, :, column], told[:, :, column], rtol=1e-10, atol=1e-13 * scale, err_msg=name
        )


@pytest.mark.parametrize("isa", builds("leases"))
def test_every_build_gives_lettings_the_same_bits(isa):
    for seed in range(4):
        roll = random_roll(seed)
        wide, narrow = (let_by(builds("leases")[build].let, roll) for build in (isa, "baseline"))
        assert [part.tobytes() for part in wide] == [part.tobytes() for part in narrow]


def test_survival_agrees_with_its_twin_on_any_table():
    """Knots between months, hazards that fall, scenarios that repeat, credit off, scripted defaults."""
    rng = np.random.default_rng(5)
    months = np.cumsum(rng.uniform(0.2, 30.0, (6, 8)), axis=1)
    hazards = np.cumsum(rng.uniform(-0.005, 0.05, (6, 8)), axis=1)
    multipliers = np.repeat(rng.uniform(0.5, 3.0, (3, 6)), 2, axis=0)
    multipliers[2:, 1] = 0.0
    scripted = np.repeat(rng.integers(-1, 2 * MONTHS, (3, 6)), 2, axis=0)
    scripted[:, 0], scripted[:, 2] = -1, 0
    found, told = np.full((2, 6, 6, MONTHS), 7.7)
    compiled.survive(months, hazards, multipliers, scripted, found)
    credit.survive(months, hazards, multipliers, scripted, told)
    np.testing.assert_allclose(found, told, rtol=1e-14)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r"rent: expected \[leases, months\] = \[1, 3\] of .*, got \[1, 4\]"):
        compiled.contract(
            one_lease(),
            np.zeros(0, records.STEP),
            np.zeros(0, records.STEP),
            np.zeros(3),
            *np.empty((2, 1, 4)),
        )
    with pytest.raises(
        ValueError,
        match=r"leases: expected .* rows of facility, tenant.*, got \[1\], rows of from_month",
    ):
        compiled.contract(
            np.zeros(1, records.STEP), np.zeros(0, records.STEP), np.zeros(0, records.STEP), np.zeros(3),
            *np.empty((2, 1, 3)),
        )  # fmt: skip


def test_numbers_of_another_kind_axes_and_gaps_are_refused():
    index, sealed = np.empty((1, 24)), np.empty((1, 24))
    sealed.flags.writeable = False
    for rates, out, why in (
        (np.zeros(1, dtype=np.float32), index, "rates: .* of float64, got .* of float32"),
        (np.zeros(1, dtype=np.int64), index, "rates: .* of float64, got .* of int64"),
        (np.zeros((1, 1)), index, r"rates: expected \[facilities\] of float64, got \[1, 1\]"),
        (np.zeros(4)[::2], np.empty((2, 24)), "rates: .*not C-contiguous"),
        (np.zeros(1), sealed, "index: expected .* of writable float64, .*read-only"),
    ):
        with pytest.raises(ValueError, match=why):
            compiled.compound_index(rates, out)


def test_a_record_whose_fields_differ_from_its_struct_is_refused_when_the_kernel_is_loaded():
    """A cost and a note are 24 bytes each: only their fields tell them apart."""
    agreed = [np.empty(0, dtype=record) for record in records.RECORDS]
    agree(*agreed)
    cost, note = records.RECORDS.index(records.COST), records.RECORDS.index(records.NOTE)
    agreed[cost], agreed[note] = agreed[note], agreed[cost]
    with pytest.raises(ValueError, match="Buffer dtype mismatch"):
        agree(*agreed)
