"""Inputs of a deal: market, cases, facilities with leases and power, debt, tests."""

from datetime import date
from typing import Any

from rackrate.deal.cases import Case
from rackrate.deal.debt import Level, Sculpted, TargetBalance
from rackrate.deal.facility import leases as terms
from rackrate.deal.facility.facilities import Facility, Leasehold
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import SizingTest
from rackrate.deal.valuation import CapRate, Npv
from rackrate.documents.workbook.inputs.inputs_sheet import CONTRACT, LIVE, RERUN, Inputs
from rackrate.documents.workbook.source import Source
from rackrate.engine.facility.cases import adjustment

CASE_TERMS = (
    ("rent_haircut", "Cut of contract rent", "share", CONTRACT),
    ("ncf_haircut", "Cut of positive net cash flow", "share", LIVE),
    ("vacancy_floor", "Least vacancy", "share", LIVE),
    ("power_price_factor", "Multiplies the power index", "x", LIVE),
    ("power_price_add", "Added to the power index", "price", LIVE),
    ("utilisation_factor", "Multiplies utilisation", "x", CONTRACT),
    ("pue_add", "Added to PUE", "x", CONTRACT),
    ("opex_factor", "Multiplies operating costs", "x", LIVE),
    ("management_fee_floor", "Least management fee", "share", LIVE),
    ("capex_reserve_floor", "Least capital reserve per kW-year", "price", LIVE),
    ("rate_add", "Added to rates", "rate", LIVE),
    ("market_rent_haircut", "Cut of market rent", "share", RERUN),
    ("renewal_factor", "Multiplies renewal probability", "x", RERUN),
    ("downtime_add_months", "Added to downtimes", "months", RERUN),
    ("credit", "Whether tenants default (1) or not (0)", "flag", RERUN),
    ("pd_multiplier", "Multiplies default hazards", "x", RERUN),
)
FACILITY_TERMS = (
    ("capacity_kw", "Capacity", "kW"),
    ("management_fee", "Management fee", "share"),
    ("other_income", "Other income a year", "money"),
    ("capex_reserve_per_kw_year", "Capital reserve per kW-year", "price"),
    ("vacancy_floor", "Least vacancy", "share"),
    ("curtailment_hours_per_year", "Curtailed hours a year", "hours"),
    ("sla_credit_share", "Rent credited in curtailed hours", "share"),
    ("appraised_value", "Appraised value", "money"),
    ("cost", "Cost", "money"),
)
MARKET_TERMS = (
    ("rent_per_kw_month", "Market rent per kW-month", "price"),
    ("growth", "Growth of market rent a year", "rate"),
    ("renewal_probability", "Renewal probability", "share"),
    ("downtime_months", "Downtime", "months"),
    ("term_months", "Term of new lettings", "months"),
    ("free_rent_months", "Free rent of new lettings", "months"),
    ("escalation", "Escalation within new lettings", "rate"),
    ("renewal_cost_per_kw", "Cost of a renewal per kW", "price"),
    ("reletting_cost_per_kw", "Cost of a new letting per kW", "price"),
)
POWER_TERMS = (
    ("price_per_mwh", "Price per MWh", "price"),
    ("adder", "Added to the index per MWh", "price"),
    ("strike", "Strike per MWh", "price"),
    ("mw", "Volume, MW", "number"),
    ("escalation", "Escalation a year", "rate"),
    ("resale_share", "Share of the index paid for what is unused", "share"),
    ("demand_rate", "Demand charge per kW", "price"),
    ("contracted_demand_kw", "Contracted demand", "kW"),
    ("minimum_demand_share", "Least demand billed", "share"),
    ("ratchet_share", "Ratchet", "share"),
    ("fixed_monthly", "Fixed charge a month", "money"),
)
NO_CAP = 100.0  # a PUE that no facility reaches
TEST_TERMS = (
    ("limit", "Limit", ""),
    ("dscr", "Least cover", "x"),
    ("advance_rate", "Advance on residual value", "share"),
    ("ltv", "Greatest loan to value", "share"),
    ("rate", "Rate of the take-out loan", "rate"),
    ("months", "Annuity term", "months"),
    ("cap_rate", "Capitalisation rate", "rate"),
    ("constant", "Stressed constant", "rate"),
)
AS_SHARE = ("max_ltv", "max_ltc", "min_debt_yield")


def write_deal(inputs: Inputs, source: Source) -> None:
    """Write every input of a deal but those of its structure."""
    deal = source.deal
    inputs.heading("Deal and market")
    inputs.add("closing", "/closing", "Closing", "date", deal.closing, RERUN)
    for name, what, unit in (
        ("power_index", "Power index per MWh", "price"),
        ("cpi", "Inflation a year", "rate"),
        ("base_rate", "Index of floating rates", "rate"),
    ):
        inputs.curve(f"market_{name}", f"/market/{name}", what, unit, getattr(deal.market, name))
    for k, case in enumerate(source.priced.cases.values()):
        _case(inputs, k, case, case_pointer(source.deal, case.name))
    for f, facility in enumerate(deal.facilities):
        _facility(inputs, f, facility)
    _debt(inputs, source)
    inputs.heading("Value and tests")
    _value(inputs, source)
    for i, test in enumerate(source.sized.loan.tests):
        write_test(inputs, f"test{i + 1}", source.sized.loan.pointers[i], test)


def case_pointer(deal: Deal, name: str) -> str:
    """Where a case stands in the request; one of the ruleset, or the issuer's, stands nowhere in it."""
    names = [case.name for case in deal.cases]
    return f"/cases/{names.index(name)}" if name in names else f"not in the request: {name}"


def _case(inputs: Inputs, k: int, case: Case, at: str) -> None:
    inputs.heading(f"Case {case.name}")
    for name, what, unit, follows in CASE_TERMS:
        inputs.add(f"case{k}_{name}", f"{at}/{name}", what, unit, adjustment(case, name), follows)


def _facility(inputs: Inputs, f: int, facility: Facility) -> None:
    at, name = f"/facilities/{f}", f"f{f + 1}"
    inputs.heading(f"Facility {facility.id}")
    for term, what, unit in FACILITY_TERMS:
        inputs.add(f"{name}_{term}", f"{at}/{term}", what, unit, getattr(facility, term))
    inputs.curve(f"{name}_pue", f"{at}/pue", "PUE", "x", facility.pue, CONTRACT)
    if isinstance(facility.tenure, Leasehold):
        tenure = facility.tenure
        inputs.add(f"{name}_expiry", f"{at}/tenure/expiry", "Leasehold ends", "date", tenure.expiry)
        inputs.add(
            f"{name}_ground_rent",
            f"{at}/tenure/ground_rent",
            "Ground rent a year",
            "money",
            tenure.ground_rent,
        )
        inputs.add(
            f"{name}_ground_growth", f"{at}/tenure/growth", "Growth of ground rent", "rate", tenure.growth
        )
    for q, cost in enumerate(facility.operating_costs):
        here, called = f"{at}/operating_costs/{q}", f"{name}_cost{q + 1}"
        if cost.annual is None:
            inputs.add(
                called, f"{here}/per_kw_month", f"{cost.name} per kW-month", "price", cost.per_kw_month or 0.0
            )
        else:
            inputs.curve(called, f"{here}/annual", f"{cost.name} a year", "money", cost.annual)
        inputs.add(f"{called}_growth", f"{here}/growth", f"Growth of {cost.name}", "rate", cost.growth)
    for term, what, unit in MARKET_TERMS:
        inputs.add(
            f"{name}_market_{term}", f"{at}/market/{term}", what, unit, getattr(facility.market, term), RERUN
        )
    if facility.equipment is not None:
        gear, here = facility.equipment, f"{at}/equipment"
        inputs.add(f"{name}_gear_cost", f"{here}/cost", "Cost of equipment", "money", gear.cost)
        inputs.add(f"{name}_gear_life", f"{here}/life_months", "Useful life", "months", gear.life_months)
        inputs.curve(f"{name}_gear_residual", f"{here}/residual", "Resale value", "share", gear.residual)
    _leases(inputs, f, facility)
    for c, contract in enumerate(facility.power):
        here, called = f"{at}/power/{c}", f"{name}_power{c + 1}"
        for term, what, unit in POWER_TERMS:
            value = getattr(contract, term, None)
            if value is not None:
                inputs.add(f"{called}_{term}", f"{here}/{term}", f"{_kind(contract)}: {what}", unit, value)
        for term in ("start", "end"):
            day = getattr(contract, term)
            if day is not None:
                inputs.add(f"{called}_{term}", f"{here}/{term}", f"{_kind(contract)}: {term}", "date", day)


def _kind(part: Any) -> str:
    return str(part.__struct_config__.tag)


def _leases(inputs: Inputs, f: int, facility: Facility) -> None:
    """Lease terms field by field, so that those of one field stand below one another."""
    leases, at = facility.leases, f"/facilities/{f}/leases"

    def column(term: str, pointer: str, what: str, unit: str, value: Any, follows: str = CONTRACT) -> None:
        for n, lease in enumerate(leases):
            held: float | date = value(lease)
            inputs.add(
                f"f{f + 1}_l{n + 1}_{term}", f"{at}/{n}/{pointer}", f"{lease.id}: {what}", unit, held, follows
            )

    column("kw", "contracted_kw", "contracted kW", "kW", lambda lease: lease.contracted_kw)
    column("rent", "rent_per_kw_month", "rent per kW-month", "price", lambda lease: lease.rent_per_kw_month)
    column("start", "commencement", "commencement", "date", lambda lease: lease.commencement)
    column("term", "term_months", "term", "months", lambda lease: lease.term_months)
    column("free", "free_rent_months", "free rent", "months", lambda lease: lease.free_rent_months)
    column("use", "utilisation", "utilisation", "share", lambda lease: lease.utilisation or 0.0)
    column(
        "peak", "peak_utilisation", "peak utilisation", "share", lambda lease: lease.peak_utilisation or 0.0
    )
    column(
        "metered", "power/kind", "metered power", "flag", lambda lease: isinstance(lease.power, terms.Metered)
    )
    column("pue_cap", "power/pue_cap", "PUE cap", "x", _pue_cap)
    column("markup", "power/markup", "markup", "share", lambda lease: getattr(lease.power, "markup", 0.0))
    for n, lease in enumerate(leases):
        _lease(inputs, f"f{f + 1}_l{n + 1}", f"{at}/{n}", lease)


def _pue_cap(lease: terms.Lease) -> float:
    cap = getattr(lease.power, "pue_cap", None)
    return NO_CAP if cap is None else float(cap)


def _lease(inputs: Inputs, name: str, at: str, lease: terms.Lease) -> None:
    """Terms that only some leases have: escalation, ramp, a fixed price of power."""
    rises, power = lease.escalation, lease.power
    for term in ("rate", "floor", "cap"):
        value = getattr(rises, term, None)
        if value is not None:
            what = f"{lease.id}: escalation {term}"
            inputs.add(f"{name}_{term}", f"{at}/escalation/{term}", what, "rate", value, CONTRACT)
    steps = [(s.from_month, s.rent_per_kw_month) for s in getattr(rises, "steps", ())]
    _steps(inputs, f"{name}_step", f"{at}/escalation/steps", f"{lease.id}: rent", "price", steps)
    ramp = [(s.from_month, s.kw) for s in lease.ramp or ()]
    _steps(inputs, f"{name}_ramp", f"{at}/ramp", f"{lease.id}: billed kW", "kW", ramp)
    if isinstance(power, terms.FixedPrice):
        what = f"{lease.id}: power per MWh"
        inputs.add(f"{name}_price", f"{at}/power/price_per_mwh", what, "price", power.price_per_mwh, CONTRACT)
        what = f"{lease.id}: escalation of its price"
        inputs.add(f"{name}_price_rate", f"{at}/power/escalation", what, "rate", power.escalation, CONTRACT)


def _steps(inputs: Inputs, name: str, at: str, what: str, unit: str, steps: list[tuple[int, float]]) -> None:
    for k, (month, _) in enumerate(steps):
        inputs.add(
            f"{name}_from{k + 1}", f"{at}/{k}/from_month", f"{what}, from month", "months", month, CONTRACT
        )
    for k, (_, value) in enumerate(steps):
        inputs.add(f"{name}_{k + 1}", f"{at}/{k}", what, unit, value, CONTRACT)


def write_rate(inputs: Inputs, name: str, at: str, what: str, rate: Any) -> None:
    """Write a fixed rate, or the margin, floor and cap of a floating one."""
    if isinstance(rate, int | float):
        inputs.add(name, at, what, "rate", rate)
        return
    for term in ("margin", "floor", "cap"):
        value = getattr(rate, term)
        if value is not None:
            inputs.add(f"{name}_{term}", f"{at}/{term}", f"{what}: {term}", "rate", value)


def _debt(inputs: Inputs, source: Source) -> None:
    debt = source.deal.debt
    inputs.heading("Debt")
    write_rate(inputs, "debt_rate", "/debt/rate", "Rate", debt.rate)
    inputs.add("debt_term", "/debt/term_months", "Term", "months", debt.term_months, RERUN)
    inputs.add("debt_io", "/debt/interest_only_months", "Interest only", "months", debt.interest_only_months)
    match debt.amortisation:
        case Level(months=months):
            inputs.add("debt_level", "/debt/amortisation/months", "Annuity term", "months", months)
        case Sculpted(dscr=dscr):
            inputs.add("debt_cover", "/debt/amortisation/dscr", "Cover sculpted to", "x", dscr)
            inputs.add("debt_balloon", "/debt/balloon", "Balloon", "share", debt.balloon)
        case TargetBalance(curve=curve):
            inputs.curve(
                "debt_target", "/debt/amortisation/curve", "Balance, share of principal", "share", curve
            )


def _value(inputs: Inputs, source: Source) -> None:
    match source.deal.sizing.value:
        case CapRate(cap_rate=cap):
            inputs.add("value_cap", "/sizing/value/cap_rate", "Capitalisation rate", "rate", cap)
        case Npv() as npv:
            at = "/sizing/value"
            inputs.add("value_rate", f"{at}/discount_rate", "Discount rate", "rate", npv.discount_rate)
            inputs.add(
                "value_cap", f"{at}/terminal_cap_rate", "Terminal cap rate", "rate", npv.terminal_cap_rate
            )
        case _ if any(basis.kind == "npv" for basis in source.priced.bases.values()):
            house = source.ruleset.refinance.cap_rate
            inputs.add(
                "house_cap", "ruleset/refinance/cap_rate", "Terminal cap rate of the ruleset", "rate", house
            )
    for k, case in enumerate(source.priced.cases.values()):
        for term in ("cap_rate", "discount_rate"):
            own = getattr(case, term)
            if own is not None:
                what = f"{case.name}: {term.replace('_', ' ')}"
                inputs.add(
                    f"case{k}_{term}", f"{case_pointer(source.deal, case.name)}/{term}", what, "rate", own
                )


def write_test(inputs: Inputs, name: str, at: str, test: SizingTest) -> None:
    """Write the terms of a test or of a class's limit."""
    kind = _kind(test)
    label = f"{kind} ({test.case})" if test.case else kind
    if at == "/debt/amortisation/dscr":  # the sculpt's own cover stands among the debt's terms
        return
    for term, what, unit in TEST_TERMS:
        value = getattr(test, term, None)
        if value is None:
            continue
        shown = unit or ("share" if kind in AS_SHARE else "x")
        inputs.add(f"{name}_{term}", f"{at}/{term}", f"{label}: {what}", shown, value)
