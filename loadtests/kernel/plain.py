"""One underwriting in plain Python: lists of floats, no NumPy, the answers of the kernel to 1e-9."""

import math
from collections.abc import Callable
from typing import Any

from loadtests.kernel import plain_facility
from loadtests.kernel.chain import (
    ANNUITY,
    DISCOUNT,
    FINAL,
    HORIZON,
    INTEREST_ONLY,
    LIMITS,
    SALE_COSTS,
    TERM,
    Inputs,
    shares,
)
from loadtests.kernel.rivals import ACCOUNTS, plan
from loadtests.kernel.scalar_waterfall import pay_scenario

from rackrate.kernel.records import LINES, SERIES

PRINCIPAL = 3  # of the arguments of `pay_scenario` that all scenarios share
SCHEDULE = 12


def by_name(rows: Any) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return [dict(zip(rows.dtype.names, row, strict=True)) for row in rows.tolist()]


def underwriter(x: Inputs) -> Callable[[], tuple[Any, ...]]:
    """A function that underwrites the first scenario: lines, value, principal, waterfall, yields."""
    r = x.facts
    leases, ramps, steps, contracts, costs = map(by_name, (r.leases, r.ramps, r.steps, r.contracts, r.costs))
    (market,), (facility,), scenario = by_name(r.markets), by_name(r.facilities), by_name(x.scenarios)[0]
    cpi, index, hours, accrual = (a.tolist() for a in (r.cpi, r.power_index, r.timeline.hours, x.accrual))
    pue, amounts, rate = r.pue[0].tolist(), r.amounts.tolist(), x.rate[0].tolist()
    knots, hazards, multipliers = (
        r.hazards.months.tolist(),
        r.hazards.hazards.tolist(),
        x.multipliers[0].tolist(),
    )
    shared = [a.tolist() for a in plan(x, x.notes, x.note_accrual[0])]
    base, count, parts = float(r.markets["rent"][0]), x.months, shares(len(x.notes)).tolist()

    def run() -> tuple[Any, ...]:
        growth = [1.022 ** (i / 12.0) for i in range(count)]
        market_rent = [base * level for level in growth]
        rents, kws = plain_facility.contract(leases, ramps, steps, cpi)
        survivals = [
            plain_facility.survive(*table, count) for table in zip(knots, hazards, multipliers, strict=True)
        ]
        letting = plain_facility.let(
            leases, market, scenario, rents, kws, market_rent, growth, pue, survivals
        )
        power = plain_facility.supply(facility, contracts, scenario, index, hours, pue, letting)
        lines = plain_facility.net(facility, costs, scenario, amounts, letting, power)
        ncf, available = lines[LINES.index("ncf")], lines[LINES.index("available")]
        value, principal, balance, llcr = size(ncf, facility["expiry"], rate, accrual)
        shared[PRINCIPAL] = [share * principal for share in parts]
        schedule = [balance[min(t, TERM)] for t in range(1, FINAL + 1)]
        shared[SCHEDULE] = schedule * len(parts)
        at_final = capitalise(ncf, facility["expiry"], FINAL, FINAL - 12)
        sale = max(0.0, min(value, at_final) * (1.0 - SALE_COSTS))
        classes = len(parts)
        found = [0.0] * (len(SERIES) * FINAL), [0.0] * (7 * classes * FINAL), [0.0] * 5
        accounts = tuple([0.0] * classes for _ in range(ACCOUNTS))
        pay_scenario(True, *shared, available[:FINAL], ncf[:FINAL], -1.0, sale, [], *found, accounts)
        return lines, value, principal, llcr, *found, weigh(found[1], classes)

    return run


def size(ncf, expiry, rate, accrual):
    """Value, principal, schedule per 1 of it, loan life cover."""
    keep, factor, value = (1.0 + DISCOUNT) ** (-1.0 / 12.0), 1.0, 0.0
    for i in range(HORIZON):
        factor *= keep
        value += ncf[i] * factor
    value += factor * capitalise(ncf, expiry, HORIZON, HORIZON)
    balance, payment, service = [1.0], 0.0, []
    for k in range(TERM):
        opening, interest, repaid = balance[k], balance[k] * rate[k] * accrual[k], 0.0
        if k >= INTEREST_ONLY:
            if k == INTEREST_ONLY or rate[k] != rate[k - 1]:
                payment = opening * level_payment(rate[k] / 12.0, ANNUITY - (k - INTEREST_ONLY))
            repaid = min(opening, max(0.0, payment - interest))
        balance.append(opening - repaid)
        service.append(interest + repaid)
    least = min(math.fsum(ncf[i : i + 12]) / math.fsum(service[i : i + 12]) for i in range(TERM - 11))
    present_value = 0.0
    for k in reversed(range(TERM)):
        present_value = (present_value + ncf[k]) / (1.0 + rate[k] * accrual[k])
    constant, left = 12.0 * level_payment(LIMITS.takeout_rate / 12.0, ANNUITY), balance[TERM]
    principal = min(
        LIMITS.ltv * value,
        least / LIMITS.dscr,
        sum(ncf[:12]) / LIMITS.debt_yield,
        sum(ncf[TERM : TERM + 12]) / (LIMITS.takeout_dscr * constant) / left,
        LIMITS.takeout_ltv * capitalise(ncf, expiry, TERM, TERM) / left,
    )
    return value, principal, balance, present_value / principal


def level_payment(rate, count):
    """The level payment a period on 1 of principal."""
    return rate / (1.0 - (1.0 + rate) ** -count)


def capitalise(ncf, expiry, at, start):
    """Twelve months' net cash flow capitalised as of a month, the leasehold's end in sight."""
    years = max(0, min(expiry - at, 12000)) / 12.0
    return sum(ncf[start : start + 12]) * (1.0 - (1.0 + LIMITS.cap) ** -years) / LIMITS.cap


def weigh(by_class, classes):
    """Yield a month as a discount factor, and average life in months, of each class."""
    found = []
    for k in range(classes):
        paid = by_class[(classes + k) * FINAL : (classes + k + 1) * FINAL]
        repaid = by_class[(3 * classes + k) * FINAL : (3 * classes + k + 1) * FINAL]
        flow, price, guess = [a + b for a, b in zip(paid, repaid, strict=True)], sum(repaid), 1.0
        while True:
            present_value = slope = 0.0
            for amount in reversed(flow):
                slope = present_value + slope * guess
                present_value = amount + present_value * guess
            nearer = guess - (present_value * guess - price) / (present_value + slope * guess)
            if not nearer < guess:
                break
            guess = nearer
        found.append((guess, sum((t + 1) * amount for t, amount in enumerate(repaid)) / price))
    return found
