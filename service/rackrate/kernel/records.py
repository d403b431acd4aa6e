"""Record dtypes of the kernel, one per noun, field by field the structs of ``ext/records.pxd``.

Every field is eight bytes wide (``i8`` or ``f8``). When the kernel is loaded each dtype is held against its
struct, field by field; a call refuses rows of another dtype.
What each field means stands beside it in ``ext/records.pxd``, as do the values that have a name.
"""

# Design: rows rather than dozens of loose vectors. A row keeps a lease together in memory and in the
# signature, and a field that is missing on one side is an error at the call, not a wrong number.

from typing import Any

import numpy as np


def _row(integers: str, floats: str) -> "np.dtype[np.void]":
    fields: list[Any] = [(name, "i8") for name in integers.split()]
    return np.dtype(fields + [(name, "f8") for name in floats.split()])


STEP = _row("from_month", "value")
LEASE = _row(
    "facility tenant commencement term free_rent booked_not_billed escalation power termination"
    " ramp_start ramp_end step_start step_end",
    "contracted_kw rent escalation_rate escalation_floor escalation_cap utilisation peak_utilisation pue_cap"
    " markup power_price power_escalation fee_months termination_probability security_months",
)
MARKET = _row(
    "renew_at downtime default_downtime term free_rent",
    "rent renewal_probability default_rent_discount escalation renewal_cost reletting_cost",
)
SCENARIO = _row(
    "closing contracted_only downtime_add",
    "rent_haircut market_rent_haircut ncf_haircut vacancy_floor renewal_factor power_price_factor"
    " power_price_add utilisation_factor pue_add opex_factor management_fee_floor capex_reserve_floor",
)
FACILITY = _row(
    "expiry power_start power_end group",
    "capacity_kw curtailment_share sla_credit_share vacancy_floor management_fee other_income capex_reserve"
    " ground_rent ground_rent_growth",
)
POWER = _row(
    "kind start end",
    "mw price escalation resale_share demand_rate contracted_demand_kw minimum_demand_share ratchet_share"
    " fixed_monthly",
)
COST = _row("facility line per_kw", "")

FIXED_ESCALATION, CPI_ESCALATION, STEPPED_RENT = range(3)  # of LEASE.escalation
METERED, FIXED_PRICE, INCLUDED, DIRECT = range(4)  # of LEASE.power
AT_MARKET, IN_PLACE, LOWER_OF = range(3)  # of MARKET.renew_at
FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, CFD = range(5)  # of POWER.kind

LETTING = (
    "base_rent",
    "paying_kw",
    "occupied_kw",
    "load_kw",
    "peak_kw",
    "metered_kw",
    "fixed_price_revenue",
    "leasing_costs",
    "termination_receipts",
)
SUPPLY = ("load_mwh", "unhedged_mwh", "hedged_mwh", "cost", "recovery", "shortfall")
LINES = (
    "base_rent",
    "power_recovery",
    "other_income",
    "vacancy_and_credit_loss",
    "egi",
    "power_cost",
    "ground_rent",
    "management_fee",
    "noi",
    "capital_reserve",
    "leasing_costs",
    "ncf_haircut",
    "ncf",
    "termination_receipts",
    "available",
)


# ---- the waterfall ----
WATERFALL = _row(
    "period_months term ard service cure_periods",
    "liquidity_months reserve_initial constant trap_below amortise_below pik_below additional_rate",
)
NOTE = _row("deferrable own_schedule", "principal ltv_trigger")
FEE = _row("senior accrues_with", "annual rate cap_annual")
PAYMENT = _row("kind order when first last", "")

PAY_FEES, PAY_INTEREST, FILL_RESERVE, PAY_SCHEDULED_PRINCIPAL, PAY_PRINCIPAL = range(5)  # of PAYMENT.kind
FILL_TRAP, PAY_UNCAPPED_FEES, PAY_ADDITIONAL_INTEREST, PAY_EQUITY = range(5, 9)
SEQUENTIAL, PRO_RATA, TO_CROSSOVER = range(3)  # of PAYMENT.order, POOL_STEP.order
ALWAYS, WHEN_AMORTISING, WHEN_TRAPPING, WHEN_NOT_PIK = range(4)  # of PAYMENT.when
ACTUAL_SERVICE, ASSUMED_SERVICE = range(2)  # of WATERFALL.service

SERIES = (
    "available",
    "fees",
    "uncapped_fees",
    "reserve",
    "trap",
    "equity",
    "dscr_actual",
    "dscr_assumed",
    "service_actual",
    "service_assumed",
    "trapping",
    "amortising",
    "sweeping",
    "pik",
)
FLAGS = SERIES[-4:]
TRIGGERS = {"trap": "trapping", "amortise": "sweeping", "pik": "pik"}
"""The flag of each trigger; classes are `amortising` by theirs or after a failed ARD."""
CLASS_SERIES = (
    "interest_due",
    "interest_paid",
    "capitalised",
    "principal_paid",
    "additional_paid",
    "balance",
    "interest_unpaid",
)
EVENTS = ("ard_balance", "ard_proceeds", "sale", "breach_period", "breach_kind")
BREACHES = ("none", "cash", "interest", "principal", "reserve", "trap", "negative balance", "priority")


# ---- the simulation ----
FACTOR_TERMS = _row(
    "",
    "asset_correlation renewal_loading rent_volatility rent_loading"
    " power_speed power_volatility power_loading",
)
EXIT = _row("ard final watch_months", "closing_value kept watch_discount")
TAKEOUT = _row("", "service ltv")

# ---- pools ----
INTEREST_ONLY, LEVEL, FIXED_PAYMENT, WRITTEN_BALANCE = range(4)  # of POOL_LOAN.amortisation
OPEN, PENALTY, YIELD_MAINTENANCE, CLOSED = range(4)  # prepayment protection of a loan in a month
NO_ADVANCES, INTEREST_ADVANCES, PRINCIPAL_AND_INTEREST_ADVANCES = range(3)  # of POOL_TERMS.advances
CONTRACTED_COUPON, WAC_CAP, WAC_LESS = range(3)  # of CERTIFICATE.wac_kind
POOL_FEES, POOL_INTEREST, POOL_PRINCIPAL, POOL_REIMBURSEMENT, POOL_RESERVE = range(5)  # of POOL_STEP.kind
POOL_TURBO, POOL_PREMIUMS, POOL_RESIDUAL = range(5, 8)
POOL_ALWAYS, WHEN_TRIPPED, WHEN_UNTRIPPED = range(3)  # of POOL_STEP.when
CUMULATIVE_LOSS, DEFAULTED_SHARE, REMAINING_SHARE = range(3)  # of POOL_TRIGGER.kind
EFFECTIVE_LOANS, OVERCOLLATERALISATION = range(3, 5)

POOL_LOAN = _row(
    "term ard interest_only amortisation amortisation_months in_arrears",
    "balance share fee_rate payment advances",
)
POOL_TERMS = _row(
    "extension_months retest_months test_maturity recovery_months severity_stated advances reduction_months"
    " below_months arrears_default",
    "extension_sweep costs severity appraisal_share stop_share below_dscr hazard cdr_multiple"
    " special_servicing",
)
POOL_LINES = (
    "interest",
    "strip",
    "scheduled",
    "prepaid",
    "balloon",
    "premiums",
    "interest_advanced",
    "principal_advanced",
    "reimbursed",
    "advance_interest",
    "interest_recovered",
    "principal_recovered",
    "special_servicing",
    "realised_loss",
    "appraisal_reduction",
    "advances_outstanding",
    "balance",
    "defaulted",
    "accrued",
    "premium_rate",
    "squares",
)
POOL_OUTCOME = (
    "defaulted",
    "prepaid",
    "repaid",
    "loss",
    "last_month",
    "extended",
    "left",
    "advances_stopped",
    "negative_recovery",
    "unresolved",
)

TRUST = _row(
    "write_down ranked",
    "fee_annual fee_rate reserve_initial reserve_share reserve_floor advance_rate control_share",
)
CERTIFICATE = _row("io rank controls wac_kind", "principal wac_less")
POOL_STEP = _row("kind order when first last to_target rest", "")
POOL_TRIGGER = _row("kind through latched", "level")
POOL_FUNDS = (
    "interest_funds",
    "principal_funds",
    "premiums",
    "premium_rate",
    "accrued",
    "defaulted",
    "realised_loss",
    "squares",
    "appraisal_reduction",
)
TRUST_SERIES = (
    "cash",
    "fees",
    "reserve",
    "residual",
    "premiums_residual",
    "deficit",
    "tripped",
    "controlling",
)
CERTIFICATE_SERIES = (
    "coupon",
    "interest_due",
    "interest_paid",
    "interest_unpaid",
    "principal_paid",
    "premium_paid",
    "reimbursed",
    "written_down",
    "balance",
)
TRUST_BREACHES = ("cash", "premiums", "balance", "priority")


RECORDS = (
    STEP,
    LEASE,
    MARKET,
    SCENARIO,
    FACILITY,
    POWER,
    COST,
    WATERFALL,
    NOTE,
    FEE,
    PAYMENT,
    FACTOR_TERMS,
    EXIT,
    TAKEOUT,
    POOL_LOAN,
    POOL_TERMS,
    TRUST,
    CERTIFICATE,
    POOL_STEP,
    POOL_TRIGGER,
)
"""Every record, in the order in which the kernel holds them against its structs when it is loaded."""
