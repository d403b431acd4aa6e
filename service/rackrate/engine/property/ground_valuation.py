"""Valuation of ground leases: rent to expiry, receipts of a lost lease, reversion at expiry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum

import numpy as np

from rackrate.engine.facility.valuation import (
    Months,
    ValuationBasis,
    ValuedFacilities,
    value_lines,
    without_haircut,
)
from rackrate.engine.property.ground_leases import YEAR, GroundRun
from rackrate.engine.property.properties import Property
from rackrate.engine.timeline import Floats


@dataclass(frozen=True)
class ValuedGroundLeases(ValuedFacilities):
    """Ground leases to be valued: rent to expiry, then the reversion to the landlord.

    `receipts` [G, N] come beside net cash flow; `reversion` [G] is nothing where a lease is lost.
    """

    receipts: Floats
    reversion: Floats

    def one(self, g: int) -> "ValuedGroundLeases":
        """One of the leases."""
        at = slice(g, g + 1)
        rows = {name: getattr(self, name)[at].copy() for name in self.__dataclass_fields__}
        return ValuedGroundLeases(**rows)

    @cached_property
    def positive(self) -> Floats:
        """Positive rent of all leases together, which a haircut reduces, by month."""
        taken: Floats = np.maximum(self.ncf.sum(axis=0), 0.0)
        return taken

    @cached_property
    def valued(self) -> Floats:
        """Rent, receipts and reversions, to expiry; a haircut is taken of rent alone."""
        flows = self.ncf + self.receipts
        for g, end in enumerate(self.expiry.tolist()):
            flows[g, end - 1] += self.reversion[g]
            flows[g, end:] = 0.0
        return np.array([flows, np.maximum(self.ncf, 0.0)])

    def reverted(self, cap: float, at: Months) -> Floats:
        """Reversions as of each month, at the rate that capitalises the rent."""
        years = np.maximum(0, self.expiry[:, None] - at[None, :]) / 12.0
        discounted = np.where(years > 0.0, self.reversion[:, None] * (1.0 + cap) ** -years, 0.0)
        total: Floats = discounted.sum(axis=0)
        return total


def net_of(runs: list[GroundRun], haircut: float) -> Floats:
    """Net cash flow of each ground lease [G, N], its positive part cut."""
    bare = np.array([run.income - run.costs for run in runs])
    cut: Floats = bare - haircut * np.maximum(bare, 0.0)
    return cut


def to_expiry(view: ValuationBasis, life: int) -> ValuationBasis:
    """A valuation basis that discounts to the last expiry: nothing is left to capitalise after it."""
    return replace(view, months=life) if view.kind == "npv" else view


def valued_leases(runs: Sequence[GroundRun], ncf: Floats) -> ValuedGroundLeases:
    """Ground leases of a case as what is valued, their net cash flow [G, N] given."""
    return ValuedGroundLeases(
        appraisals=np.array([run.lease.fee_value for run in runs]),
        expiry=np.array([run.expiry for run in runs], dtype=np.int64),
        closing=np.ascontiguousarray(ncf[:, :YEAR]),
        ncf=ncf,
        receipts=np.array([run.receipts for run in runs]),
        reversion=np.array([0.0 if run.is_lost else run.lease.reversion for run in runs]),
    )


def ground_property(runs: Sequence[GroundRun], view: ValuationBasis, haircut: float, months: int) -> Property:
    """The landlord's interest as the security of a loan.

    A lease lost for good is valued as any other until its default; from then on it is worth its receipt,
    which is kept for the lender.
    """
    ncf, at = net_of(list(runs), haircut), np.arange(months + 1)
    valued, kept, lines = valued_leases(runs, ncf), np.zeros(months + 1), np.zeros((4, months + 1))
    for g, run in enumerate(runs):
        own = value_lines(view, valued.one(g), at)
        if run.is_lost:
            own[:, run.default_month :] = 0.0
            kept[run.default_month :] += fsum(run.receipts.tolist())
        lines += own
    closing = np.ascontiguousarray(ncf[:, :YEAR])
    noi = fsum(fsum(row) for row in closing.tolist())
    values = without_haircut(lines) + kept
    return Property(ncf, valued.expiry, closing, noi, values, kept if kept.any() else None)
