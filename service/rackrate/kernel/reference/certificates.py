"""Certificates on a pool: coupons, the priority of payments and write-downs, month by month."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.reference.trust.accounts import Trust
from rackrate.kernel.reference.trust.audit import breach_of
from rackrate.kernel.reference.trust.month import run_month

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]


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
        trust = Trust(terms[0], notes, strips, steps, members, triggers)
        own, months = stated[s], rate.shape[1]
        of_trust, of_classes = np.empty((8, months)), np.empty((len(notes), 9, months))
        for i in range(len(own) - 1):
            run_month(trust, rate[:, i], accrual[:, i], funds[s, :, i], float(own[i]), float(own[i + 1]),
                      float(own[0]), float(treasury[i]), i in (call, len(own) - 2))  # fmt: skip
            of_trust[:, i] = trust.series
            of_classes[:, :, i] = trust.classes.T
        losses[s, :, 0], losses[s, :, 1] = trust.owed + trust.lost, trust.unpaid
        breach[s] = breach_of(terms[0], notes, funds[s, 2], of_trust, of_classes)
        if series.shape[2] > 0:
            series[s], classes[s] = of_trust, of_classes
