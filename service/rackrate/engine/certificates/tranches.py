"""Classes of certificates as an investor reads them: position, cover, life, yield, break-evens; retention."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from rackrate.deal.answers.pools.certificates import CertificateFigures, RetainedClass, RetentionFigures
from rackrate.deal.answers.tranches import Attachment
from rackrate.deal.pools.scenarios import CONTRACT
from rackrate.engine.certificates.break_even import break_evens
from rackrate.engine.certificates.figures import quotient
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.structure.bonds import average_lives, durations, yields
from rackrate.engine.timeline import Floats

PRICED_BETWEEN = (-0.9, 5.0)  # yields outside are none
PAID = 1e-6  # principal of a month that opens or closes the window


def tranches(runs: PoolRuns) -> list[CertificateFigures]:
    """Every class in the reported scenario."""
    structure, run = runs.structure, runs.run(runs.reported)
    if structure is None or run.trust is None or run.terms is None:
        return []
    trust, priced = run.trust, run.terms.priced
    paid = sum(
        trust.of_classes(name) for name in ("interest_paid", "principal_paid", "premium_paid", "reimbursed")
    )
    prices = [note.price * held for note, held in zip(structure.classes, priced.tolist(), strict=True)]
    flows = np.ascontiguousarray(paid)
    found_yields, found_durations = yields(flows, prices), durations(flows, prices)
    lives = average_lives(trust.of_classes("principal_paid"))
    contract = runs.run(CONTRACT).trust
    contract_lives = average_lives(contract.of_classes("principal_paid")) if contract is not None else lives
    breaks = break_evens(runs)
    figures = []
    for k, note in enumerate(structure.classes):
        rate = found_yields[k]
        priced_at = rate if rate is not None and PRICED_BETWEEN[0] <= rate <= PRICED_BETWEEN[1] else None
        is_strip = note.io is not None
        coupon = float(trust.of_classes("coupon")[k, 0])
        figures.append(
            CertificateFigures(
                name=note.name,
                principal=runs.sizes.principal[k],
                notional=float(priced[k]) if is_strip else None,
                rank=note.rank,
                coupon=coupon,
                price=note.price,
                yield_=priced_at,
                duration=None if priced_at is None else found_durations[k],
                wal=lives[k],
                wal_contract=contract_lives[k],
                window=_window(runs, trust.of_classes("principal_paid")[k]),
                principal_loss=float(trust.losses[k, 0]),
                interest_unpaid=float(trust.losses[k, 1]),
                break_even=None if is_strip else breaks[k],
                **(_nowhere() if is_strip else _position(runs, k)),  # type: ignore[arg-type]
            )
        )
    return figures


def _nowhere() -> dict[str, object]:
    names = ("attachment", "detachment", "credit_enhancement", "ltv", "dscr", "debt_yield", "supports")
    return dict.fromkeys(names)


def _position(runs: PoolRuns, k: int) -> dict[str, object]:
    """Where a class stands in the structure, in its own case."""
    structure = runs.structure
    if structure is None:
        raise ValueError("structure: there is none")
    cover = runs.covers.of(structure.classes[k].case or structure.case)
    before, after = math.fsum(runs.sizes.principal[:k]), math.fsum(runs.sizes.principal[: k + 1])
    value, ncf = math.fsum(cover.own_value.tolist()), math.fsum(cover.own_ncf.tolist())
    yearly = zip(runs.sizes.principal[: k + 1], runs.sizes.yearly, strict=False)
    due = math.fsum(principal * service for principal, service in yearly)
    supports = [row.category for row in runs.capacity if after <= row.principal * (1.0 + 1e-12)]
    return {
        "attachment": _attachment(before, value, runs.sizes.issued),
        "detachment": _attachment(after, value, runs.sizes.issued),
        "credit_enhancement": 1.0 - after / runs.total,
        "ltv": quotient(after, value),
        "dscr": quotient(ncf, due),
        "debt_yield": quotient(ncf, after),
        "supports": supports[0] if supports else None,
    }


def _attachment(debt: float, value: float, issued: float) -> Attachment:
    return Attachment(value=quotient(debt, value), debt=debt / issued)


def _window(runs: PoolRuns, principal: Floats) -> list[date] | None:
    at = np.flatnonzero(principal > PAID)
    dates = runs.clock.payment_dates
    return [dates[int(at[0])], dates[int(at[-1])]] if len(at) else None


def retention(runs: PoolRuns) -> RetentionFigures | None:
    """What the sponsor keeps: a share of every class, or the last classes by fair value."""
    structure, run = runs.structure, runs.run(runs.reported)
    if structure is None or structure.retention is None or run.terms is None:
        return None
    asked, required = structure.retention, runs.defaults.retention.share
    share = required if asked.share is None else asked.share
    priced: Sequence[float] = run.terms.priced.tolist()
    fair_values = [note.price * held for note, held in zip(structure.classes, priced, strict=True)]
    kept = [share * held for held in priced]
    retained_share, least = share, required
    if asked.kind == "horizontal":
        kept = [
            held if note.horizontal else 0.0 for note, held in zip(structure.classes, priced, strict=True)
        ]
        mine = math.fsum(w for note, w in zip(structure.classes, fair_values, strict=True) if note.horizontal)
        retained_share, least = mine / math.fsum(fair_values), share
    return RetentionFigures(
        kind=asked.kind,
        share=share,
        fair_value=math.fsum(fair_values),
        retained_share=retained_share,
        passes=retained_share >= least * (1.0 - 1e-12),
        retained=[
            RetainedClass(name=note.name, principal=held)
            for note, held in zip(structure.classes, kept, strict=True)
        ],
    )
