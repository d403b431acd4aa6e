"""The accounts of a trust that issues certificates, as they stand within a month."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

DUST = 1e-6  # of a currency unit: nothing is owed


class Trust:
    """Balances and accounts of a trust as they stand."""

    def __init__(
        self, terms: Any, notes: Rows, strips: Integers, steps: Rows, members: Integers, triggers: Rows
    ) -> None:
        self.terms, self.notes, self.strips, self.steps = terms, notes, strips, steps
        self.members, self.triggers = members, triggers
        count = len(notes)
        self.issued = np.array(notes["principal"], dtype=float)
        self.owed, self.unpaid, self.lost = self.issued.copy(), np.zeros(count), np.zeros(count)
        self.coupon, self.due, self.opening, self.paid = (np.zeros(count) for _ in range(4))
        self.repaid, self.premium, self.reimbursed = (np.zeros(count) for _ in range(3))
        self.cash = self.fees = self.residual = self.premiums = self.premiums_rest = self.principal_due = 0.0
        self.yields = 0.0, 0.0  # on Treasuries, and of what is prepaid: the fractions of premiums are of them
        self.fees_unpaid = self.deficit = self.loss = 0.0
        self.reserve = self.target = float(terms["reserve_initial"])
        self.latched = np.zeros(len(triggers), dtype=bool)
        self.series, self.classes = np.zeros(8), np.zeros((9, count))

    def draw(self, due: float) -> float:
        """Pay what is due of the cash, then of the reserve; what is paid."""
        from_cash = min(self.cash, due)
        self.cash -= from_cash
        from_reserve = min(self.reserve, due - from_cash)
        self.reserve -= from_reserve
        return float(from_cash + from_reserve)
