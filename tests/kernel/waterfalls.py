"""Small structures as the kernel's rows, what they pay, and random ones wide enough to reach every mask."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rackrate.deal.structure import STEP_CONDITIONS, STEP_KINDS, STEP_ORDERS
from rackrate.kernel import records

NONE = np.nan
SWEEPING = {"principal": "amortising", "trap": "trapping"}
TRUST = (
    "fees",
    "interest",
    "reserve",
    "scheduled_principal",
    "principal",
    "trap",
    "uncapped_fees",
    "additional_interest",
    "equity",
)


def payments(steps, classes):
    """Rows and members of steps: a kind, or (kind, {order, when, classes})."""
    rows, members = [], []
    for step in steps:
        kind, given = (step, {}) if isinstance(step, str) else step
        own = given.get("classes", range(classes))
        rows.append(
            (
                STEP_KINDS.index(kind),
                STEP_ORDERS.index(given.get("order", "sequential")),
                STEP_CONDITIONS.index(given.get("when", SWEEPING.get(kind, "always"))),
                len(members),
                len(members) + len(own),
            )
        )
        members += own
    return np.array(rows, dtype=records.PAYMENT), np.array(members, dtype=np.int64)


@dataclass
class Plan:
    """A structure of annual periods, its classes at the coupons given, with nothing else unless asked for."""

    notes: list[tuple[int, float, float]]  # deferrable, principal, LTV trigger
    coupon: Any
    periods: int
    steps: Any = TRUST
    schedule: Any = 1.0
    own: Any = ()  # classes with a schedule of their own
    fees: Any = ()  # (senior, accrues_with, annual, rate, cap_annual)
    period_months: int = 12
    term: int | None = None
    ard: int | None = None
    service: int = 0
    cure_periods: int = 1
    liquidity_months: float = 0.0
    reserve_initial: float = NONE
    constant: float = NONE
    trap_below: float = NONE
    amortise_below: float = NONE
    pik_below: float = NONE
    additional_rate: float = 0.0

    def arguments(self):
        """The structure's arguments of `pay`, in order."""
        shape = (len(self.notes), self.periods)
        terms = np.zeros(1, dtype=records.WATERFALL)
        for name in records.WATERFALL.names:
            value = getattr(self, name)
            terms[name] = self.periods if value is None else value
        coupon = np.empty((1, *shape))
        coupon[:] = np.reshape(self.coupon, (1, shape[0], -1))
        schedule = np.empty(shape)
        schedule[:] = np.reshape(self.schedule, (-1, 1)) if np.ndim(self.schedule) == 0 else self.schedule
        accrual = np.full((1, *shape), self.period_months / 12.0)
        rows, members = payments(self.steps, shape[0])
        notes = [(defers, k in self.own, *rest) for k, (defers, *rest) in enumerate(self.notes)]
        notes, fees = np.array(notes, dtype=records.NOTE), np.array(list(self.fees), dtype=records.FEE)
        return terms, notes, coupon, accrual, schedule, fees, rows, members


def pay(kernel, plan, available, ncf=None, takeout=-1.0, sale=0.0, value=None):
    """What a structure pays on scenarios of cash [S, P], every row by name: [S, P], [S, K, P] or [S]."""
    available = np.atleast_2d(np.array(available, dtype=np.float64))
    scenarios, periods = available.shape
    ncf = available if ncf is None else np.atleast_2d(np.array(ncf, dtype=np.float64))
    value = np.empty((scenarios, 0)) if value is None else np.atleast_2d(np.array(value, dtype=np.float64))
    series = np.full((scenarios, len(records.SERIES), periods), 7.7)
    by_class = np.full((scenarios, len(records.CLASS_SERIES), len(plan.notes), periods), 7.7)
    events = np.full((scenarios, len(records.EVENTS)), 7.7)
    kernel.pay(
        *plan.arguments(),
        np.zeros(scenarios, dtype=np.int64),
        available,
        ncf,
        np.broadcast_to(np.float64(takeout), scenarios).copy(),
        np.broadcast_to(np.float64(sale), scenarios).copy(),
        value,
        series,
        by_class,
        events,
    )
    named = {name: series[:, n] for n, name in enumerate(records.SERIES)}
    named |= {name: by_class[:, n] for n, name in enumerate(records.CLASS_SERIES)}
    return SimpleNamespace(**named, **{name: events[:, n] for n, name in enumerate(records.EVENTS)})


def stress(kernel, plan, haircuts, cash, takeout, sale, value=None):
    """How haircuts end: least cover [S, 2], interest and principal unpaid [S, 2, K], events [S, 5]."""
    haircuts, scenarios = np.array(haircuts, dtype=np.float64), len(haircuts)
    least = np.full((scenarios, 2), 7.7)
    unpaid = np.full((scenarios, 2, len(plan.notes)), 7.7)
    events = np.full((scenarios, len(records.EVENTS)), 7.7)
    value = np.empty((4, 0)) if value is None else value
    lines = [np.array(line, dtype=np.float64) for line in (cash, takeout, sale, value)]
    kernel.stress(*plan.arguments(), *lines, haircuts, least, unpaid, events)
    return SimpleNamespace(least=least, unpaid=unpaid, events=events)


levels = st.one_of(st.just(NONE), st.floats(0.8, 2.0))
orders = st.sampled_from(STEP_ORDERS)
conditions = st.sampled_from(STEP_CONDITIONS)


@st.composite
def steps(draw, classes):
    """A priority of payments: fees first, equity last, the rest in any order, some of it class by class."""
    middle = []
    for kind in draw(st.permutations(TRUST[1:-1])):
        given = {"order": draw(orders)}
        if kind in ("principal", "trap", "reserve"):
            given["when"] = draw(conditions)
        if kind in ("interest", "principal", "scheduled_principal") and draw(st.booleans()):
            middle += [(kind, given | {"classes": [k]}) for k in range(classes)]
        else:
            middle.append((kind, given))
    return ["fees", *middle, "equity"]


@st.composite
def plans(draw):
    """A random structure of one to three classes and a dozen periods."""
    classes, periods = draw(st.integers(1, 3)), 12
    notes = [
        (draw(st.integers(0, 1)), draw(st.floats(20.0, 200.0)), draw(st.sampled_from([NONE, 0.5, 0.9])))
        for _ in range(classes)
    ]
    falls = [[draw(st.sampled_from([0.0, 0.01, 0.2])) for _ in range(periods)] for _ in range(classes)]
    own = draw(st.sets(st.integers(0, classes - 1)))
    falls = [falls[k] if k in own else falls[0] for k in range(classes)]
    return Plan(
        notes=notes,
        coupon=[draw(st.sampled_from([0.0, 0.03, 0.0575, 0.12])) for _ in range(classes)],
        periods=periods,
        steps=draw(st.one_of(st.just(TRUST), steps(classes))),
        schedule=np.maximum(0.0, 1.0 - np.cumsum(falls, axis=1)),
        own=own,
        fees=[
            (
                draw(st.integers(0, 1)),
                draw(st.integers(-1, classes - 1)),
                draw(st.floats(0.0, 3.0)),
                0.01,
                2.0,
            )
            for _ in range(draw(st.integers(0, 2)))
        ],
        period_months=draw(st.sampled_from([1, 3, 6, 12])),
        term=draw(st.integers(1, periods)),
        ard=draw(st.sampled_from([None, 1, 5, periods])),
        service=draw(st.integers(0, 1)),
        cure_periods=draw(st.integers(1, 3)),
        liquidity_months=draw(st.sampled_from([0.0, 3.0, 12.0])),
        reserve_initial=draw(st.sampled_from([NONE, 0.0, 25.0])),
        constant=0.1,
        trap_below=draw(levels),
        amortise_below=draw(levels),
        pik_below=draw(levels),
        additional_rate=draw(st.sampled_from([0.0, 0.05])),
    )


@st.composite
def flows(draw, plan, scenarios=4):
    """Cash, net cash flow, take-out, sale and value for a structure: ample, scarce, negative, nothing.

    At times it is scarce in the very period that may refinance.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    debt = sum(principal for _, principal, _ in plan.notes)
    size = debt * 0.15 * plan.period_months / 12.0
    available = size * (
        rng.normal(0.9, 0.8, (scenarios, plan.periods)) + rng.normal(0.3, 0.5, (scenarios, 1))
    )
    available[rng.random(available.shape) < 0.1] = 0.0
    if plan.ard is not None and draw(st.booleans()):
        available[:, plan.ard - 1] *= 0.1
    return {
        "available": available,
        "ncf": available * rng.uniform(0.8, 1.2, available.shape),
        "takeout": rng.uniform(-0.2, 1.8, scenarios) * debt,
        "sale": rng.uniform(0.0, 1.5, scenarios) * debt,
        "value": rng.uniform(0.8, 3.0, available.shape) * debt,
    }
