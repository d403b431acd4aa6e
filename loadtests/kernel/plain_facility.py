"""The facility side in plain Python: leases, survival, letting, power and cash flow on lists of floats.

The same recursion as the kernel's, month by month, with accounts in local variables: rows are dictionaries by
the names of `kernel/records.py`, arrays are lists. One facility, one scenario.
"""

import math

from rackrate.kernel.records import LETTING, LINES, SUPPLY


def contract(leases, ramps, steps, cpi):
    """Contract rent and billed kW of each lease by month."""
    rents, kws = [], []
    for lease in leases:
        start, first, now = lease["commencement"], max(lease["commencement"], 0), lease["rent"]
        rent, kw = [0.0] * len(cpi), [0.0] * len(cpi)
        ramp, step = (
            ramps[lease["ramp_start"] : lease["ramp_end"]],
            steps[lease["step_start"] : lease["step_end"]],
        )
        for i in range(first, min(len(cpi), start + lease["term"])):
            since = i - start
            if lease["escalation"] == 2:
                now = last_step(step, since, lease["rent"])
            elif i > first and since % 12 == 0:
                rate = lease["escalation_rate"]
                if lease["escalation"] == 1:
                    rate = min(max(cpi[i], lease["escalation_floor"]), lease["escalation_cap"])
                now *= 1.0 + rate
            rent[i] = now
            kw[i] = last_step(ramp, since, lease["contracted_kw"])
        rents.append(rent)
        kws.append(kw)
    return rents, kws


def last_step(steps, since, otherwise):
    """The value of the last step on or before a month since commencement."""
    value = otherwise
    for step in steps:
        if step["from_month"] > since:
            break
        value = step["value"]
    return value


def survive(months, hazards, multiplier, count):
    """Survival of one tenant to the end of each month."""
    survival, knots = [], len(months)
    for i in range(count):
        when, total, before, known = i + 1.0, 0.0, 0.0, 0.0
        for k in range(knots):
            step = max(0.0, hazards[k] - known) / (months[k] - before)
            until = when if k == knots - 1 or when < months[k] else months[k]
            total += step * (until - before)
            if when <= months[k]:
                break
            before, known = months[k], hazards[k]
        survival.append(math.exp(-multiplier * total))
    return survival


def let(leases, market, scenario, rents, kws, market_rent, growth, pue, survivals):
    """Expected letting of the facility: a list by month for each name of `LETTING`."""
    out = {name: [0.0] * len(growth) for name in LETTING}
    for lease, rent, kw in zip(leases, rents, kws, strict=True):
        tenant = let_tenant(
            lease, market, scenario, rent, kw, market_rent, growth, survivals[lease["tenant"]], out
        )
        collect(
            lease,
            scenario,
            pue,
            tenant,
            let_market(lease, market, scenario, market_rent, growth, tenant, out),
            out,
        )
    return out


def let_tenant(lease, market, scenario, rent, kw, market_rent, growth, survival, out):
    """The tenant's own chain: kW, paying kW and rent by month, and the mass it gives back to the market."""
    months, costs, receipts = len(growth), out["leasing_costs"], out["termination_receipts"]
    occupied, paying, paid, relet, defaulted = ([0.0] * months for _ in range(5))
    start, whole = lease["commencement"], lease["contracted_kw"]
    end, renewed, mass, alive, now, now_kw = start + lease["term"], False, 1.0, 1.0, 0.0, whole
    p = min(1.0, market["renewal_probability"] * scenario["renewal_factor"])
    downtime = market["downtime"] + scenario["downtime_add"]
    default_downtime = market["default_downtime"] + scenario["downtime_add"]
    kept_rent, kept_market = 1.0 - scenario["rent_haircut"], 1.0 - scenario["market_rent_haircut"]
    for i in range(max(start, 0), months):
        if i == end:
            if i + downtime < months:
                relet[i + downtime] += (1.0 - p) * mass
            mass *= p
            offered = market_rent[i] * kept_market
            if market["renew_at"] == 0 or (market["renew_at"] == 2 and offered < now):
                now = offered
            renewed, start, end, now_kw = True, i, i + market["term"], whole
            costs[i] += market["renewal_cost"] * whole * growth[i] * mass
        if mass == 0.0:
            break
        if not renewed:
            now, now_kw = rent[i] * kept_rent, kw[i]
        elif i > start and (i - start) % 12 == 0:
            now *= 1.0 + market["escalation"]
        part = mass - mass * (survival[i] / alive)
        alive = survival[i]
        receipts[i] += lease["security_months"] * now * now_kw * part
        if i + default_downtime < months:
            defaulted[i + default_downtime] += part
        mass -= part
        if i == lease["termination"] and not renewed:
            part = lease["termination_probability"] * mass
            receipts[i] += lease["fee_months"] * now * now_kw * part
            if i + downtime < months:
                relet[i + downtime] += part
            mass -= part
        occupied[i] = mass * now_kw
        if renewed or i - start >= lease["free_rent"]:
            paying[i] = occupied[i]
            paid[i] = occupied[i] * now
    return occupied, paying, paid, relet, defaulted


def let_market(lease, market, scenario, market_rent, growth, tenant, out):
    """Market lettings, their renewals and re-lettings: mass, paying mass and rent by month.

    Rents rise on anniversaries, so twelve running sums, by the month lettings began in, carry all of them.
    """
    _, _, _, relet, defaulted = tenant
    months, term, free, costs = len(growth), market["term"], market["free_rent"], out["leasing_costs"]
    masses, payings, paid, renewals, lettings, renewal_weights, letting_weights = (
        [0.0] * months for _ in range(7)
    )
    p = min(1.0, market["renewal_probability"] * scenario["renewal_factor"])
    downtime, haircut = market["downtime"] + scenario["downtime_add"], 1.0 - scenario["market_rent_haircut"]
    kept, rise, whole = (
        1.0 - market["default_rent_discount"],
        1.0 + market["escalation"],
        lease["contracted_kw"],
    )
    ratio = rise ** ((term - 1) // 12) / growth[term] if term < months else 1.0
    at_end, after_free = rise ** ((term - 1) // 12), rise ** (free // 12)
    mass = paying = 0.0
    rents = [0.0] * 12
    for i in range(max(lease["commencement"], 0), months):
        j, renewal, weight = i - term, 0.0, 0.0
        if j >= 0 and renewals[j] + lettings[j]:
            ending = renewals[j] + lettings[j]
            renewal = p * ending
            if i + downtime < months:
                relet[i + downtime] += (1.0 - p) * ending
            if market["renew_at"] == 0:
                weight = renewal
            elif market["renew_at"] == 1 or ratio <= 1.0:
                weight = p * ratio * (renewal_weights[j] + letting_weights[j])
            else:
                weight = renewal - discount_left(defaulted, j, term, p, kept, ratio)
            mass -= ending
            paying -= ending if free < term else renewals[j]
            over = renewal_weights[j] + (letting_weights[j] if free < term else 0.0)
            rents[j % 12] -= market_rent[j] * haircut * at_end * over
        rents[i % 12] *= rise
        letting = relet[i] + defaulted[i]
        renewals[i], lettings[i] = renewal, letting
        renewal_weights[i], letting_weights[i] = weight, relet[i] + defaulted[i] * kept
        costs[i] += whole * growth[i] * (
            market["renewal_cost"] * renewal + market["reletting_cost"] * letting
        )  # fmt: skip
        mass += renewal + letting
        paying += renewal
        rents[i % 12] += market_rent[i] * haircut * weight
        j = i - free
        if j >= 0 and free < term and lettings[j]:
            paying += lettings[j]
            rents[j % 12] += market_rent[j] * haircut * after_free * letting_weights[j]
        masses[i], payings[i], paid[i] = mass, paying, sum(rents)
    return masses, payings, paid


def discount_left(defaulted, start, term, p, kept, ratio):
    """What renewals of lettings after a default still lack to market rent."""
    lack, share, level = 0.0, p, kept * ratio
    while start >= 0 and level < 1.0:
        lack += share * defaulted[start] * (1.0 - level)
        share *= p
        level *= ratio
        start -= term
    return lack


def collect(lease, scenario, pue, tenant, market, out):
    """Add one lease's letting to the facility's lists."""
    occupied, paying, paid, _, _ = tenant
    mass, market_paying, market_rent = market
    base_rent, paying_kw, occupied_kw = out["base_rent"], out["paying_kw"], out["occupied_kw"]
    load_kw, peak_kw, metered_kw = out["load_kw"], out["peak_kw"], out["metered_kw"]
    revenue, kw, price, power = (
        out["fixed_price_revenue"],
        lease["contracted_kw"],
        lease["power_price"],
        lease["power"],
    )
    used, peak = lease["utilisation"] * scenario["utilisation_factor"], lease["peak_utilisation"]
    start, first, pue_cap, markup = (
        lease["commencement"],
        max(lease["commencement"], 0),
        lease["pue_cap"],
        lease["markup"],
    )
    for i in range(first, len(pue)):
        whole = occupied[i] + mass[i] * kw
        base_rent[i] += paid[i] + market_rent[i] * kw
        paying_kw[i] += paying[i] + market_paying[i] * kw
        occupied_kw[i] += whole
        if power == 3:
            continue
        if i > first and (i - start) % 12 == 0:
            price *= 1.0 + lease["power_escalation"]
        drawn = whole * used
        load_kw[i] += drawn
        peak_kw[i] += whole * peak
        ratio = min(pue[i] + scenario["pue_add"], pue_cap)
        if power == 0:
            metered_kw[i] += drawn * ratio * (1.0 + markup)
        elif power == 1:
            revenue[i] += drawn * ratio * price


def supply(facility, contracts, scenario, index, hours, pue, letting):
    """Load met contract by contract: a list by month for each name of `SUPPLY`."""
    out = {name: [] for name in SUPPLY}
    keep, peaks = 1.0 - facility["curtailment_share"], []
    for i, (quoted, span) in enumerate(zip(index, hours, strict=True)):
        ratio = pue[i] + scenario["pue_add"]
        price = quoted * scenario["power_price_factor"] + scenario["power_price_add"]
        peaks.append(ratio * letting["peak_kw"][i])
        load = unserved = ratio * letting["load_kw"][i] * span * keep / 1000.0
        hedged = recoverable = shortfall = settlement = 0.0
        for deal in contracts:
            if not deal["start"] <= i < deal["end"]:
                continue
            escalator = (1.0 + deal["escalation"]) ** ((i - deal["start"]) // 12)
            own, kind = deal["price"] * escalator, deal["kind"]
            if kind == 0:
                used = min(unserved, deal["mw"] * span)
                net = (deal["mw"] * span - used) * (own - deal["resale_share"] * price)
                unserved -= used
                hedged += used
                recoverable += used * own + min(net, 0.0)
                shortfall += max(net, 0.0)
            elif kind == 1:
                recoverable += unserved * own
                hedged += unserved
                unserved = 0.0
            elif kind == 2:
                used = min(unserved, deal["mw"] * span)
                recoverable += used * (price + own)
                unserved -= used
            elif kind == 3:
                least = deal["minimum_demand_share"] * deal["contracted_demand_kw"]
                before = max(peaks[max(i - 11, 0) : i], default=0.0)
                demand = max(peaks[i], deal["ratchet_share"] * before, least)
                recoverable += unserved * own + escalator * (
                    deal["demand_rate"] * peaks[i] + deal["fixed_monthly"]
                )
                shortfall += escalator * deal["demand_rate"] * (demand - peaks[i])
                hedged += unserved
                unserved = 0.0
            else:
                settlement += deal["mw"] * span * (price - own)
                hedged += deal["mw"] * span
        recoverable += unserved * price
        unit = recoverable / load if load > 0.0 else 0.0
        out["load_mwh"].append(load)
        out["unhedged_mwh"].append(unserved)
        out["hedged_mwh"].append(hedged)
        out["cost"].append(recoverable + shortfall - settlement)
        metered, revenue = letting["metered_kw"][i], letting["fixed_price_revenue"][i]
        out["recovery"].append(span * keep / 1000.0 * (unit * metered + revenue))
        out["shortfall"].append(shortfall)
    return out


def net(facility, costs, scenario, amounts, letting, power):
    """Every line of the cash flow: a list of lists by month, `LINES` and then operating costs."""
    months, capacity = len(power["cost"]), facility["capacity_kw"]
    lines = [[0.0] * months for _ in range(len(LINES) + len({cost["line"] for cost in costs}))]
    floor = max(facility["vacancy_floor"], scenario["vacancy_floor"])
    credit_share = facility["sla_credit_share"] * facility["curtailment_share"]
    fee_share = max(facility["management_fee"], scenario["management_fee_floor"])
    reserve = capacity * max(facility["capex_reserve"], scenario["capex_reserve_floor"]) / 12.0
    other, ground = facility["other_income"] / 12.0, facility["ground_rent"] / 12.0
    for i in range(months):
        if i and i % 12 == 0:
            ground *= 1.0 + facility["ground_rent_growth"]
        operating = 0.0
        for cost, amount in zip(costs, amounts, strict=True):
            spent = amount[i] * scenario["opex_factor"]
            if cost["per_kw"]:
                spent *= letting["occupied_kw"][i]
            lines[cost["line"]][i] += spent
            operating += spent
        rent, recovery, spent = letting["base_rent"][i], power["recovery"][i], power["cost"][i]
        vacancy = rent * (max(0.0, floor - (1.0 - letting["paying_kw"][i] / capacity)) + credit_share)
        egi = rent + recovery + other - vacancy
        fee = fee_share * (egi - recovery)
        noi = egi - spent - operating - ground - fee
        before = noi - reserve - letting["leasing_costs"][i]
        haircut = scenario["ncf_haircut"] * max(0.0, before)
        ncf, receipts = before - haircut, letting["termination_receipts"][i]
        figures = (
            rent, recovery, other, vacancy, egi, spent, ground, fee, noi, reserve,
            letting["leasing_costs"][i], haircut, ncf, receipts, ncf + receipts,
        )  # fmt: skip
        for line, figure in zip(lines, figures, strict=False):
            line[i] = figure
    return lines
