"""Classes of certificates: coupons and principals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rackrate.deal.debt import FloatingRate
from rackrate.deal.errors import CannotFinance, FieldError
from rackrate.deal.pools.certificates import Certificates
from rackrate.deal.pools.classes import (
    Capacity,
    Certificate,
    CertificateCoupon,
    CertificateLimit,
    CreditEnhancement,
    PoolDebtYield,
    PoolDscr,
    PoolLtv,
)
from rackrate.engine.pool.coverage import Covers
from rackrate.engine.pool.loans import moved_rate
from rackrate.engine.structure.tranches import round_down
from rackrate.engine.timeline import Floats, Timeline


@dataclass(frozen=True)
class Sizes:
    """Principal of each class [K], 0 of a strip, and what a year of each bears per 1 of principal."""

    principal: list[float]
    yearly: list[float]
    coupon: list[float]

    @property
    def issued(self) -> float:
        """Sum of the classes."""
        return math.fsum(self.principal)


def contracted(structure: Certificates, base: Floats, add: float) -> Floats:
    """Coupon of each class before any cap at the pool's rate [K, M]; `add` moves the index, `base` [M]."""
    return np.array([moved_rate(_rate_of(note), base, add) for note in structure.classes])


def _rate_of(note: Certificate) -> float | FloatingRate:
    return note.coupon.contracted if isinstance(note.coupon, CertificateCoupon) else note.coupon or 0.0


def accruals(structure: Certificates, clock: Timeline) -> Floats:
    """Year fraction of each month by each class's day count [K, M]."""
    return np.array([clock.accrual(note.day_count) for note in structure.classes])


def first_coupon(note: Certificate, rate: float, pool_rate: float, accrual: float) -> float:
    """Coupon of month 0, `pool_rate` the pool's of that month."""
    if isinstance(note.coupon, CertificateCoupon):
        if note.coupon.wac_less is not None:
            rate = pool_rate / accrual - note.coupon.wac_less
        elif note.coupon.wac_cap:
            rate = min(rate, pool_rate / accrual)
    return max(0.0, rate)


def size(
    structure: Certificates,
    covers: Covers,
    capacity: Mapping[str, float],
    pool_rate: float,
    add: float,
) -> Sizes:
    """Size the classes in order of seniority.

    Parameters
    ----------
    capacity : mapping of float
        Pool capacity by category.
    pool_rate : float
        Net rate of the pool in month 0, per month.
    add : float
        What the reported scenario adds to the index.

    Raises
    ------
    CannotFinance
        If nothing is issued.
    """
    year = covers.loans
    rate, accrual = contracted(structure, year.base, add), accruals(structure, year.timeline)
    total = math.fsum(year.balance.tolist())
    sizes = Sizes([], [], [])
    for k, note in enumerate(structure.classes):
        coupon = (
            first_coupon(note, float(rate[k, 0]), pool_rate, float(accrual[k, 0])) if note.io is None else 0.0
        )
        yearly = coupon * math.fsum(accrual[k].tolist())
        before = sizes.issued
        left = max(0.0, total - before)
        if note.io is not None:
            principal = 0.0
        elif note.residual:
            principal = left
        elif note.principal is not None:
            principal = min(left, note.principal)
        else:
            rooms = [
                _room(limit, note.case or structure.case, covers, capacity, sizes, yearly, total)
                for limit in note.limits
            ]
            principal = round_down(max(0.0, min(left, *rooms)), structure.denomination)
        sizes.principal.append(principal)
        sizes.yearly.append(yearly)
        sizes.coupon.append(coupon)
    if not sizes.issued > 0.0:
        message = "the limits of the classes leave nothing to issue"
        raise CannotFinance("classes", message, [FieldError("/structure/classes", message)])
    return sizes


def _room(
    limit: CertificateLimit,
    case: str,
    covers: Covers,
    capacity: Mapping[str, float],
    sizes: Sizes,
    yearly: float,
    total: float,
) -> float:
    """Principal that a limit allows a class behind those before it."""
    cover, before = covers.of(case), sizes.issued
    match limit:
        case Capacity(category=category):
            return capacity[category] - before
        case CreditEnhancement(limit=share):
            return (1.0 - share) * total - before
        case PoolLtv(limit=ltv):
            return ltv * math.fsum(cover.own_value.tolist()) - before
        case PoolDebtYield(limit=debt_yield):
            return math.fsum(cover.own_ncf.tolist()) / debt_yield - before
        case PoolDscr(limit=least):
            due = math.fsum(b * s for b, s in zip(sizes.principal, sizes.yearly, strict=True))
            left = math.fsum(cover.own_ncf.tolist()) / least - due
            return left / yearly if yearly > 0.0 else math.copysign(math.inf, left)
