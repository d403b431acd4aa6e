"""The waterfall as it is answered: accounts and classes by period, dates of triggers and shortfalls."""

from collections.abc import Sequence
from datetime import date
from math import isfinite

import numpy as np

from rackrate.deal.answers.runs import ArdEvent, ClassRun, TriggerDates, WaterfallRun
from rackrate.engine.structure.waterfall import Flags, WaterfallResult
from rackrate.engine.structure.waterfall_terms import WaterfallTerms
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

UNPAID = 1e-10  # share of all that is issued above which an amount is unpaid: below it is rounding


def report(
    terms: WaterfallTerms, paid: WaterfallResult, scenario: int, case: str | None, dates: Sequence[date]
) -> WaterfallRun:
    """One scenario of the waterfall as it is answered."""
    outstanding = float(paid.ard_balance[scenario])
    ard = None
    if outstanding > 0.0:
        ard = ArdEvent(
            month=(terms.ard or 0) * terms.period_months,
            refinanced=bool(paid.refinanced[scenario]),
            balance=outstanding,
            proceeds=float(paid.ard_proceeds[scenario]),
        )
    series = {name: getattr(paid, name)[scenario].tolist() for name in records.SERIES}
    for name in ("dscr_actual", "dscr_assumed", "service_assumed"):
        series[name] = [figure if isfinite(figure) else None for figure in series[name]]
    return WaterfallRun(
        case=case,
        date=list(dates),
        ard=ard,
        triggers=_trigger_dates(paid, scenario, dates),
        sale=float(paid.sale[scenario]),
        classes=[_class_run(terms, paid, scenario, k, dates) for k in range(len(terms.notes))],
        **series,
    )


def _trigger_dates(paid: WaterfallResult, scenario: int, dates: Sequence[date]) -> TriggerDates:
    """First date of each trigger; classes amortise after a failed ARD too, which needs no trigger."""
    flags = {name: getattr(paid, flag)[scenario] for name, flag in records.TRIGGERS.items()}
    return TriggerDates(**{name: first(dates, on) for name, on in flags.items()})


def _class_run(
    terms: WaterfallTerms, paid: WaterfallResult, scenario: int, k: int, dates: Sequence[date]
) -> ClassRun:
    note, loss = terms.notes[k], float(paid.principal_loss[scenario, k])
    least = unpaid_above(terms)
    short = paid.interest_unpaid[scenario, k] > least
    tripped = None
    if note.ltv_trigger is not None and paid.value is not None:
        tripped = ltv_date(note.ltv_trigger, paid.balance[scenario, : k + 1], paid.value[scenario], dates)
    return ClassRun(
        name=note.name,
        principal_loss=loss,
        first_shortfall=first(dates, short) or (dates[-1] if loss > least else None),
        ltv_trigger=tripped,
        **{row: getattr(paid, row)[scenario, k].tolist() for row in records.CLASS_SERIES},
    )


def first(dates: Sequence[date], on: Flags) -> date | None:
    """The first date of those that are on; None if none is.

    >>> first([date(2027, 1, 1), date(2027, 2, 1)], np.array([False, True]))
    datetime.date(2027, 2, 1)
    """
    found = np.flatnonzero(on)
    return dates[found[0]] if len(found) else None


def ltv_date(level: float, balance: Floats, value: Floats, dates: Sequence[date]) -> date | None:
    """When the LTV trigger of the last of some classes first trips while that class is outstanding.

    Parameters
    ----------
    balance : array [K, P]
        Of the class and those above it, after each payment.
    value : array [P]
        What each period's test looks at, held against opening balances; the first period has none.
    """
    opening = balance[:, :-1]
    above = np.cumsum(opening, axis=0)[-1] > level * value[1:]
    return first(dates[1:], above & (opening[-1] > 0.0))


def unpaid_above(terms: WaterfallTerms) -> float:
    """Amount above which interest or principal is unpaid, deal currency; what is deferred is not unpaid."""
    return UNPAID * sum(note.principal for note in terms.notes)
