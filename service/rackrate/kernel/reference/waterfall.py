"""The waterfall in plain NumPy: each period's cash through the priority of payments, all lanes at once."""

# Design: one function per clause, in the order in which a period is run and in the compiled kernel's order of
# operations, so that the two agree to the last bit.

import numpy as np

from rackrate.kernel import records
from rackrate.kernel.records import CLASS_SERIES, SERIES
from rackrate.kernel.reference.payments.accounts import Accounts, Floats, Rows, ratio, total
from rackrate.kernel.reference.payments.audit import audit
from rackrate.kernel.reference.payments.priority import Classes, follow, settle


def pay(
    terms: Rows,
    notes: Rows,
    coupon: Floats,
    accrual: Floats,
    schedule: Floats,
    fees: Rows,
    payments: Rows,
    members: Classes,
    rate_set: Classes,
    available: Floats,
    ncf: Floats,
    takeout: Floats,
    sale: Floats,
    value: Floats,
    series: Floats,
    by_class: Floats,
    events: Floats,
) -> None:
    """Run every scenario through the waterfall.

    Axes: S scenario, K class (most senior first), R rate set, P period. Money in deal currency, rates a year.

    Parameters
    ----------
    terms : WATERFALL[1]
    notes : NOTE[K]
    coupon, accrual : float64[R, K, P]
        Annual rate at the period's start, and its year fraction.
    schedule : float64[K, P]
        Share of principal left after the period's scheduled payment.
    fees : FEE[any]
    payments : PAYMENT[any]
        Steps in order of priority; what the last leaves goes to equity.
    members : int64[any]
        Classes of the steps.
    rate_set : int64[S]
    available, ncf : float64[S, P]
        Cash of the period, and net cash flow for coverage.
    takeout : float64[S]
        Largest outstanding that can be refinanced at the ARD; negative for none, infinite for any.
    sale : float64[S]
        Net proceeds at legal final, not negative; received only if anything is owed.
    value : float64[S, P] or float64[S, 0]
        What the period's LTV test looks at; none without LTV triggers.
    series : float64[S, 14, P]
        OUT. ``records.SERIES``; flags 0 or 1, coverage NaN where no service is known.
    by_class : float64[S, 7, K, P]
        OUT. ``records.CLASS_SERIES``.
    events : float64[S, 5]
        OUT. ``records.EVENTS``; a breach period of -1 is none, its kind an index of ``records.BREACHES``.

    Raises
    ------
    ValueError
        If shapes disagree, or an index points at nothing (the compiled function only).
    """
    a = Accounts(terms[0], notes, coupon[rate_set].T, accrual[rate_set].T, schedule)
    steps = [(payment, members[payment["first"] : payment["last"]]) for payment in payments]
    planned = [classes for payment, classes in steps if payment["kind"] == records.PAY_SCHEDULED_PRINCIPAL]
    last = available.shape[1] - 1
    for t in range(last + 1):
        open_period(a, value[:, t] if value.shape[1] else np.full(len(value), np.inf))
        collect(a, available[:, t])
        fall_due(a, t, fees)
        cover(a, t, ncf[:, t], planned)
        for payment, classes in steps:
            follow(a, t, payment, classes)
        a.equity, a.cash = a.equity + a.cash, np.zeros_like(a.cash)
        if t == a.terms["ard"] - 1 and t < last:
            refinance(a, takeout)
        if t == last:
            liquidate(a, sale)
        audit(a, t)
        series[..., t], by_class[..., t] = a.period()
    events[:] = a.events()


def stress(
    terms: Rows,
    notes: Rows,
    coupon: Floats,
    accrual: Floats,
    schedule: Floats,
    fees: Rows,
    payments: Rows,
    members: Classes,
    cash: Floats,
    takeout: Floats,
    sale: Floats,
    value: Floats,
    haircuts: Floats,
    least_cover: Floats,
    unpaid: Floats,
    events: Floats,
) -> None:
    """Run one scenario under many haircuts: losses and least DSCR at the end of each.

    A haircut takes its share of the positive part of every figure. The structure's rows are as in `pay`.

    Parameters
    ----------
    coupon, accrual : float64[1, K, P]
    cash : float64[3, P]
        Available, net cash flow, and what a haircut is taken of.
    takeout : float64[3, legs]
        What each leg supports at the ARD, of which the least counts, its positive part, and its floor.
    sale : float64[4, 2]
        Two values, of which a sale brings the lesser. Each is the value of its months, the positive part of
        that, its terminal value, the positive part of that; neither the value nor its terminal part is
        below zero.
    value : float64[4, P] or float64[4, 0]
        What the period's LTV test looks at, in the same rows.
    haircuts : float64[S]
    least_cover : float64[S, 2]
        OUT. Least actual and assumed cover of the periods that a later one tests, for something is still
        owed then. Infinite where none is known.
    unpaid : float64[S, 2, K]
        OUT. Interest and principal after legal final.
    events : float64[S, 5]
        OUT. As of `pay`.
    """
    each, scenarios = haircuts[:, None], len(haircuts)
    available, ncf, positive = cash
    supported = np.maximum(takeout[0] - each * takeout[1], takeout[2])
    series = np.empty((scenarios, len(SERIES), len(ncf)))
    by_class = np.empty((scenarios, len(CLASS_SERIES), len(notes), len(ncf)))
    pay(
        terms,
        notes,
        coupon,
        accrual,
        schedule,
        fees,
        payments,
        members,
        np.zeros(scenarios, dtype=np.int64),
        available - each * positive,
        ncf - each * positive,
        np.min(supported, axis=1, initial=np.inf),
        np.min(_worth(sale, each), axis=1),
        _worth(value, each),
        series,
        by_class,
        events,
    )
    covers = series[:, [SERIES.index("dscr_actual"), SERIES.index("dscr_assumed")], :-1]
    owed = by_class[:, None, CLASS_SERIES.index("balance"), :, :-1].max(axis=2) > 0.0
    least_cover[:] = np.fmin.reduce(covers, axis=2, initial=np.inf, where=owed)
    for n, name in enumerate(("interest_unpaid", "balance")):
        unpaid[:, n] = by_class[:, CLASS_SERIES.index(name), :, -1]


def _worth(rows: Floats, haircut: Floats) -> Floats:
    terminal = np.maximum(rows[2] - haircut * rows[3], 0.0)
    value: Floats = np.maximum((rows[0] - haircut * rows[1]) + terminal, 0.0)
    return value


def open_period(a: Accounts, value: Floats) -> None:
    """Opening balances, then the flags, on last period's data."""
    a.opening = a.balance.copy()
    a.opening_reserve, a.opening_trap, a.opening_carried = a.reserve, a.trap, a.carried
    through = np.cumsum(a.balance, axis=0)
    a.debt = through[-1]
    a.owing = (a.debt > 0.0).astype(np.float64)
    a.ltv_on = (through > a.notes["ltv_trigger"][:, None] * value).astype(np.float64)
    for name, on in a.flags.items():
        level = float(a.terms[f"{name}_below"])
        below = (a.tested < level).astype(np.float64)
        a.cures[name] = (a.cures[name] + (a.tested >= level)) * (on * (1.0 - below))
        cured = (a.cures[name] >= int(a.terms["cure_periods"])).astype(np.float64)
        a.flags[name] = np.maximum(below, on * (1.0 - cured)) * a.owing


def collect(a: Accounts, available: Floats) -> None:
    """Cash at the top: negative cash is made good from reserve, then trap; then both are released."""
    a.available = (1.0 - a.refinanced) * available
    a.cash = a.available + a.carried
    a.reserve_in, a.reserve_out, a.trap_in, a.trap_out = np.zeros((4, len(available)))
    a.equity, a.sold, a.short, a.unjust = np.zeros((4, len(available)))
    a.cash, a.reserve, a.reserve_out = _made_good(a.cash, a.reserve)
    a.cash, a.trap, a.trap_out = _made_good(a.cash, a.trap)
    a.carried, a.cash = np.minimum(0.0, a.cash), np.maximum(0.0, a.cash)
    excess = a.reserve - np.minimum(a.target, a.reserve)
    a.reserve, a.reserve_out, a.cash = a.reserve - excess, a.reserve_out + excess, a.cash + excess
    cured = (1.0 - a.flags["trap"]) * a.trap
    a.trap, a.trap_out, a.cash = a.trap - cured, a.trap_out + cured, a.cash + cured


def _made_good(cash: Floats, account: Floats) -> tuple[Floats, Floats, Floats]:
    drawn = np.minimum(np.maximum(0.0, -cash), account)
    return cash + drawn, account - drawn, drawn


def fall_due(a: Accounts, t: int, fees: Rows) -> None:
    """Fees, interest, deferral, additional interest after a failed ARD, and the reserve's target."""
    for fee in fees:
        years = a.accrual[t, fee["accrues_with"]] if fee["accrues_with"] >= 0 else a.years
        due = a.owing * ((float(fee["annual"]) + float(fee["rate"]) * a.debt) * years)
        within = np.minimum(due, (float(fee["cap_annual"]) * years if fee["senior"] else 0.0))
        a.fees_owed = a.fees_owed + np.stack([within, due - within])
    a.target = a.reserve_target(t)
    turbo = a.owing * float(t >= a.terms["ard"])
    a.amortising = np.maximum(a.flags["amortise"], turbo)
    rate = a.coupon[t] * a.accrual[t]
    a.interest_due = a.opening * rate + (a.unpaid + a.unpaid * rate)
    a.capitalised = (a.notes["deferrable"][:, None] * a.flags["pik"]) * a.interest_due
    a.unpaid, a.balance = a.interest_due - a.capitalised, a.balance + a.capitalised
    a.capitalised_so_far = a.capitalised_so_far + a.capitalised
    extra = float(a.terms["additional_rate"]) * a.accrual[t]
    a.additional_due = a.additional_owed + turbo * (a.opening * extra)
    a.additional_owed = a.additional_due.copy()
    a.fees_paid = np.zeros_like(a.fees_owed)
    a.interest_paid, a.principal_paid, a.additional_paid = np.zeros((3, *a.balance.shape))


def cover(a: Accounts, t: int, ncf: Floats, planned: list[Classes]) -> None:
    """Both DSCRs of the period; the next period's triggers test one of them."""
    service = total(a.opening * (a.coupon[t] * a.accrual[t]))
    for classes in planned if t < a.terms["term"] else []:
        before = a.schedule[:, t - 1] if t else np.ones(len(a.issued))
        repaid = a.issued * (before - a.schedule[:, t])
        together, alone = a.by_schedule(classes)
        principal = np.minimum(max(0.0, total([0.0, *repaid[together]])), total([0.0, *a.opening[together]]))
        own = [np.minimum(max(0.0, repaid[k]), a.opening[k]) for k in alone]
        service = service + (principal + total([0.0, *own]))
    assumed = a.debt * (float(a.terms["constant"]) * a.years)
    window = 3 if a.terms["period_months"] == 1 else 1
    a.recent = [*a.recent, (ncf, service, assumed)][-window:]
    income, actual, constant = (total(np.stack(flows)) for flows in zip(*a.recent, strict=True))
    known = a.owing * float(len(a.recent) == window)
    a.service_actual, a.service_assumed = known * actual, known * constant
    a.dscr_actual = ratio(income, a.service_actual, np.nan)
    a.dscr_assumed = ratio(income, a.service_assumed, np.nan)
    a.tested = a.dscr_assumed if a.terms["service"] == records.ASSUMED_SERVICE else a.dscr_actual


def refinance(a: Accounts, takeout: Floats) -> None:
    """The ARD: all classes are repaid where the take-out supports balances and unpaid interest."""
    a.ard_balance = total(a.claims())
    a.refinanced = ((a.ard_balance > 0.0) & ~(a.ard_balance > takeout)).astype(np.float64)
    a.sold = a.ard_proceeds = a.refinanced * a.ard_balance
    a.unpaid, a.interest_paid = _moved(a.refinanced, a.unpaid, a.interest_paid)
    a.balance, a.principal_paid = _moved(a.refinanced, a.balance, a.principal_paid)
    a.reserve_out = a.reserve_out + a.refinanced * a.reserve
    a.trap_out = a.trap_out + a.refinanced * a.trap
    a.reserve, a.equity = _moved(a.refinanced, a.reserve, a.equity)
    a.trap, a.equity = _moved(a.refinanced, a.trap, a.equity)


def _moved(share: Floats, source: Floats, target: Floats) -> tuple[Floats, Floats]:
    return source - share * source, target + share * source


def liquidate(a: Accounts, sale: Floats) -> None:
    """Legal final: sale, reserve and trap pay class by class, then additional interest, then equity."""
    claims, classes = a.claims(), len(a.issued)
    a.sold = (total([*claims, *a.additional_owed]) > 0.0) * sale
    a.cash = (a.sold + a.reserve) + a.trap
    a.reserve_out, a.trap_out = a.reserve_out + a.reserve, a.trap_out + a.trap
    a.reserve, a.trap = np.zeros((2, len(sale)))
    paid = np.stack([*settle(a, np.concatenate([claims, a.additional_owed]))])
    interest, principal, additional = paid[: 2 * classes : 2], paid[1 : 2 * classes : 2], paid[2 * classes :]
    a.unpaid, a.interest_paid = a.unpaid - interest, a.interest_paid + interest
    a.balance, a.principal_paid = a.balance - principal, a.principal_paid + principal
    a.additional_owed = a.additional_owed - additional
    a.additional_paid = a.additional_paid + additional
    a.equity = a.equity + a.cash
