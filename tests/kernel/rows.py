"""Random rows of the kernel's records, wide enough to reach every branch."""

import numpy as np

from rackrate.kernel import records

FOREVER = 1_000_000


def table(dtype, count, **columns):
    """Rows of a dtype, zero where no column is given."""
    rows = np.zeros(count, dtype=dtype)
    for name, values in columns.items():
        rows[name] = values
    return rows


def scenarios(rng, count=4):
    """Neutral first, then adjusted at random; the last is contracted only, the one before at closing."""
    rows = table(
        records.SCENARIO,
        count,
        renewal_factor=1.0,
        power_price_factor=1.0,
        utilisation_factor=1.0,
        opex_factor=1.0,
    )
    for row in rows[1:]:
        row["downtime_add"] = rng.integers(0, 7)
        for name in (
            "rent_haircut",
            "market_rent_haircut",
            "ncf_haircut",
            "vacancy_floor",
            "management_fee_floor",
        ):
            row[name] = rng.uniform(0.0, 0.4)
        for name in ("renewal_factor", "power_price_factor", "utilisation_factor", "opex_factor"):
            row[name] = rng.uniform(0.5, 1.5)
        row["power_price_add"], row["pue_add"] = rng.uniform(-20.0, 20.0), rng.uniform(0.0, 0.3)
        row["capex_reserve_floor"] = rng.uniform(0.0, 40.0)
    rows[-2]["closing"] = rows[-1]["contracted_only"] = 1
    return rows


def markets(rng, facilities):
    """One letting market a facility; every rule of renewal appears."""
    return table(
        records.MARKET,
        facilities,
        rent=rng.uniform(60.0, 160.0, facilities),
        renewal_probability=rng.uniform(0.0, 1.0, facilities),
        renew_at=np.arange(facilities) % 3,
        downtime=rng.integers(0, 20, facilities),
        default_downtime=rng.integers(0, 20, facilities),
        term=rng.integers(9, 50, facilities),
        free_rent=rng.integers(0, 6, facilities),
        default_rent_discount=rng.uniform(0.0, 0.5, facilities),
        escalation=rng.uniform(0.0, 0.08, facilities),
        renewal_cost=rng.uniform(0.0, 50.0, facilities),
        reletting_cost=rng.uniform(0.0, 200.0, facilities),
    )


def leases(rng, count, facilities, tenants, months):
    """Lease rows with their ramp and rent steps: running, future, ending before the horizon and after it."""
    rows = table(
        records.LEASE,
        count,
        facility=rng.integers(0, facilities, count),
        tenant=rng.integers(0, tenants, count),
        commencement=rng.integers(-40, months // 2, count),
        term=rng.integers(41, months, count),
        free_rent=rng.integers(0, 9, count),
        booked_not_billed=rng.integers(0, 2, count),
        escalation=rng.integers(0, 3, count),
        power=rng.integers(0, 4, count),
        contracted_kw=rng.uniform(100.0, 5000.0, count),
        rent=rng.uniform(60.0, 200.0, count),
        escalation_rate=rng.uniform(0.0, 0.05, count),
        escalation_floor=np.where(rng.random(count) < 0.5, -np.inf, 0.01),
        escalation_cap=np.where(rng.random(count) < 0.5, np.inf, 0.03),
        utilisation=rng.uniform(0.3, 1.0, count),
        peak_utilisation=rng.uniform(0.6, 1.0, count),
        pue_cap=np.where(rng.random(count) < 0.5, np.inf, 1.3),
        markup=rng.uniform(0.0, 0.1, count),
        power_price=rng.uniform(40.0, 120.0, count),
        power_escalation=rng.uniform(0.0, 0.05, count),
        fee_months=rng.uniform(0.0, 12.0, count),
        termination_probability=rng.uniform(0.0, 1.0, count),
        security_months=rng.uniform(0.0, 12.0, count),
    )
    rows["termination"] = np.where(
        rng.random(count) < 0.5,
        -1,
        rows["commencement"] + rng.choice((0, 1), count) * rng.integers(0, 60, count),
    )
    rows["termination"] = np.where(rows["termination"] < 0, -1, rows["termination"])
    steps = []
    for row in rows:
        for name in ("ramp", "step"):
            row[f"{name}_start"] = len(steps)
            if rng.random() < 0.5:
                scale = row["contracted_kw"] if name == "ramp" else row["rent"]
                steps += [(0, 0.4 * scale), (7, 0.7 * scale), (30, scale)]
            row[f"{name}_end"] = len(steps)
    return rows, np.array(steps, dtype=records.STEP).reshape(-1)


def facilities(rng, count, contracts_each):
    """Facilities with their spans of power contracts, every other one a leasehold that runs out."""
    spans = np.arange(count) * contracts_each
    return table(
        records.FACILITY,
        count,
        expiry=np.where(np.arange(count) % 2, 50, FOREVER),
        power_start=spans,
        power_end=spans + contracts_each,
        group=np.arange(count) % 2,
        capacity_kw=rng.uniform(8000.0, 30000.0, count),
        curtailment_share=rng.uniform(0.0, 0.05, count),
        sla_credit_share=rng.uniform(0.0, 1.0, count),
        vacancy_floor=rng.uniform(0.0, 0.2, count),
        management_fee=rng.uniform(0.0, 0.05, count),
        other_income=rng.uniform(0.0, 1e6, count),
        capex_reserve=rng.uniform(0.0, 30.0, count),
        ground_rent=rng.uniform(0.0, 1e6, count),
        ground_rent_growth=rng.uniform(0.0, 0.04, count),
    )


def contracts(rng, count, months):
    """Power contracts of every kind, with and without a limit, some ending within the horizon."""
    return table(
        records.POWER,
        count,
        kind=np.arange(count) % 5,
        start=rng.integers(-30, 10, count),
        end=np.where(rng.random(count) < 0.5, FOREVER, rng.integers(11, months, count)),
        mw=np.where(np.arange(count) % 5 == 2, np.inf, rng.uniform(1.0, 12.0, count)),
        price=rng.uniform(20.0, 90.0, count),
        escalation=rng.uniform(0.0, 0.04, count),
        resale_share=rng.uniform(0.0, 1.2, count),
        demand_rate=rng.uniform(0.0, 10.0, count),
        contracted_demand_kw=rng.uniform(1000.0, 20000.0, count),
        minimum_demand_share=rng.uniform(0.0, 0.9, count),
        ratchet_share=rng.uniform(0.0, 0.9, count),
        fixed_monthly=rng.uniform(0.0, 1e4, count),
    )
