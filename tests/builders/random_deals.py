"""Random deals for Hypothesis."""

import calendar
from datetime import date
from typing import Any

from hypothesis import strategies as st
from tests.builders.deals import deal, facility, lease, market

from rackrate.deal.cases import Case, TenantDefault
from rackrate.deal.requests.underwriting import Deal

Plain = Any  # a document as JSON gives it
STEPS = 1000


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers on a grid: none so small that a product of a few is lost to underflow."""
    return st.integers(0, STEPS).map(lambda n: low + (high - low) * n / STEPS)


SHARES = numbers(0.0, 1.0)
FEW = st.integers(0, 6)
PRICES = numbers(20.0, 80.0)
CAPS = numbers(1.0, 1.5)
SIZES = numbers(0.1, 2.0)
CLOSINGS = st.sampled_from(["2026-01-01", "2027-12-31", "2028-02-29", "2026-08-30", "2026-04-29"])


def fixed_block(mw: float, price: float, resale_share: float) -> Plain:
    terms = {"mw": mw, "price_per_mwh": price, "resale_share": resale_share}
    return {"kind": "fixed_block", "end": "2030-06-30", **terms}


def tariff(minimum: float, ratchet: float, rate: float) -> Plain:
    terms = {"demand_rate": rate, "minimum_demand_share": minimum, "ratchet_share": ratchet}
    fixed = {
        "price_per_mwh": 35.0,
        "contracted_demand_kw": 3000.0,
        "fixed_monthly": 2000.0,
        "escalation": 0.03,
    }
    return {"kind": "tariff", "start": "2028-03-01", **terms, **fixed}


ESCALATIONS = st.one_of(
    st.builds(lambda rate: {"kind": "fixed", "rate": rate}, numbers(-0.02, 0.05)),
    st.sampled_from([{"kind": "cpi"}, {"kind": "cpi", "floor": 0.01, "cap": 0.03}]),
    st.just({"kind": "steps", "steps": [{"from_month": 5, "rent_per_kw_month": 90.0}]}),
)
POWER_TERMS = st.one_of(
    st.builds(
        lambda cap, mark: {"kind": "metered", "pue_cap": cap, "markup": mark}, numbers(1.0, 1.5), SHARES
    ),
    st.builds(lambda price: {"kind": "fixed_price", "price_per_mwh": price, "escalation": 0.02}, PRICES),
    st.sampled_from([{"kind": "included"}, {"kind": "direct"}]),
)
SUPPLIES = st.one_of(
    st.builds(fixed_block, SIZES, PRICES, SHARES),
    st.builds(tariff, SHARES, SHARES, numbers(0.0, 12.0)),
    st.builds(lambda adder, mw: {"kind": "indexed", "adder": adder, "mw": mw}, numbers(-5.0, 5.0), SIZES),
    st.builds(lambda price: {"kind": "full_requirements", "price_per_mwh": price}, PRICES),
    st.builds(lambda mw, strike: {"kind": "cfd", "mw": mw, "strike": strike}, SIZES, PRICES),
)


@st.composite
def leases(draw: st.DrawFn, name: str, closing: date) -> Plain:
    """A lease of at most 1,000 kW that runs at closing or begins within three years of it."""
    kw, utilisation, month = (
        draw(numbers(100.0, 1000.0)),
        draw(numbers(0.2, 1.0)),
        draw(st.integers(-24, 36)),
    )
    years, month = divmod(closing.month - 1 + month, 12)
    last = calendar.monthrange(closing.year + years, month + 1)[1]
    return lease(
        id=name,
        tenant=draw(st.sampled_from(["a", "b"])),
        contracted_kw=kw,
        rent_per_kw_month=draw(numbers(60.0, 160.0)),
        commencement=date(closing.year + years, month + 1, min(draw(st.integers(1, 31)), last)).isoformat(),
        term_months=draw(st.integers(26, 70)),
        free_rent_months=draw(FEW),
        ramp=draw(st.sampled_from([[], [{"from_month": 0, "kw": 0.4 * kw}, {"from_month": 7, "kw": kw}]])),
        escalation=draw(ESCALATIONS),
        utilisation=utilisation,
        peak_utilisation=draw(numbers(utilisation, 1.0)),
        power=draw(POWER_TERMS),
        termination=draw(st.sampled_from([None, {"month": 20, "fee_months": 6.0, "probability": 0.4}])),
    )


@st.composite
def markets(draw: st.DrawFn) -> Plain:
    """Any letting market: quick or slow, rising or falling, renewing at any rent."""
    return market(
        rent_per_kw_month=draw(numbers(50.0, 150.0)),
        growth=draw(numbers(-0.1, 0.05)),
        renewal_probability=draw(SHARES),
        renew_at=draw(st.sampled_from(["market", "in_place", "lower_of"])),
        downtime_months=draw(FEW),
        default_downtime_months=draw(FEW),
        default_rent_discount=draw(SHARES),
        term_months=draw(st.integers(6, 30)),
        free_rent_months=draw(FEW),
        escalation=draw(numbers(0.0, 0.05)),
        renewal_cost_per_kw=draw(numbers(0.0, 50.0)),
        reletting_cost_per_kw=draw(numbers(0.0, 200.0)),
    )


@st.composite
def facilities(draw: st.DrawFn, name: str, closing: date) -> Plain:
    """A facility of 3,000 kW with up to three leases, up to three power contracts, costs of both kinds."""
    expiry = f"{closing.year + 6}-05-05"
    leasehold = {"kind": "leasehold", "expiry": expiry, "ground_rent": 1e5, "growth": 0.02}
    tax = {
        "name": "tax",
        "annual": [["2020-01-01", 5e4], [f"{closing.year + 2}-01-01", 1.5e5]],
        "growth": 0.02,
    }
    return facility(
        *(draw(leases(f"{name}-{n}", closing)) for n in range(draw(st.integers(1, 3)))),
        id=name,
        capacity_kw=3000.0,
        pue=draw(numbers(1.1, 1.6)),
        tenure=draw(st.sampled_from([{"kind": "freehold"}, leasehold])),
        power=draw(st.lists(SUPPLIES, max_size=3)),
        operating_costs=[tax, {"name": "staff", "per_kw_month": draw(numbers(0.0, 5.0))}],
        management_fee=draw(numbers(0.0, 0.05)),
        other_income=draw(numbers(0.0, 1e5)),
        capex_reserve_per_kw_year=draw(numbers(0.0, 20.0)),
        vacancy_floor=draw(numbers(0.0, 0.2)),
        curtailment_hours_per_year=draw(st.sampled_from([0.0, 87.6])),
        sla_credit_share=draw(SHARES),
        market=draw(markets()),
    )


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """A deal of one or two facilities and two tenants, closing on any kind of day."""
    closing = draw(CLOSINGS)
    names = ["f", "g"][: draw(st.integers(1, 2))]
    one = {"id": "a", "one_year_pd": draw(numbers(0.0, 0.2)), "security_months": draw(numbers(0.0, 6.0))}
    return deal(
        *(draw(facilities(name, date.fromisoformat(closing))) for name in names),
        closing=closing,
        tenants=[
            one,
            {"id": "b", "rating": "B", "pd_multiplier": draw(numbers(0.0, 4.0))},
        ],
        market={
            "power_index": [["2026-06-01", draw(PRICES)], ["2029-01-01", draw(PRICES)]],
            "cpi": draw(numbers(-0.01, 0.06)),
            "base_rate": 0.04,
        },
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with every adjustment of cash flow."""
    return Case(
        name="any",
        rent_haircut=draw(numbers(-0.2, 0.5)),
        market_rent_haircut=draw(numbers(-0.2, 0.5)),
        ncf_haircut=draw(numbers(0.0, 0.3)),
        vacancy_floor=draw(numbers(0.0, 0.3)),
        renewal_factor=draw(numbers(0.0, 2.0)),
        downtime_add_months=draw(FEW),
        credit=draw(st.booleans()),
        pd_multiplier=draw(numbers(0.0, 5.0)),
        tenant_defaults=draw(st.sampled_from([None, [TenantDefault(tenant="a", month=17)]])),
        power_price_factor=draw(numbers(0.5, 2.0)),
        power_price_add=draw(numbers(-10.0, 10.0)),
        utilisation_factor=draw(numbers(0.5, 1.2)),
        pue_add=draw(numbers(-0.05, 0.3)),
        opex_factor=draw(numbers(0.5, 2.0)),
        management_fee_floor=draw(numbers(0.0, 0.06)),
        capex_reserve_floor=draw(numbers(0.0, 30.0)),
    )
