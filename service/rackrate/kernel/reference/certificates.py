"""Certificates on a pool: coupons, the priority of payments and write-downs, month by month."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.trust.audit import breach_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

DUST = 1e-6


def pay_certificates(
    terms: Rows,
    notes: Rows,
    rate: Floats,
    accrual: Floats,
    strips: Integers,
    steps: Rows,
    members: Integers,
    triggers: Rows,
    treasury: Floats,
    funds: Floats,
    stated: Floats,
    called: Integers,
    series: Floats,
    classes: Floats,
    losses: Floats,
    breach: Integers,
) -> None:
    """Pay certificates from what a pool brings.

    Parameters
    ----------
    terms : rows [1] of ``records.TRUST``
    notes : rows [K] of ``records.CERTIFICATE``
    rate, accrual : float64[K, M]
        Contracted coupon per year, and the year fraction of each month.
    strips : int64[K, K]
        Which classes each strip is cut from.
    steps : rows [P] of ``records.POOL_STEP``; ``members`` : int64, the classes of each step
    triggers : rows [R] of ``records.POOL_TRIGGER``
    treasury : float64[M]
    funds : float64[S, len(records.POOL_FUNDS), M]
        What the collateral brings, and what triggers read.
    stated : float64[S, M + 1]
        Stated balance at each boundary.
    called : int64[S]
        Month of the clean-up call, -1 for none.
    series : float64[S, len(records.TRUST_SERIES), M]
        OUT. Of no months where ends alone are asked for; then `classes` is too.
    classes : float64[S, K, len(records.CERTIFICATE_SERIES), M]
        OUT.
    losses : float64[S, K, 2]
        OUT. Principal lost and interest unpaid after the last month.
    breach : int64[S, 2]
        OUT. First month that does not add up, -1 for none, and its place in ``records.TRUST_BREACHES``.
    """
    for s, call in enumerate(called.tolist()):
        trust = _Trust(terms[0], notes, strips, steps, members, triggers)
        own, of_trust, of_classes = (
            stated[s],
            np.empty((8, rate.shape[1])),
            np.empty((len(notes), 9, rate.shape[1])),
        )
        for i in range(len(own) - 1):
            trust.month(i, rate[:, i], accrual[:, i], funds[s, :, i], float(own[i]), float(own[i + 1]),
                        float(own[0]), float(treasury[i]), i in (call, len(own) - 2))  # fmt: skip
            of_trust[:, i] = trust.series
            of_classes[:, :, i] = trust.classes.T
        losses[s, :, 0], losses[s, :, 1] = trust.owed + trust.lost, trust.unpaid
        breach[s] = breach_of(terms[0], notes, funds[s, 2], of_trust, of_classes)
        if series.shape[2] > 0:
            series[s], classes[s] = of_trust, of_classes


class _Trust:
    """Balances and accounts of a trust as they stand."""

    def __init__(
        self, terms: Any, notes: Rows, strips: Integers, steps: Rows, members: Integers, triggers: Rows
    ) -> None:
        self.terms, self.notes, self.strips, self.steps = terms, notes, strips, steps
        self.members, self.triggers = members, triggers
        count = len(notes)
        self.issued = np.array(notes["principal"], dtype=float)
        self.owed, self.unpaid, self.lost = self.issued.copy(), np.zeros(count), np.zeros(count)
        self.fees_unpaid = self.deficit = self.loss = 0.0
        self.reserve = self.target = float(terms["reserve_initial"])
        self.latched = np.zeros(len(triggers), dtype=bool)
        self.series, self.classes = np.zeros(8), np.zeros((9, count))

    def month(
        self, i: int, rate: Floats, accrual: Floats, funds: Floats, stated: float, after: float, first: float,
        treasury: float, ends: bool,
    ) -> None:  # fmt: skip
        interest_funds, principal_funds, premiums, premium_rate, accrued, defaulted, loss, squares, cut = (
            funds
        )
        fee = (float(self.terms["fee_annual"]) + float(self.terms["fee_rate"]) * stated) / 12.0
        wac = max(0.0, (accrued - fee) / stated) if stated > 0.0 else 0.0
        owes = bool((self.owed > 0.0).any() or (self.unpaid > 0.0).any())
        tripped = self._tripped(stated, first, defaulted, squares, owes)
        control = self._controlling(cut) if owes else -1
        self.coupon, self.due = self._due(rate, accrual, wac)
        self.opening = self.owed.copy()
        freed = self.reserve if ends or not owes else max(0.0, self.reserve - self.target)
        self.reserve -= freed
        self.target = (
            0.0
            if ends
            else max(float(self.terms["reserve_floor"]), float(self.terms["reserve_share"]) * after)
        )
        cash = interest_funds + principal_funds + freed - self.deficit
        self.deficit, self.cash = max(0.0, -cash), max(0.0, cash)
        self.fees_unpaid = self.fees_unpaid + fee if stated > 0.0 else 0.0
        self.paid, self.repaid, self.premium, self.reimbursed, written = (
            np.zeros(len(self.owed)) for _ in range(5)
        )
        self.fees = self.residual = 0.0
        self.premiums, self.premiums_rest = premiums, 0.0
        self.principal_due = float(self.owed.sum()) if ends else max(0.0, principal_funds)
        self.yields = treasury, premium_rate / premiums if premiums > 0.0 else 0.0
        for step in self.steps:
            if step["when"] == records.POOL_ALWAYS or (step["when"] == records.WHEN_TRIPPED) == tripped:
                self._step(step, after, ends)
        self.premiums_rest += self.premiums
        if self.terms["write_down"] and not ends:
            written = self._write_down(after)
        self.loss += loss
        self.owed[self.owed < DUST] = 0.0
        self.unpaid = self.due - self.paid
        self.unpaid[self.unpaid < DUST] = 0.0
        self.series[:] = (
            interest_funds + principal_funds, self.fees, self.reserve, self.residual, self.premiums_rest,
            self.deficit, tripped, control,
        )  # fmt: skip
        stands = np.where(self.notes["io"] == 1, self.strips @ self.owed, self.owed)
        self.classes[:] = (
            self.coupon, self.due, self.paid, self.unpaid, self.repaid, self.premium, self.reimbursed,
            written, stands,
        )  # fmt: skip

    def _tripped(self, stated: float, first: float, defaulted: float, squares: float, owes: bool) -> bool:
        now = False
        for k, trigger in enumerate(self.triggers):
            kind, level = int(trigger["kind"]), float(trigger["level"])
            trips = False
            if stated > 0.0 and owes:
                if kind == records.CUMULATIVE_LOSS:
                    trips = self.loss / first > level
                elif kind == records.DEFAULTED_SHARE:
                    trips = defaulted / stated > level
                elif kind == records.REMAINING_SHARE:
                    trips = stated / first < level
                elif kind == records.EFFECTIVE_LOANS:
                    trips = stated * stated < level * squares
                else:
                    owed = float(self.owed[: int(trigger["through"]) + 1].sum())
                    trips = owed > 0.0 and stated / owed < level
            self.latched[k] |= trips and bool(trigger["latched"])
            now |= trips or bool(self.latched[k])
        return now

    def _controlling(self, cut: float) -> int:
        found = first = -1
        for k in range(len(self.owed) - 1, -1, -1):
            if self.notes[k]["io"]:
                continue
            taken = min(cut, self.owed[k])
            cut -= taken
            if self.notes[k]["controls"]:
                first = k
                if found < 0 and self.owed[k] - taken >= float(self.terms["control_share"]) * self.issued[k]:
                    found = k
        return found if found >= 0 else first

    def _due(self, rate: Floats, accrual: Floats, wac: float) -> tuple[Floats, Floats]:
        coupon, due = np.zeros(len(rate)), np.zeros(len(rate))
        for k, note in enumerate(self.notes):
            if note["io"]:
                continue
            c = float(rate[k])
            if note["wac_kind"] == records.WAC_CAP:
                c = min(c, wac / accrual[k])
            elif note["wac_kind"] == records.WAC_LESS:
                c = wac / accrual[k] - float(note["wac_less"])
            coupon[k] = max(0.0, c)
            earned = coupon[k] * accrual[k]
            due[k] = self.owed[k] * earned + self.unpaid[k] + self.unpaid[k] * earned
        for k, note in enumerate(self.notes):
            if note["io"]:
                strip = notional = 0.0
                for j in np.flatnonzero(self.strips[k]):
                    strip += self.owed[j] * max(0.0, wac - coupon[j] * accrual[j])
                    notional += self.owed[j]
                coupon[k] = strip / notional * 12.0 if notional > 0.0 else 0.0
                due[k] = strip + self.unpaid[k]
        return coupon, due

    def _step(self, step: Any, after: float, ends: bool) -> None:
        kind = int(step["kind"])
        who = [int(k) for k in self.members[step["first"] : step["last"]]]
        if kind == records.POOL_FEES:
            paid = self._draw(self.fees_unpaid)
            self.fees += paid
            self.fees_unpaid -= paid
        elif kind == records.POOL_INTEREST:
            self._interest(who, int(step["order"]))
        elif kind == records.POOL_PRINCIPAL:
            if step["to_target"] and not ends:
                total = float(self.owed.sum()) - float(self.terms["advance_rate"]) * after
                self._principal(who, int(step["order"]), max(0.0, total))
            else:
                self.principal_due -= self._principal(who, int(step["order"]), self.principal_due)
        elif kind == records.POOL_REIMBURSEMENT:
            for k in who:
                paid = min(self.cash, self.lost[k])
                self.cash -= paid
                self.lost[k] -= paid
                self.reimbursed[k] += paid
        elif kind == records.POOL_RESERVE:
            if (self.owed > 0.0).any():
                paid = min(self.cash, max(0.0, self.target - self.reserve))
                self.cash -= paid
                self.reserve += paid
        elif kind == records.POOL_TURBO:
            self._principal(who, records.SEQUENTIAL, self.cash)
        elif kind == records.POOL_PREMIUMS:
            self._premiums(who, int(step["rest"]))
        else:
            self.residual += self.cash
            self.cash = 0.0

    def _draw(self, due: float) -> float:
        from_cash = min(self.cash, due)
        self.cash -= from_cash
        from_reserve = min(self.reserve, due - from_cash)
        self.reserve -= from_reserve
        return float(from_cash + from_reserve)

    def _interest(self, who: list[int], order: int) -> None:
        owed = {k: max(0.0, self.due[k] - self.paid[k]) for k in who}
        if order == records.SEQUENTIAL:
            for k in who:
                self.paid[k] += self._draw(owed[k])
            return
        total = sum(owed.values())
        paid = self._draw(total)
        for k in who:
            self.paid[k] += owed[k] if paid >= total else owed[k] * (paid / total)

    def _principal(self, who: list[int], order: int, due: float) -> float:
        if order == records.TO_CROSSOVER:
            rank = max((self.notes[k]["rank"] for k in who), default=0)
            later = any(self.owed[k] > 0.0 for k in range(len(self.owed)) if self.notes[k]["rank"] > rank)
            order = records.SEQUENTIAL if later else records.PRO_RATA
        amount, spent = min(due, self.cash), 0.0
        total = sum(self.opening[k] for k in who)
        for k in who:
            if order == records.SEQUENTIAL:
                paid = min(amount - spent, self.owed[k])
            else:
                paid = min(amount * (self.opening[k] / total), self.owed[k]) if total > 0.0 else 0.0
            self.owed[k] -= paid
            self.repaid[k] += paid
            spent += paid
        self.cash = max(0.0, self.cash - spent)
        return float(spent)

    def _premiums(self, who: list[int], rest: int) -> None:
        fund, (base, top) = self.premiums, self.yields
        total = float(sum(self.repaid[k] for k in who))
        if total > 0.0 and top > base:
            for k in who:
                fraction = min(1.0, max(0.0, (self.coupon[k] - base) / (top - base)))
                paid = fund * (self.repaid[k] / total) * fraction
                self.premium[k] += paid
                self.premiums -= paid
        if rest >= 0:
            self.premium[rest] += self.premiums
            self.premiums = 0.0

    def _write_down(self, after: float) -> Floats:
        written = np.zeros(len(self.owed))
        excess = float(self.owed.sum()) - after
        if excess <= DUST:
            return written
        for rank in range(int(self.notes["rank"].max()), 0, -1):
            at = [k for k in range(len(self.owed)) if self.notes[k]["rank"] == rank]
            total = float(sum(self.owed[k] for k in at))
            taken = min(excess, total)
            for k in at:
                if total > 0.0:
                    written[k] = self.owed[k] if taken >= total else taken * (self.owed[k] / total)
            excess -= taken
        self.owed -= written
        self.lost += written
        return written
