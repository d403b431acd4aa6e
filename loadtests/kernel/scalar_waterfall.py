"""The waterfall as a scalar loop of Python: run as it is, the plain rival; compiled by numba, the other one.

One scenario, period by period, step by step, class by class. Arrays are flat, class by class and then by
period, so that lists and NumPy arrays are the same to it. What it means is written at its vectorised twin,
`rackrate.kernel.reference.waterfall`.
"""

# Design: one long function with its accounts in local variables. A call or an array for each account would be
# tidier and slower, and a rival that is held back proves nothing.

import math

from rackrate.kernel.records import (
    ALWAYS,
    FILL_RESERVE,
    FILL_TRAP,
    PAY_ADDITIONAL_INTEREST,
    PAY_EQUITY,
    PAY_FEES,
    PAY_INTEREST,
    PAY_PRINCIPAL,
    PAY_SCHEDULED_PRINCIPAL,
    PAY_UNCAPPED_FEES,
    WHEN_AMORTISING,
    WHEN_TRAPPING,
)

LAST_CENT = 1e-12
MILLIONTH, RESOLUTION = 1e-6, 1e-14
NAN = math.nan


def draw(due, cash, account):
    """What cash lacks of an amount due, drawn from an account: cash, account, and what was drawn."""
    missing = due - min(due, cash)
    drawn = min(missing, account)
    return max(due, cash) - (missing - drawn), account - drawn, drawn


def pay_scenario(
    audited, whole, rates, deferrable, principal, ltv_trigger, fee_whole, fee_rates, steps, members, planned,
    coupon, accrual, schedule, available, ncf, takeout, sale, value, series, by_class, events,
    accounts,
):  # fmt: skip
    """Pay one scenario.

    whole: period_months, term, ard, service, cure_periods. rates: liquidity_months, reserve_initial,
    constant, trap_below, amortise_below, pik_below, additional_rate. steps: kind, order, when, first, last of
    each, flat. planned: first and last member of each step of scheduled principal, flat. accounts: lists of K
    to work in.
    """
    months, term, ard, service_kind, cure_periods = whole[0], whole[1], whole[2], whole[3], whole[4]
    liquidity, initial, constant = rates[0], rates[1], rates[2]
    trap_below, amortise_below, pik_below, additional_rate = rates[3], rates[4], rates[5], rates[6]
    (balance, unpaid, deferred, owed_more, opening, interest_due, capitalised, more_due, interest_paid,
     principal_paid, more_paid, ltv_on, due) = accounts  # fmt: skip
    classes, periods = len(principal), len(available)
    fee_count, step_count, plan_count = len(fee_whole) // 2, len(steps) // 5, len(planned) // 2
    years, window = months / 12.0, 3 if months == 1 else 1
    for k in range(classes):
        balance[k] = principal[k]
        unpaid[k] = deferred[k] = owed_more[k] = 0.0
    senior_owed = junior_owed = trap = carried = target = 0.0
    for k in range(classes):
        target += balance[k] * (coupon[k * periods] / 12.0)
    target *= liquidity
    reserve = target if initial != initial else initial
    trapping = sweeping = pik = refinanced = False
    trap_cures = amortise_cures = pik_cures = 0
    tested = NAN
    ncf_1 = ncf_2 = service_1 = service_2 = assumed_1 = assumed_2 = 0.0
    ard_balance = ard_proceeds = sold = 0.0
    breach_period, breach_kind = -1, 0
    for t in range(periods):
        # ---- opening balances and flags
        opening_fees, opening_reserve, opening_trap, opening_carried = (
            senior_owed + junior_owed,
            reserve,
            trap,
            carried,
        )
        debt = 0.0
        for k in range(classes):
            opening[k] = balance[k]
            debt += balance[k]
            ltv_on[k] = debt > ltv_trigger[k] * value[t] if len(value) else False
            interest_paid[k] = principal_paid[k] = more_paid[k] = 0.0
        owing = debt > 0.0
        below = tested < trap_below
        trap_cures = trap_cures + (tested >= trap_below) if trapping and not below else 0
        trapping = (below or (trapping and trap_cures < cure_periods)) and owing
        below = tested < amortise_below
        amortise_cures = amortise_cures + (tested >= amortise_below) if sweeping and not below else 0
        sweeping = (below or (sweeping and amortise_cures < cure_periods)) and owing
        below = tested < pik_below
        pik_cures = pik_cures + (tested >= pik_below) if pik and not below else 0
        pik = (below or (pik and pik_cures < cure_periods)) and owing
        # ---- cash at the top
        fees_paid = uncapped_paid = equity = sold = short = unjust = 0.0
        reserve_in = trap_in = 0.0
        received = 0.0 if refinanced else available[t]
        cash = received + carried
        reserve_out = min(max(0.0, -cash), reserve)
        cash += reserve_out
        reserve -= reserve_out
        trap_out = min(max(0.0, -cash), trap)
        cash += trap_out
        trap -= trap_out
        carried, cash = min(0.0, cash), max(0.0, cash)
        if reserve > target:
            excess = reserve - target
            reserve -= excess
            reserve_out += excess
            cash += excess
        if not trapping:
            trap_out += trap
            cash += trap
            trap = 0.0
        # ---- what falls due
        for i in range(fee_count):
            k = fee_whole[2 * i + 1]
            span = accrual[k * periods + t] if k >= 0 else years
            fee = (fee_rates[3 * i] + fee_rates[3 * i + 1] * debt) * span if owing else 0.0
            within = min(fee, fee_rates[3 * i + 2] * span) if fee_whole[2 * i] else 0.0
            senior_owed += within
            junior_owed += fee - within
        turbo = owing and t >= ard
        amortising = sweeping or turbo
        target = service = 0.0
        for k in range(classes):
            target += balance[k] * (coupon[k * periods + t] / 12.0)
            rate = coupon[k * periods + t] * accrual[k * periods + t]
            service += opening[k] * rate
            interest_due[k] = opening[k] * rate + (unpaid[k] + unpaid[k] * rate)
            capitalised[k] = interest_due[k] if deferrable[k] and pik else 0.0
            unpaid[k] = interest_due[k] - capitalised[k]
            balance[k] += capitalised[k]
            deferred[k] += capitalised[k]
            if turbo:
                owed_more[k] += opening[k] * (additional_rate * accrual[k * periods + t])
            more_due[k] = owed_more[k]
        target *= liquidity
        # ---- coverage
        for i in range(plan_count if t < term else 0):
            repaid = whole_set = 0.0
            for m in range(planned[2 * i], planned[2 * i + 1]):
                k = members[m]
                before = schedule[k * periods + t - 1] if t else 1.0
                repaid += principal[k] * (before - schedule[k * periods + t])
                whole_set += opening[k]
            service += min(max(0.0, repaid), whole_set)
        assumed = debt * (constant * years)
        dscr_actual = dscr_assumed = NAN
        service_actual, service_assumed = 0.0, constant * 0.0
        if owing and t >= window - 1:
            income, actual, stressed = (
                ncf_2 + ncf_1 + ncf[t],
                service_2 + service_1 + service,
                assumed_2 + assumed_1 + assumed,
            )
            if window == 1:
                income, actual, stressed = ncf[t], service, assumed
            service_actual, service_assumed = actual, stressed
            if actual > 0.0:
                dscr_actual = income / actual
            if stressed > 0.0:
                dscr_assumed = income / stressed
        ncf_2, service_2, assumed_2 = ncf_1, service_1, assumed_1
        ncf_1, service_1, assumed_1 = ncf[t], service, assumed
        tested = dscr_assumed if service_kind else dscr_actual
        # ---- the steps
        for i in range(step_count):
            kind, pro_rata, when = steps[5 * i], steps[5 * i + 1] == 1, steps[5 * i + 2]
            first, last = steps[5 * i + 3], steps[5 * i + 4]
            on = (
                True if when == ALWAYS
                else amortising if when == WHEN_AMORTISING
                else trapping if when == WHEN_TRAPPING
                else not pik
            )  # fmt: skip
            start, senior_short = cash, short
            if kind == FILL_TRAP:
                if on:
                    trap += cash
                    trap_in += cash
                    cash = 0.0
            elif kind == PAY_EQUITY:
                if on:
                    equity += cash
                    cash = 0.0
            elif kind in (FILL_RESERVE, PAY_FEES, PAY_UNCAPPED_FEES):
                want = 0.0
                if on:
                    want = (
                        max(0.0, target - reserve)
                        if kind == FILL_RESERVE
                        else senior_owed
                        if kind == PAY_FEES
                        else junior_owed
                    )
                if kind == PAY_FEES:
                    cash, reserve, drawn = draw(want, cash, reserve)
                    reserve_out += drawn
                    cash, trap, drawn = draw(want, cash, trap)
                    trap_out += drawn
                paid = min(want, cash)
                short += want - paid
                cash -= paid
                if kind == FILL_RESERVE:
                    reserve += paid
                    reserve_in += paid
                elif kind == PAY_FEES:
                    senior_owed -= paid
                    fees_paid += paid
                else:
                    junior_owed -= paid
                    uncapped_paid += paid
            elif kind != PAY_SCHEDULED_PRINCIPAL or t < term:
                # what each class is due
                if kind == PAY_INTEREST:
                    for m in range(first, last):
                        due[members[m]] = unpaid[members[m]] if on else 0.0
                elif kind == PAY_ADDITIONAL_INTEREST:
                    for m in range(first, last):
                        due[members[m]] = owed_more[members[m]] if on else 0.0
                elif kind == PAY_PRINCIPAL:
                    if on and amortising and trap > 0.0:
                        cash += trap
                        trap_out += trap
                        trap = short = 0.0
                    senior_short = short
                    for m in range(first, last):
                        k = members[m]
                        due[k] = balance[k] if on or (when == WHEN_AMORTISING and ltv_on[k]) else 0.0
                else:
                    left = goals = issued = 0.0
                    for m in range(first, last):
                        k = members[m]
                        due[k] = principal[k] * schedule[k * periods + t] + deferred[k]
                        issued += principal[k]
                        left += balance[k]
                        goals += due[k]
                    left = max(0.0, left - goals)
                    if pro_rata:
                        own = 0.0
                        for m in range(first, last):
                            k = members[m]
                            due[k] = max(0.0, balance[k] - due[k])
                            own += due[k]
                        part = left / own if own > 0.0 and on else 0.0
                        for m in range(first, last):
                            due[members[m]] *= part
                    else:
                        for m in range(first, last):
                            k = members[m]
                            want = balance[k] if balance[k] - left <= LAST_CENT * issued else left
                            left = max(0.0, left - want)
                            due[k] = want if on else 0.0
                # cash to the classes
                draws, missing, before = kind == PAY_INTEREST, 0.0, short
                if pro_rata:
                    total = 0.0
                    for m in range(first, last):
                        total += due[members[m]]
                    if draws:
                        cash, reserve, drawn = draw(total, cash, reserve)
                        reserve_out += drawn
                        cash, trap, drawn = draw(total, cash, trap)
                        trap_out += drawn
                    funded = min(total, cash)
                    part = funded / total if total > 0.0 else 0.0
                    missing, draws = total - funded, False
                    for m in range(first, last):
                        due[members[m]] *= part
                for m in range(first, last):
                    k = members[m]
                    want = due[k]
                    if draws:
                        cash, reserve, drawn = draw(want, cash, reserve)
                        reserve_out += drawn
                        cash, trap, drawn = draw(want, cash, trap)
                        trap_out += drawn
                    paid = min(want, cash)
                    unjust = max(unjust, min(short - before, paid))
                    short += want - paid
                    cash -= paid
                    if kind == PAY_INTEREST:
                        unpaid[k] -= paid
                        interest_paid[k] += paid
                    elif kind == PAY_ADDITIONAL_INTEREST:
                        owed_more[k] -= paid
                        more_paid[k] += paid
                    else:
                        balance[k] -= paid
                        principal_paid[k] += paid
                short += missing
            unjust = max(unjust, min(senior_short, start - cash))
        equity += cash
        # ---- refinancing, or the sale
        if t == ard - 1 and t < periods - 1:
            ard_balance = 0.0
            for k in range(classes):
                ard_balance += unpaid[k]
                ard_balance += balance[k]
            refinanced = ard_balance > 0.0 and not ard_balance > takeout
            if refinanced:
                sold = ard_proceeds = ard_balance
                for k in range(classes):
                    interest_paid[k] += unpaid[k]
                    principal_paid[k] += balance[k]
                    unpaid[k] = balance[k] = 0.0
                reserve_out += reserve
                trap_out += trap
                equity += reserve
                equity += trap
                reserve = trap = 0.0
        if t == periods - 1:
            claims = 0.0
            for k in range(classes):
                claims += unpaid[k]
                claims += balance[k]
                claims += owed_more[k]
            sold = sale if claims > 0.0 else 0.0
            cash = sold + reserve + trap
            reserve_out += reserve
            trap_out += trap
            reserve = trap = 0.0
            before = short
            for k in range(classes):
                paid = min(unpaid[k], cash)
                unjust = max(unjust, min(short - before, paid))
                short += unpaid[k] - paid
                cash -= paid
                unpaid[k] -= paid
                interest_paid[k] += paid
                paid = min(balance[k], cash)
                unjust = max(unjust, min(short - before, paid))
                short += balance[k] - paid
                cash -= paid
                balance[k] -= paid
                principal_paid[k] += paid
            for k in range(classes):
                paid = min(owed_more[k], cash)
                unjust = max(unjust, min(short - before, paid))
                short += owed_more[k] - paid
                cash -= paid
                owed_more[k] -= paid
                more_paid[k] += paid
            equity += cash
        # ---- the audit
        if audited and breach_period < 0:
            size = (
                debt + opening_reserve + opening_trap - opening_carried + opening_fees + sold + abs(received)
            )
            out = fees_paid + uncapped_paid + equity + reserve_in + trap_in
            interest_miss = principal_miss = 0.0
            lowest = min(senior_owed, junior_owed)
            for k in range(classes):
                size += interest_due[k] + more_due[k]
                out += interest_paid[k] + principal_paid[k] + more_paid[k]
                miss = abs(interest_due[k] - interest_paid[k] - capitalised[k] - unpaid[k])
                miss = max(miss, abs(more_due[k] - more_paid[k] - owed_more[k]))
                interest_miss = max(interest_miss, miss)
                principal_miss = max(
                    principal_miss, abs(opening[k] + capitalised[k] - principal_paid[k] - balance[k])
                )
                lowest = min(lowest, balance[k], unpaid[k], owed_more[k])
            tolerance = MILLIONTH + RESOLUTION * size
            cash_miss = abs(received + opening_carried - carried + sold + reserve_out + trap_out - out)
            reserve_miss = max(-reserve, abs(opening_reserve + reserve_in - reserve_out - reserve))
            trap_miss = max(-trap, abs(opening_trap + trap_in - trap_out - trap))
            if not cash_miss <= tolerance:
                breach_kind = 1
            elif not interest_miss <= tolerance:
                breach_kind = 2
            elif not principal_miss <= tolerance:
                breach_kind = 3
            elif not reserve_miss <= tolerance:
                breach_kind = 4
            elif not trap_miss <= tolerance:
                breach_kind = 5
            elif not -lowest <= tolerance:
                breach_kind = 6
            elif not unjust <= tolerance:
                breach_kind = 7
            if breach_kind:
                breach_period = t
        # ---- the answer
        series[t] = received
        series[periods + t] = fees_paid
        series[2 * periods + t] = uncapped_paid
        series[3 * periods + t] = reserve
        series[4 * periods + t] = trap
        series[5 * periods + t] = equity
        series[6 * periods + t] = dscr_actual
        series[7 * periods + t] = dscr_assumed
        series[8 * periods + t] = service_actual
        series[9 * periods + t] = service_assumed
        series[10 * periods + t] = 1.0 if trapping else 0.0
        series[11 * periods + t] = 1.0 if amortising else 0.0
        series[12 * periods + t] = 1.0 if sweeping else 0.0
        series[13 * periods + t] = 1.0 if pik else 0.0
        for k in range(classes):
            by_class[k * periods + t] = interest_due[k]
            by_class[(classes + k) * periods + t] = interest_paid[k]
            by_class[(2 * classes + k) * periods + t] = capitalised[k]
            by_class[(3 * classes + k) * periods + t] = principal_paid[k]
            by_class[(4 * classes + k) * periods + t] = more_paid[k]
            by_class[(5 * classes + k) * periods + t] = balance[k]
            by_class[(6 * classes + k) * periods + t] = unpaid[k]
    events[0], events[1], events[2] = ard_balance, ard_proceeds, sold
    events[3], events[4] = breach_period, breach_kind
