"""Pay classes from a client's own cash flow: one series, one scenario, the same waterfall."""

import numpy as np

from rackrate.deal.answers.runs import OwnTranche
from rackrate.deal.requests.standalone_waterfall import OwnClass, WaterfallAnswer, WaterfallRequest
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.structure import Reserves
from rackrate.engine.debt.resolve import target_balances
from rackrate.engine.structure.bonds import average_lives, durations, yields
from rackrate.engine.structure.class_repayment import ClassBearing, repay
from rackrate.engine.structure.reporting import report
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall import Cash, WaterfallResult, distribute
from rackrate.engine.structure.waterfall_terms import Note, WaterfallTerms
from rackrate.engine.timeline import Floats, period_sums, timeline


def pay(request: WaterfallRequest, ruleset: Ruleset) -> WaterfallAnswer:
    """Pay the classes; the ruleset is unused, for every analysis is called alike.

    Raises
    ------
    Invalid
        If a class is sculpted on a cash flow that carries no debt.
    """
    step, final = request.period_months, request.legal_final_months
    terms = _terms(request, final // step)
    paid = distribute(terms, _cash(request, final // step))
    dates = timeline(request.closing, final).boundaries[step::step].tolist()
    run = report(terms, paid, 0, None, dates)
    return WaterfallAnswer(waterfall=run, tranches=_tranches(request, paid))


def _terms(request: WaterfallRequest, periods: int) -> WaterfallTerms:
    bearings = [_bearing(note, request, periods) for note in request.classes]
    reserves = Reserves(liquidity_months=0.0) if request.reserves is None else request.reserves
    pointers = [f"/classes/{k}/schedule" for k in range(len(bearings))]
    triples = zip(request.classes, bearings, pointers, strict=True)
    return WaterfallTerms(
        period_months=request.period_months,
        term=periods,
        ard=None if request.ard_months is None else request.ard_months // request.period_months,
        notes=[_note(note) for note in request.classes],
        coupon=np.stack([bearing.coupon for bearing in bearings])[None],
        accrual=np.stack([bearing.accrual for bearing in bearings])[None],
        schedule=np.stack([repay(note.schedule, bearing, at) for note, bearing, at in triples]),
        fees=request.fees,
        steps=TEMPLATES[request.template] if request.steps is None else request.steps,
        triggers=request.triggers,
        liquidity_months=reserves.liquidity_months,
        reserve_initial=reserves.initial,
        additional_rate=request.additional_rate,
    )


def _note(note: OwnClass) -> Note:
    return Note(
        name=note.name,
        principal=note.principal,
        own_schedule=True,
        deferrable=note.deferrable,
        ltv_trigger=note.ltv_trigger,
    )


def _bearing(note: OwnClass, request: WaterfallRequest, periods: int) -> ClassBearing:
    months = timeline(request.closing, request.legal_final_months + 1)
    return ClassBearing(
        period_months=request.period_months,
        principal=note.principal,
        coupon=np.full(periods, note.coupon),
        accrual=period_sums(
            months.accrual(note.day_count)[: request.legal_final_months], request.period_months
        ),
        ncf=_ncf(request, periods),
        target=target_balances(note.schedule, months, request.period_months),
    )


def _ncf(request: WaterfallRequest, periods: int) -> Floats:
    return np.array(request.ncf[:periods], dtype=np.float64)


def _cash(request: WaterfallRequest, periods: int) -> Cash:
    ncf = _ncf(request, periods)[None]
    return Cash(
        available=ncf,
        ncf=ncf,
        takeout=np.array([np.inf if request.refinances_at_ard else -1.0]),
        sale=np.array([_sale(request)]),
        value=_watched(request, periods),
    )


def _watched(request: WaterfallRequest, periods: int) -> Floats | None:
    """Value that LTV triggers test in each period; infinite in the first, which has none to test."""
    if request.value is None:
        return None
    value = np.full((1, periods), request.value)
    value[0, 0] = np.inf
    return value


def _sale(request: WaterfallRequest) -> float:
    """Net proceeds of the liquidation; nothing without one."""
    if request.liquidation is None:
        return 0.0
    price = request.liquidation.value
    if request.value is not None:
        price = min(price, request.value)
    return price * (1.0 - request.liquidation.cost_share)


def _tranches(request: WaterfallRequest, paid: WaterfallResult) -> list[OwnTranche]:
    flows, step = paid.interest_paid[0] + paid.principal_paid[0], request.period_months
    prices = [note.price * note.principal for note in request.classes]
    lives = average_lives(paid.principal_paid[0], step)
    return [
        OwnTranche(
            name=note.name,
            wal=life,
            yield_=earned,
            duration=duration,
            principal_loss=float(paid.principal_loss[0, k]),
            interest_unpaid=float(paid.interest_unpaid[0, k, -1]),
        )
        for k, (note, life, earned, duration) in enumerate(
            zip(
                request.classes,
                lives,
                yields(flows, prices, step),
                durations(flows, prices, step),
                strict=True,
            )
        )
    ]
