"""The scalar waterfall as a rival of the kernel's: from the kernel's rows, interpreted and by numba."""

# Design: numba gets the same source, one scenario after the other: compiled to straight scalar code, it is
# what a good numba implementation of this recursion is. Answers are those of the kernel, array by array.

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
import numpy as np
from loadtests.kernel import scalar_waterfall
from loadtests.kernel.chain import FINAL, Inputs
from numpy.typing import NDArray

from rackrate.kernel import records

Floats = NDArray[np.float64]
ACCOUNTS = 13  # arrays of a value a class that the scalar waterfall works in


def plan(x: Inputs, notes: Any, schedule: Floats) -> list[Floats]:
    """What all scenarios share, flat: arguments of `pay_scenario` from `whole` to `schedule`."""
    terms = x.terms[0]
    whole = [terms[name] for name in ("period_months", "term", "ard", "service", "cure_periods")]
    rates = [
        terms[name]
        for name in (
            "liquidity_months", "reserve_initial", "constant", "trap_below", "amortise_below", "pik_below",
            "additional_rate",
        )
    ]  # fmt: skip
    steps = [[step[name] for name in ("kind", "order", "when", "first", "last")] for step in x.payments]
    planned = [step[3:] for step in steps if step[0] == records.PAY_SCHEDULED_PRINCIPAL]
    fees = np.array([[fee[name] for name in ("annual", "rate", "cap_annual")] for fee in x.fees], dtype=float)
    return [
        np.array(whole, dtype=np.int64),
        np.array(rates, dtype=float),
        notes["deferrable"].copy(),
        notes["principal"].copy(),
        notes["ltv_trigger"].copy(),
        np.array([[fee["senior"], fee["accrues_with"]] for fee in x.fees], dtype=np.int64).ravel(),
        fees.ravel(),
        np.array(steps, dtype=np.int64).ravel(),
        x.members,
        np.array(planned, dtype=np.int64).ravel(),
        x.coupon[0].ravel(),
        x.note_accrual[0].ravel(),
        schedule.ravel(),
    ]


def outputs(scenarios: int, classes: int) -> tuple[Floats, Floats, Floats]:
    """Room for series, classes' series and events, a row a scenario."""
    return (
        np.empty((scenarios, len(records.SERIES) * FINAL)),
        np.empty((scenarios, len(records.CLASS_SERIES) * classes * FINAL)),
        np.empty((scenarios, len(records.EVENTS))),
    )


def interpreted(shared: list[Floats], available: Floats, ncf: Floats, sale: Floats) -> Callable[[], Any]:
    """One scenario in plain Python, on lists; what it answers is three lists."""
    flat = [array.tolist() for array in shared]
    flows, earned, proceeds, classes = available.tolist(), ncf.tolist(), float(sale), len(flat[3])

    def run() -> Any:
        found = [0.0] * (len(records.SERIES) * FINAL), [0.0] * (7 * classes * FINAL), [0.0] * 5
        accounts = tuple([0.0] * classes for _ in range(ACCOUNTS))
        scalar_waterfall.pay_scenario(True, *flat, flows, earned, -1.0, proceeds, [], *found, accounts)
        return found

    return run


def by_numba() -> Callable[..., None]:
    """The same source compiled: `run(audited, *shared, available, ncf, takeout, sale, *outputs)`."""
    compiled = numba.njit(error_model="numpy")
    source = scalar_waterfall.pay_scenario
    names = {**vars(scalar_waterfall), "draw": compiled(scalar_waterfall.draw)}
    pay_scenario = compiled(FunctionType(source.__code__, names, source.__name__))

    @compiled
    def run(
        audited, whole, rates, deferrable, principal, ltv_trigger, fee_whole, fee_rates, steps, members,
        planned, coupon, accrual, schedule, available, ncf, takeout, sale, series, by_class, events,
    ):  # fmt: skip
        room, nothing = np.empty((13, len(principal))), np.empty(0)
        accounts = (
            room[0], room[1], room[2], room[3], room[4], room[5], room[6], room[7], room[8], room[9],
            room[10], room[11], room[12],
        )  # fmt: skip
        for s in range(len(available)):
            pay_scenario(
                audited, whole, rates, deferrable, principal, ltv_trigger, fee_whole, fee_rates, steps,
                members, planned, coupon, accrual, schedule, available[s], ncf[s], takeout[s], sale[s],
                nothing, series[s], by_class[s], events[s], accounts,
            )  # fmt: skip

    return run
