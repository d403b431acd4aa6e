"""Certificates of a pool paid from its collateral: rows for the kernel, and what must add up."""

import math
from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.deal.pools.certificates import (
    STEP_CONDITIONS,
    STEP_KINDS,
    STEP_ORDERS,
    TRIGGER_KINDS,
    Certificates,
)
from rackrate.deal.pools.classes import CertificateCoupon
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.engine.certificates.classes import Sizes, accruals, contracted
from rackrate.engine.certificates.templates import WRITES_DOWN, steps_of
from rackrate.engine.pool.cashflow import PoolCashFlow
from rackrate.engine.pool.loans import Loans
from rackrate.engine.rows import Integers, Rows, rows, spans
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

SERIES = {name: k for k, name in enumerate(records.TRUST_SERIES)}
CLASS = {name: k for k, name in enumerate(records.CERTIFICATE_SERIES)}


class CertificatesNotConserved(Exception):  # noqa: N818  says what is wrong, as refusals do
    """What certificates are paid is not what came in: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class TrustTerms:
    """A structure as rows (axes: K class, M month); coupons are those of one scenario."""

    trust: Rows
    notes: Rows
    rate: Floats
    accrual: Floats
    strips: Integers
    steps: Rows
    members: Integers
    triggers: Rows
    treasury: Floats
    priced: Floats


@dataclass(frozen=True)
class TrustRun:
    """Certificates paid from one run of the collateral, or from several in front.

    Axes: series [..., TRUST_SERIES, M], classes [..., K, CERTIFICATE_SERIES, M], losses [..., K, 2].
    """

    series: Floats
    classes: Floats
    losses: Floats

    def line(self, name: str) -> Floats:
        """One series by month."""
        row: Floats = self.series[..., SERIES[name], :]
        return row

    def of_classes(self, name: str) -> Floats:
        """One series of every class [..., K, M]."""
        return self.classes[..., CLASS[name], :]


def trust_terms(
    structure: Certificates,
    defaults: PoolRuleset,
    sizes: Sizes,
    loans: Loans,
    add: float,
) -> TrustTerms:
    """Resolve a structure whose classes are sized; `add` moves the index of floating coupons."""
    names = [note.name for note in structure.classes]
    strips = np.zeros((len(names), len(names)), dtype=np.int64)
    for k, note in enumerate(structure.classes):
        strips[k, [names.index(name) for name in note.io or []]] = 1
    steps, members = _steps(structure, names)
    return TrustTerms(
        trust=rows(records.TRUST, [_trust_row(structure, defaults, math.fsum(loans.balance.tolist()))]),
        notes=rows(records.CERTIFICATE, _note_rows(structure, sizes)),
        rate=contracted(structure, loans.base, add),
        accrual=accruals(structure, loans.timeline),
        strips=strips,
        steps=rows(records.POOL_STEP, steps),
        members=np.array(members, dtype=np.int64),
        triggers=rows(records.POOL_TRIGGER, _trigger_rows(structure, names)),
        treasury=loans.treasury,
        priced=_priced(structure, sizes),
    )


def _trust_row(structure: Certificates, defaults: PoolRuleset, balance: float) -> dict[str, float]:
    """Terms of a trust as a whole, on loans of a balance at closing."""
    reserve = structure.reserve
    writes = WRITES_DOWN[structure.template] if structure.write_down is None else structure.write_down
    return {
        "write_down": writes,
        "ranked": structure.steps is None,
        "fee_annual": math.fsum(fee.annual for fee in structure.fees),
        "fee_rate": math.fsum(fee.rate for fee in structure.fees),
        "reserve_initial": max(reserve.floor, reserve.share * balance),
        "reserve_share": reserve.share,
        "reserve_floor": reserve.floor,
        "advance_rate": structure.advance_rate,
        "control_share": defaults.control.share,
    }


def _steps(structure: Certificates, names: list[str]) -> tuple[list[dict[str, float]], list[int]]:
    """Rows of the priority of payments, and the places of the classes that each pays."""
    principal = [k for k, note in enumerate(structure.classes) if note.io is None]
    steps = steps_of(structure)
    members = [
        principal if step.classes is None else [names.index(name) for name in step.classes] for step in steps
    ]
    found: list[dict[str, float]] = [
        {
            "kind": STEP_KINDS.index(step.kind),
            "order": STEP_ORDERS.index(step.order),
            "when": STEP_CONDITIONS.index(step.when),
            "first": first,
            "last": last,
            "to_target": step.to == "target",
            "rest": -1 if step.rest is None else names.index(step.rest),
        }
        for step, (first, last) in zip(steps, spans(members), strict=True)
    ]
    return found, [k for listed in members for k in listed]


def _trigger_rows(structure: Certificates, names: list[str]) -> list[dict[str, float]]:
    return [
        {
            "kind": TRIGGER_KINDS.index(trigger.kind),
            "through": -1 if trigger.through is None else names.index(trigger.through),
            "latched": trigger.latched,
            "level": (trigger.above if trigger.below is None else trigger.below) or 0.0,
        }
        for trigger in structure.triggers
    ]


def _wac_kind(coupon: CertificateCoupon) -> int:
    """Number how a coupon follows the weighted average coupon of the pool."""
    if coupon.wac_less is not None:
        return records.WAC_LESS
    return records.WAC_CAP if coupon.wac_cap else records.CONTRACTED_COUPON


def _note_rows(structure: Certificates, sizes: Sizes) -> list[dict[str, float]]:
    found = []
    for note, principal in zip(structure.classes, sizes.principal, strict=True):
        coupon = note.coupon if isinstance(note.coupon, CertificateCoupon) else CertificateCoupon()
        found.append(
            {
                "io": note.io is not None,
                "rank": note.rank or 0,
                "controls": note.controls,
                "wac_kind": _wac_kind(coupon),
                "principal": principal,
                "wac_less": coupon.wac_less or 0.0,
            }
        )
    return found


def _priced(structure: Certificates, sizes: Sizes) -> Floats:
    """What each class is priced on: its principal, or the principals a strip is cut from [K]."""
    by_name = {note.name: held for note, held in zip(structure.classes, sizes.principal, strict=True)}
    return np.array(
        [
            held if note.io is None else math.fsum(by_name[name] for name in note.io)
            for note, held in zip(structure.classes, sizes.principal, strict=True)
        ]
    )


def pay(terms: TrustTerms, found: PoolCashFlow) -> TrustRun:
    """Pay the certificates from what one run of the collateral brings.

    Raises
    ------
    CertificatesNotConserved
        If a month does not add up, or a template pays a later rank before an earlier one.
    """
    run = pay_runs(terms, found.funds[None], found.stated[None], np.array([found.called]))
    return TrustRun(run.series[0], run.classes[0], run.losses[0])


def pay_runs(terms: TrustTerms, funds: Floats, stated: Floats, called: Integers) -> TrustRun:
    """The same from several: funds [S, POOL_FUNDS, M], stated balances [S, M + 1], months of the call [S]."""
    return _pay(terms, funds, stated, called, terms.rate.shape[1])


def losses_of(terms: TrustTerms, funds: Floats, stated: Floats, called: Integers) -> Floats:
    """What several runs leave of each class in the end, no month kept: principal, interest [S, K, 2]."""
    return _pay(terms, funds, stated, called, 0).losses


def _pay(terms: TrustTerms, funds: Floats, stated: Floats, called: Integers, kept: int) -> TrustRun:
    """Pay the certificates and keep all months, or none of them."""
    runs, count = len(funds), len(terms.notes)
    breach = np.empty((runs, 2), dtype=np.int64)
    run = TrustRun(
        np.empty((runs, len(SERIES), kept)),
        np.empty((runs, count, len(CLASS), kept)),
        np.empty((runs, count, 2)),
    )
    kernel.pay_certificates(
        terms.trust,
        terms.notes,
        terms.rate,
        terms.accrual,
        terms.strips,
        terms.steps,
        terms.members,
        terms.triggers,
        terms.treasury,
        funds,
        stated,
        called,
        run.series,
        run.classes,
        run.losses,
        breach,
    )
    for month, kind in breach.tolist():
        if month >= 0:
            raise CertificatesNotConserved(f"month {month}: {records.TRUST_BREACHES[kind]} does not add up")
    return run
