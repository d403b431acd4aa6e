"""The waterfall in plain NumPy, all lanes at once: what ``rackrate.kernel.pay`` means."""

# Design: one method per clause of the priority of payments, in the order in which a period is run. A lane is a scenario;
# arrays are [S] or [K, S]. Flags are 0.0 or 1.0, so that a condition is a product, as in the compiled kernel, and the two
# agree to the last bit.

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]
Rows = npt.NDArray[np.void]

FEES, INTEREST, RESERVE, SCHEDULED_PRINCIPAL, PRINCIPAL, TRAP, UNCAPPED_FEES, ADDITIONAL_INTEREST, EQUITY = range(9)
AMORTISING = 1  # of the conditions: always, amortising, trapping, not_pik
LAST_CENT = 1e-12  # of a class's principal: a schedule's remainder below it is paid with the rest
RESOLUTION = 1e-14  # of the money in play: what float64 can tell apart, in the audit


def pay(
    terms: Rows, notes: Rows, coupon: Floats, accrual: Floats, schedule: Floats, fees: Rows, payments: Rows,
    members: Classes, rate_set: Classes, available: Floats, ncf: Floats, takeout: Floats, sale: Floats, value: Floats,
    series: Floats, by_class: Floats, events: Floats,
) -> None:  # fmt: skip
    """Run every scenario through the waterfall; arguments as in ``rackrate.kernel.pay``."""
    lanes = _Lanes(terms[0], notes, coupon[rate_set].T, accrual[rate_set].T, schedule)
    steps = [(payment, members[payment["first"] : payment["last"]]) for payment in payments]
    scheduled = [classes for payment, classes in steps if payment["kind"] == SCHEDULED_PRINCIPAL]
    last = available.shape[1] - 1
    for t in range(last + 1):
        lanes.open_period(value[:, t] if value.shape[1] else np.full(len(value), np.inf))
        lanes.collect(available[:, t])
        lanes.accrue(t, fees)
        lanes.cover(t, ncf[:, t], scheduled)
        for payment, classes in steps:
            lanes.follow(t, payment, classes)
        lanes.equity, lanes.cash = lanes.equity + lanes.cash, np.zeros_like(lanes.cash)
        if t == lanes.ard - 1 and t < last:
            lanes.refinance(takeout)
        if t == last:
            lanes.liquidate(sale)
        lanes.audit(t)
        series[:, :, t], by_class[:, :, :, t] = lanes.period()
    events[:] = lanes.events()


class _Lanes:
    """Every account of every lane, carried from period to period."""

    def __init__(self, terms: Any, notes: Rows, coupon: Floats, accrual: Floats, schedule: Floats) -> None:
        self.terms, self.notes, self.schedule = terms, notes, schedule
        self.coupon, self.accrual = coupon, accrual
        self.years, self.ard = float(terms["period_months"]) / 12.0, int(terms["ard"])
        _, classes, lanes = coupon.shape
        self.issued: Floats = np.array(notes["principal"], dtype=np.float64)
        self.balance = np.repeat(self.issued[:, None], lanes, axis=1)
        self.unpaid, self.capitalised_so_far, self.additional_owed = np.zeros((3, classes, lanes))
        self.fees_owed = np.zeros((2, lanes))  # within their caps, above them
        self.trap, self.carried, self.refinanced = np.zeros((3, lanes))
        self.ard_balance, self.ard_proceeds, self.breach_kind = np.zeros((3, lanes))
        self.breach_period = np.full(lanes, -1.0)
        self.flags = {name: np.zeros(lanes) for name in ("trap", "amortise", "pik")}
        self.cures = {name: np.zeros(lanes) for name in ("trap", "amortise", "pik")}
        self.tested = np.full(lanes, np.nan)
        self.recent: list[tuple[Floats, Floats, Floats]] = []
        initial = float(terms["reserve_initial"])
        self.target = self._reserve_target(0)
        self.reserve = self.target.copy() if np.isnan(initial) else np.full(lanes, initial)

    def _reserve_target(self, t: int) -> Floats:
        return float(self.terms["liquidity_months"]) * _total(self.balance * (self.coupon[t] / 12.0))

    def open_period(self, value: Floats) -> None:
        """Opening balances, then the flags, on last period's data."""
        self.opening = self.balance.copy()
        self.opening_fees = self.fees_owed.copy()
        self.opening_reserve, self.opening_trap, self.opening_carried = self.reserve, self.trap, self.carried
        through = np.cumsum(self.balance, axis=0)
        self.ltv_on = (through > self.notes["ltv_trigger"][:, None] * value).astype(np.float64)
        self.debt = through[-1]
        self.owing = (self.debt > 0.0).astype(np.float64)
        for name, on in self.flags.items():
            level = float(self.terms[f"{name}_below"])
            below = (self.tested < level).astype(np.float64)
            cures = (self.cures[name] + (self.tested >= level)) * (on * (1.0 - below))
            cured = (cures >= max(1, int(self.terms["cure_periods"]))).astype(np.float64)
            self.cures[name] = cures * (1.0 - cured)
            self.flags[name] = np.maximum(below, on * (1.0 - cured)) * self.owing

    def collect(self, available: Floats) -> None:
        """Cash at the top: negative cash is made good, then reserve and trap are released."""
        self.available = (1.0 - self.refinanced) * available
        cash = self.available + self.carried
        short = np.maximum(0.0, -cash)
        from_reserve = np.minimum(short, self.reserve)
        from_trap = np.minimum(short - from_reserve, self.trap)
        self.carried = -((short - from_reserve) - from_trap)
        reserve, trap = self.reserve - from_reserve, self.trap - from_trap
        excess, cured = np.maximum(0.0, reserve - self.target), (1.0 - self.flags["trap"]) * trap
        self.reserve, self.trap = reserve - excess, trap - cured
        self.cash = (np.maximum(0.0, cash) + excess) + cured
        self.reserve_out, self.trap_out = from_reserve + excess, from_trap + cured
        self.reserve_in, self.trap_in, self.equity, self.short, self.unjust, self.sold = np.zeros((6, len(cash)))

    def accrue(self, t: int, fees: Rows) -> None:
        """What falls due: fees, interest, deferral, additional interest after a failed ARD, the reserve's target."""
        for fee in fees:
            years = self.accrual[t, fee["accrues_with"]] if fee["accrues_with"] >= 0 else self.years
            due = self.owing * ((float(fee["annual"]) + float(fee["rate"]) * self.debt) * years)
            within = np.minimum(due, float(fee["cap_annual"]) * years) if fee["senior"] else np.zeros_like(due)
            self.fees_owed = self.fees_owed + np.stack([within, due - within])
        self.target = self._reserve_target(t)
        turbo = self.owing * float(t >= self.ard)
        self.amortising = np.maximum(self.flags["amortise"], turbo)
        rate = self.coupon[t] * self.accrual[t]
        self.current = self.opening * rate
        self.interest_due = self.current + (self.unpaid + self.unpaid * rate)
        self.capitalised = (self.notes["deferrable"][:, None] * self.flags["pik"]) * self.interest_due
        self.unpaid = self.interest_due - self.capitalised
        self.balance = self.balance + self.capitalised
        self.capitalised_so_far = self.capitalised_so_far + self.capitalised
        additional = turbo * (self.opening * (float(self.terms["additional_rate"]) * self.accrual[t]))
        self.additional_owed = self.additional_due = self.additional_owed + additional
        self.additional_owed = self.additional_owed.copy()
        self.interest_paid, self.principal_paid, self.additional_paid = np.zeros((3, *self.balance.shape))
        self.fees_paid = np.zeros_like(self.fees_owed)

    def cover(self, t: int, ncf: Floats, scheduled: list[Classes]) -> None:
        """Both coverage ratios of the period; the next period's triggers look at one of them."""
        service = _total(self.current)
        for classes in scheduled if t < self.terms["term"] else []:
            before = self.schedule[classes, t - 1] if t else np.ones(len(classes))
            planned = _total(self.issued[classes] * (before - self.schedule[classes, t]))
            service = service + np.minimum(max(0.0, planned), _total(self.opening[classes]))
        assumed = (float(self.terms["constant"]) * self.years) * self.debt
        window = 3 if self.terms["period_months"] == 1 else 1
        self.recent = [*self.recent, (ncf, service, assumed)][-window:]
        income, actual, constant = (_total(np.stack(flows)) for flows in zip(*self.recent, strict=True))
        known = self.owing * float(len(self.recent) == window)
        self.dscr_actual, self.dscr_assumed = _ratio(income, known * actual), _ratio(income, known * constant)
        self.tested = self.dscr_assumed if self.terms["service"] else self.dscr_actual

    def follow(self, t: int, payment: Any, classes: Classes) -> None:
        """One step of the priority of payments."""
        kind, pro_rata = int(payment["kind"]), bool(payment["order"])
        on = [np.ones_like(self.cash), self.amortising, self.flags["trap"], 1.0 - self.flags["pik"]][payment["when"]]
        start, senior_short = self.cash, self.short
        if kind == TRAP:
            self.trap, self.trap_in = self.trap + on * self.cash, self.trap_in + on * self.cash
            self.cash = self.cash - on * self.cash
        elif kind == EQUITY:
            self.equity, self.cash = self.equity + on * self.cash, self.cash - on * self.cash
        elif kind == RESERVE:
            (paid,) = self._settle([on * np.maximum(0.0, self.target - self.reserve)])
            self.reserve, self.reserve_in = self.reserve + paid, self.reserve_in + paid
        elif kind in (FEES, UNCAPPED_FEES):
            row = np.array([int(kind == UNCAPPED_FEES)])
            self._pay(row, [on * self.fees_owed[row[0]]], self.fees_owed, self.fees_paid, False, kind == FEES)
        elif kind == INTEREST:
            self._pay(classes, on * self.unpaid[classes], self.unpaid, self.interest_paid, pro_rata, True)
        elif kind == ADDITIONAL_INTEREST:
            due = on * self.additional_owed[classes]
            self._pay(classes, due, self.additional_owed, self.additional_paid, pro_rata)
        elif kind == SCHEDULED_PRINCIPAL and t < self.terms["term"]:
            due = on * self._scheduled(t, classes, pro_rata)
            self._pay(classes, due, self.balance, self.principal_paid, pro_rata)
        elif kind == PRINCIPAL:
            joins = (on * self.amortising) * self.trap
            self.cash, self.trap, self.trap_out = self.cash + joins, self.trap - joins, self.trap_out + joins
            share = np.maximum(on, self.ltv_on[classes]) if payment["when"] == AMORTISING else on
            before = self.cash
            self._pay(classes, share * self.balance[classes], self.balance, self.principal_paid, pro_rata)
            senior_short = np.maximum(0.0, senior_short - (before - self.cash))  # the trap may mend a scheduled shortfall
            self.short = np.maximum(0.0, self.short - (before - self.cash))
        self.unjust = np.maximum(self.unjust, np.minimum(senior_short, start - self.cash))

    def _scheduled(self, t: int, classes: Classes, pro_rata: bool) -> Floats:
        """What the schedule asks of a set of classes, class by class."""
        target = self.issued[classes] * self.schedule[classes, t]
        target = target[:, None] + self.capitalised_so_far[classes]
        balance = self.balance[classes]
        left = np.maximum(0.0, _total(balance) - _total(target))
        if pro_rata:
            own = np.maximum(0.0, balance - target)
            return own * _ratio(left, _total(own), 0.0)
        due = np.zeros_like(balance)
        for n, k in enumerate(classes):
            whole = balance[n] - left <= LAST_CENT * self.issued[k]
            due[n] = np.where(whole, balance[n], left)
            left = np.maximum(0.0, left - due[n])
        return due

    def _pay(self, rows: Classes, due: Any, owed: Floats, paid: Floats, pro_rata: bool, draws: bool = False) -> None:
        for row, amount in zip(rows, self._settle(due, pro_rata, draws), strict=True):
            owed[row] -= amount
            paid[row] += amount

    def _settle(self, due: Sequence[Floats] | Floats, pro_rata: bool = False, draws: bool = False) -> list[Floats]:
        """Pay what is due from cash and, where the step may, from reserve and then trap."""
        missing = np.zeros_like(self.cash)
        if pro_rata:
            total = _total(due)
            self._draw(total if draws else missing)
            funded = np.minimum(total, self.cash)
            due, missing = due * _ratio(funded, total, 0.0), total - funded
        paid, before = [], self.short
        for one in due:
            self._draw(one if draws and not pro_rata else np.zeros_like(one))
            paid.append(np.minimum(one, self.cash))
            self.unjust = np.maximum(self.unjust, np.minimum(self.short - before, paid[-1]))
            self.short, self.cash = self.short + (one - paid[-1]), self.cash - paid[-1]
        self.short = self.short + missing
        return paid

    def _draw(self, due: Floats) -> None:
        """What cash lacks of an amount due comes from reserve, then trap."""
        self.cash, self.reserve, self.reserve_out = _drawn(due, self.cash, self.reserve, self.reserve_out)
        self.cash, self.trap, self.trap_out = _drawn(due, self.cash, self.trap, self.trap_out)

    def _claims(self) -> Floats:
        """Interest unpaid, then balance, class by class."""
        return np.stack([self.unpaid, self.balance], axis=1).reshape(-1, len(self.cash))

    def refinance(self, takeout: Floats) -> None:
        """The ARD: all classes are repaid where the take-out supports what is outstanding, interest unpaid included."""
        self.ard_balance = _total(self._claims())
        self.refinanced = ((self.ard_balance > 0.0) & ~(self.ard_balance > takeout)).astype(np.float64)
        self.sold = self.ard_proceeds = self.refinanced * self.ard_balance
        self.unpaid, self.interest_paid = _moved(self.refinanced, self.unpaid, self.interest_paid)
        self.balance, self.principal_paid = _moved(self.refinanced, self.balance, self.principal_paid)
        self.reserve_out = self.reserve_out + self.refinanced * self.reserve
        self.trap_out = self.trap_out + self.refinanced * self.trap
        self.reserve, self.equity = _moved(self.refinanced, self.reserve, self.equity)
        self.trap, self.equity = _moved(self.refinanced, self.trap, self.equity)

    def liquidate(self, sale: Floats) -> None:
        """Legal final: sale, reserve and trap pay class by class, then additional interest, then equity."""
        claims, classes = self._claims(), len(self.issued)
        owed = _total([*claims, *self.additional_owed])
        self.sold = (owed > 0.0) * sale
        self.cash = (self.sold + self.reserve) + self.trap
        self.reserve_out, self.trap_out = self.reserve_out + self.reserve, self.trap_out + self.trap
        self.reserve, self.trap = np.zeros((2, len(sale)))
        paid = np.stack(self._settle([*claims, *self.additional_owed]))
        first, second = paid[: 2 * classes : 2], paid[1 : 2 * classes : 2]
        self.unpaid, self.interest_paid = self.unpaid - first, self.interest_paid + first
        self.balance, self.principal_paid = self.balance - second, self.principal_paid + second
        self.additional_owed = self.additional_owed - paid[2 * classes :]
        self.additional_paid = self.additional_paid + paid[2 * classes :]
        self.equity = self.equity + self.cash

    def audit(self, t: int) -> None:
        """Hold the period's books against each other; remember the first period in which they disagree, and how."""
        fees, interest, principal = _total(self.fees_paid), _total(self.interest_paid), _total(self.principal_paid)
        paid = fees + interest + principal + _total(self.additional_paid) + self.equity
        taken = self.available + (self.opening_carried - self.carried) + self.sold + self.reserve_out + self.trap_out
        additional = self.additional_due - self.additional_paid - self.additional_owed
        residuals = [
            np.abs(taken - paid - self.reserve_in - self.trap_in),
            np.abs(self.interest_due - self.capitalised - self.interest_paid - self.unpaid).max(axis=0)
            + np.abs(additional).max(axis=0),
            np.abs(self.opening + self.capitalised - self.principal_paid - self.balance).max(axis=0),
            np.abs(self.opening_reserve + self.reserve_in - self.reserve_out - self.reserve),
            np.abs(self.opening_trap + self.trap_in - self.trap_out - self.trap),
            -np.minimum.reduce([*self.balance, *self.unpaid, *self.additional_owed, *self.fees_owed, self.reserve, self.trap]),
            self.unjust,
        ]  # fmt: skip
        size = np.abs(self.available) + self.debt + _total(self.interest_due + self.additional_due)
        size = size + self.opening_reserve + self.opening_trap - self.opening_carried + _total(self.opening_fees)
        for kind, residual in enumerate(residuals, start=1):
            sound = (residual <= 1e-6 + RESOLUTION * (size + self.sold)) | (self.breach_period >= 0.0)
            self.breach_kind = np.where(sound, self.breach_kind, float(kind))
            self.breach_period = np.where(sound, self.breach_period, float(t))

    def period(self) -> tuple[Floats, Floats]:
        """The period's rows, in the order of ``records.SERIES`` and ``records.CLASS_SERIES``."""
        flags = [self.flags["trap"], self.amortising, self.flags["pik"]]
        coverage = [self.dscr_actual, self.dscr_assumed]
        series = np.stack([self.available, *self.fees_paid, self.reserve, self.trap, self.equity, *coverage, *flags])
        by_class = [self.interest_due, self.interest_paid, self.capitalised, self.principal_paid, self.additional_paid]
        return series.T, np.stack([*by_class, self.balance, self.unpaid]).transpose(2, 0, 1)

    def events(self) -> Floats:
        """One row a lane, in the order of ``records.EVENTS``."""
        return np.stack([self.ard_balance, self.ard_proceeds, self.sold, self.breach_period, self.breach_kind]).T


def _total(rows: Any) -> Any:
    """Sum over the first axis, row by row, so that the order of additions is fixed."""
    return sum(rows[1:], start=rows[0])


def _ratio(numerator: Floats, denominator: Floats, otherwise: float = np.nan) -> Floats:
    """numerator / denominator where that is positive, ``otherwise`` elsewhere."""
    positive = denominator > 0.0
    return np.where(positive, numerator / np.where(positive, denominator, 1.0), otherwise)


def _moved(share: Floats, source: Floats, target: Floats) -> tuple[Floats, Floats]:
    return source - share * source, target + share * source


def _drawn(due: Floats, cash: Floats, account: Floats, out: Floats) -> tuple[Floats, Floats, Floats]:
    """Cash, an account and what has left it, after drawing on it for what cash lacks: exactly, not a last bit short."""
    missing = np.maximum(0.0, due - cash)
    drawn = np.minimum(missing, account)
    return np.where(drawn >= missing, np.maximum(due, cash), cash + drawn), account - drawn, out + drawn
