"""Inputs of a structure: classes with their limits, fees, reserve, triggers, take-out and sale."""

from rackrate.deal.structure import NoteClass, Structure
from rackrate.documents.workbook.inputs.deal_inputs import write_rate, write_test
from rackrate.documents.workbook.inputs.inputs_sheet import RERUN, Inputs
from rackrate.documents.workbook.source import Source


def write_structure(inputs: Inputs, source: Source, structure: Structure) -> None:
    """Write every input of a structure."""
    paid = source.paid
    inputs.heading("Structure")
    resolved = paid.resolved if paid else None
    if resolved is None:
        raise ValueError("structure: inputs of one that is not paid")
    at = "/structure"
    inputs.add("denomination", f"{at}/denomination", "Denomination", "price", structure.denomination)
    inputs.add("ard", f"{at}/ard_months", "Anticipated repayment", "months", resolved.ard, RERUN)
    inputs.add(
        "final", f"{at}/legal_final_months", "Legal final", "months", structure.legal_final_months, RERUN
    )
    inputs.add(
        "additional",
        f"{at}/additional_rate",
        "Additional interest after the ARD",
        "rate",
        structure.additional_rate,
    )
    inputs.add("exit_cap", f"{at}/exit_cap_rate", "Cap rate of the sale", "rate", resolved.exit_cap_rate)
    inputs.add("sale_costs", f"{at}/sale_costs", "Costs of the sale", "share", resolved.sale_costs)
    inputs.add(
        "liquidity",
        f"{at}/reserves/liquidity_months",
        "Liquidity reserve, months of coupon",
        "months",
        structure.reserves.liquidity_months,
        style="number",
    )
    if structure.reserves.initial is not None:
        inputs.add(
            "reserve", f"{at}/reserves/initial", "Reserve at closing", "money", structure.reserves.initial
        )
    _triggers(inputs, structure)
    _house_refinance(inputs, source)
    for n, fee in enumerate(structure.fees):
        here, name = f"{at}/fees/{n}", f"fee{n + 1}"
        inputs.add(f"{name}_annual", f"{here}/annual", f"{fee.name}: a year", "money", fee.annual)
        inputs.add(f"{name}_rate", f"{here}/rate", f"{fee.name}: share of balance a year", "rate", fee.rate)
        if fee.cap_annual is not None:
            inputs.add(
                f"{name}_cap", f"{here}/cap_annual", f"{fee.name}: cap a year", "money", fee.cap_annual
            )
    for k, note in enumerate(structure.classes):
        _note(inputs, k, note)


def _triggers(inputs: Inputs, structure: Structure) -> None:
    triggers, at = structure.triggers, "/structure/triggers"
    for name in ("trap_below", "amortise_below", "pik_below", "constant"):
        level = getattr(triggers, name)
        if level is not None:
            unit = "rate" if name == "constant" else "x"
            inputs.add(name, f"{at}/{name}", name.replace("_", " ").capitalize(), unit, level)
    inputs.add("cure", f"{at}/cure_periods", "Tests that cure a trigger", "months", triggers.cure_periods)


def _house_refinance(inputs: Inputs, source: Source) -> None:
    """The ruleset's take-out test, where the deal has none of its own."""
    paid = source.paid
    if paid is None or any(test in source.sized.loan.tests for test in paid.resolved.refinance):
        return
    for i, test in enumerate(paid.resolved.refinance):
        write_test(inputs, f"house{i + 1}", "ruleset/refinance", test)


def _note(inputs: Inputs, k: int, note: NoteClass) -> None:
    at, name = f"/structure/classes/{k}", f"class{k + 1}"
    inputs.heading(f"Class {note.name}")
    write_rate(inputs, f"{name}_coupon", f"{at}/coupon", "Coupon", note.coupon)
    inputs.add(f"{name}_price", f"{at}/price", "Price", "share", note.price, style="number")
    if note.principal is not None:
        inputs.add(f"{name}_principal", f"{at}/principal", "Principal", "money", note.principal)
    if note.vfn is not None:
        inputs.add(f"{name}_commitment", f"{at}/vfn/commitment", "Commitment", "money", note.vfn.commitment)
        inputs.add(f"{name}_drawn", f"{at}/vfn/drawn", "Drawn in case issuer", "money", note.vfn.drawn)
        inputs.add(
            f"{name}_commitment_fee",
            f"{at}/vfn/commitment_fee",
            "Commitment fee",
            "rate",
            note.vfn.commitment_fee,
        )
    if note.ltv_trigger is not None:
        inputs.add(f"{name}_ltv_trigger", f"{at}/ltv_trigger", "LTV trigger", "share", note.ltv_trigger)
    for i, limit in enumerate(note.limits):
        write_test(inputs, f"{name}_limit{i + 1}", f"{at}/limits/{i}", limit)
