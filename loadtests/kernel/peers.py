"""Peers on the part of an underwriting they can do: waterfall-py's classes, PySAM's project debt.

Each answers the same question as the kernel before it is timed; what it leaves out, and does besides, is said
in the table.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import PySAM.Singleowner
import waterfall
from loadtests.kernel.chain import FINAL, Inputs
from numpy.typing import NDArray

from rackrate.deal.structure import STEP_KINDS
from rackrate.kernel import records

Floats = NDArray[np.float64]
COUPONS, PRINCIPALS = (0.055, 0.065, 0.0725), np.array([6.0e7, 9.0e6, 7.0e6])
TENOR, PROJECT_YEARS, COVER = 18, 30, 1.3


def note_schedule() -> Floats:
    """Share of principal left after each month: level over the whole term."""
    growth = 1.005 ** np.arange(FINAL + 1)
    return np.maximum(0.0, 1.0 - (growth[1:] - 1.0) / (growth[-1] - 1.0))


def fixed_structure(kernel: Any, x: Inputs, available: Floats) -> Callable[[], tuple[Floats, Floats]]:
    """The kernel on what waterfall-py can do: a fee, interest and principal of three classes, equity."""
    kinds = [STEP_KINDS.index(kind) for kind in ("fees", "interest", "scheduled_principal")]
    fee, interest, principal = kinds
    steps = [(fee, 0, 0, 0, 0), *((kind, 0, 0, k, k + 1) for k in range(3) for kind in (interest, principal))]
    terms = x.terms.copy()
    terms["term"], terms["ard"], terms["liquidity_months"] = FINAL, FINAL, 0.0
    terms["trap_below"] = terms["amortise_below"] = terms["pik_below"] = np.nan
    notes = np.array([(0, 0, principal, np.nan) for principal in PRINCIPALS], dtype=records.NOTE)
    coupon = np.repeat(np.array(COUPONS)[None, :, None], FINAL, axis=2)
    plan = (
        terms, notes, coupon, np.full((1, 3, FINAL), 1.0 / 12.0), np.repeat(note_schedule()[None], 3, axis=0),
        np.array([(1, -1, 150000.0, 0.0, np.inf)], dtype=records.FEE), np.array(steps, dtype=records.PAYMENT),
        np.arange(3), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    flows = available[:1, :FINAL].copy(), available[:1, :FINAL].copy(), np.full(1, -1.0), np.zeros(1)

    def run() -> tuple[Floats, Floats]:
        series, by_class = np.empty((1, len(records.SERIES), FINAL)), np.empty((1, 7, 3, FINAL))
        kernel.pay(*plan, *flows, np.empty((1, 0)), series, by_class, np.empty((1, 5)))
        return series, by_class

    return run


def by_waterfall_py(available: Floats) -> Callable[[], Any]:
    """The same structure in waterfall-py: a senior tranche and two mezzanine ones, schedules given."""
    before = np.concatenate([[1.0], note_schedule()])
    amounts = [(principal * (before[:-1] - before[1:])).tolist() for principal in PRINCIPALS]
    tranches = [
        waterfall.Tranche(
            f"class-{k}", "mezzanine" if k else "senior", float(PRINCIPALS[k]), coupon=COUPONS[k],
            day_count="30/360", amort_type="custom", custom_principal=amounts[k],
        )
        for k in range(3)
    ]  # fmt: skip
    deal = waterfall.Deal(
        deal_close_date=date(2026, 12, 1), operations_start_date=date(2026, 12, 1), period_frequency="M",
        tranches=tranches, cfads_stream=available[0, :FINAL].tolist(), data_currency="USD",
        reporting_basis="calendar", fees=[waterfall.Fee("agency", 12500.0)],
    )  # fmt: skip
    return lambda: waterfall.run(deal)


def agree_on_classes(ours: tuple[Floats, Floats], theirs: Any) -> None:
    """Both paid the same interest and principal to each class, and the same to equity."""
    series, by_class = ours
    rows = [records.CLASS_SERIES.index(name) for name in ("interest_paid", "principal_paid")]
    for k in range(3):
        for row, name in zip(rows, ("interest_by_tranche", "principal_by_tranche"), strict=True):
            told = [getattr(period, name)[f"class-{k}"] for period in theirs.periods]
            np.testing.assert_allclose(by_class[0, row, k], told, rtol=1e-9, atol=1e-4)
    equity = [period.equity_distribution for period in theirs.periods]
    np.testing.assert_allclose(series[0, records.SERIES.index("equity")], equity, rtol=1e-9, atol=1e-4)


def single_owner() -> Callable[[], Any]:
    """PySAM's project finance of a level wind farm over 30 years, its debt sculpted to a cover over 18."""
    model = PySAM.Singleowner.default("WindPowerSingleOwner")
    model.SystemOutput.gen = [60000.0] * 8760
    model.SystemOutput.system_pre_curtailment_kwac = [60000.0] * 8760
    model.SystemOutput.annual_energy_pre_curtailment_ac = 60000.0 * 8760
    model.FinancialParameters.analysis_period = PROJECT_YEARS
    model.FinancialParameters.dscr = COVER

    def run() -> Any:
        model.execute(0)
        return model.Outputs

    return run


def sculpted(kernel: Any, outputs: Any) -> Callable[[], Floats]:
    """The kernel on the debt of that project: capacity at each year's end from its cash for debt service."""
    cash = np.array([outputs.cf_cash_for_ds[1 : TENOR + 1]])
    terms = np.full((1, TENOR), 0.07), np.full((1, TENOR + 1), np.inf), np.full(1, COVER), np.zeros(1), 0

    def run() -> Floats:
        capacity = np.empty((1, TENOR + 1))
        kernel.sculpt(cash, *terms, capacity)
        return capacity

    return run
