"""Sheet of the cash flow in one case: letting, power, every line, facility by facility, then the deal."""

from collections.abc import Sequence

from rackrate.deal.facility.facilities import Facility, Leasehold
from rackrate.documents.workbook.facility.letting_rows import CashFlowRun, LettingRows
from rackrate.documents.workbook.facility.power_rows import draws_power
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import curve_at, index, joined
from rackrate.kernel.records import LINES

WHY_COSTS = (
    "Value of the service: leasing costs fall where cohorts of renewals and new lettings begin"
    " (docs/methodology.md, leases). They move with lease terms and the letting market: a new run."
)
PURPOSE = "From rent to net cash flow, by facility and then for the deal; costs are positive and subtracted."


def write_cash_flow(
    book: Book, name: str, title: str, run: CashFlowRun, facilities: Sequence[Facility], months: int
) -> Sheet:
    """Write every line of the cash flow of one run."""
    sheet = book.sheet(name, title, PURPOSE, months)
    sheet.heading("Power index in the case")
    factor, add = f"{{in_{run.case}_power_price_factor}}", f"{{in_{run.case}_power_price_add}}"
    sheet.row(f"{run.key}.px", "power index per MWh", f"{{t.power_index}}*{factor}+{add}", style="price")
    for f, facility in enumerate(facilities):
        sheet.heading(facility.id)
        rows = LettingRows(sheet, run, f, facility)
        rows.write()
        _facility(rows)
    sheet.run()
    _deal(sheet, run.key, facilities)
    sheet.run()
    return sheet


def _facility(rows: LettingRows) -> None:
    """Lines of one facility; after its leasehold has ended nothing."""
    sheet, key, name, case = rows.sheet, rows.key, f"in_f{rows.f + 1}", f"in_{rows.run.case}"
    stands = ""
    if isinstance(rows.facility.tenure, Leasehold):
        expiry = index(f"{{{name}_expiry}}")
        sheet.row(f"{key}.stands", "leasehold runs", f"IF({{m}}<{expiry},1,0)", style="flag")
        stands = f"*{{{key}.stands}}"
    powered = draws_power(rows.facility)

    def line(line: str, formula: str, label: str = "") -> None:
        sheet.row(
            f"{key}.{line}", label or line.replace("_", " "), f"({formula}){stands}" if stands else formula
        )

    rent = f"{{{key}.base_rent}}"
    line("rent", rent, "base rent")
    line("power_recovery", f"{{{key}.recovered}}" if powered else "0")
    line("other_income", f"{{{name}_other_income}}/12")
    floor = f"MAX({{{name}_vacancy_floor}},{{{case}_vacancy_floor}})"
    credits = f"{{{name}_sla_credit_share}}*{{{name}_curtailment_hours_per_year}}/8760"
    empty = f"MAX(0,{floor}-(1-{{{key}.paying_kw}}/{{{name}_capacity_kw}}))"
    line("vacancy", f"({empty}+{credits})*{rent}", "vacancy and credit loss")
    income = ("rent", "power_recovery", "other_income")
    sheet.row(f"{key}.egi", "egi", f"{'+'.join(f'{{{key}.{part}}}' for part in income)}-{{{key}.vacancy}}")
    bought = f"{{{key}.recoverable}}+{{{key}.shortfall}}-{{{key}.settled}}"
    line("power_cost", bought if powered else "0")
    for q, cost in enumerate(rows.facility.operating_costs):
        line(f"opex{q + 1}", _cost(rows, q), f"opex: {cost.name}")
    ground = f"{{{name}_ground_rent}}*(1+{{{name}_ground_growth}})^INT({{m}}/12)/12" if stands else "0"
    line("ground_rent", ground)
    fee = f"MAX({{{name}_management_fee}},{{{case}_management_fee_floor}})"
    sheet.row(f"{key}.management_fee", "management fee", f"{fee}*({{{key}.egi}}-{{{key}.power_recovery}})")
    costs = [f"{{{key}.opex{q + 1}}}" for q in range(len(rows.facility.operating_costs))]
    spent = "-".join([f"{{{key}.power_cost}}", *costs, f"{{{key}.ground_rent}}", f"{{{key}.management_fee}}"])
    sheet.row(f"{key}.noi", "noi", f"{{{key}.egi}}-{spent}")
    reserve = f"MAX({{{name}_capex_reserve_per_kw_year}},{{{case}_capex_reserve_floor}})"
    line("capital_reserve", f"{{{name}_capacity_kw}}*{reserve}/12")
    _values(rows, line)
    before = f"{{{key}.noi}}-{{{key}.capital_reserve}}-{{{key}.leasing_costs}}"
    sheet.row(f"{key}.ncf_haircut", "ncf haircut", f"{{{case}_ncf_haircut}}*MAX(0,{before})")
    sheet.row(f"{key}.ncf", "ncf", f"{before}-{{{key}.ncf_haircut}}")


def _values(rows: LettingRows, line) -> None:  # type: ignore[no-untyped-def]
    letting, f, key = rows.run.letting, rows.f, rows.key
    rows.sheet.known(
        f"{key}.costs_due", "leasing costs of lettings", letting.costs[f].tolist(), note=WHY_COSTS
    )
    line("leasing_costs", f"{{{key}.costs_due}}")
    line("termination_receipts", rows.receipts())


def _cost(rows: LettingRows, q: int) -> str:
    """A month of an operating cost: of the facility, or per occupied kW."""
    name = f"in_f{rows.f + 1}_cost{q + 1}"
    amount = curve_at(rows.sheet.book, name, "{t.open}")
    each = (
        f"{amount}/12"
        if rows.facility.operating_costs[q].annual is not None
        else f"{amount}*{{{rows.key}.occupied_kw}}"
    )
    return f"{each}*(1+{{{name}_growth}})^INT({{m}}/12)*{{in_{rows.run.case}_opex_factor}}"


def cost_lines(facilities: Sequence[Facility]) -> dict[str, list[tuple[int, int]]]:
    """Names of the operating costs of a deal, and the facility and place of each cost of that name."""
    found: dict[str, list[tuple[int, int]]] = {}
    for f, facility in enumerate(facilities):
        for q, cost in enumerate(facility.operating_costs):
            found.setdefault(cost.name, []).append((f, q))
    return found


ROWS = {"base_rent": "rent", "vacancy_and_credit_loss": "vacancy"}


def _deal(sheet: Sheet, key: str, facilities: Sequence[Facility]) -> None:
    """Every line of the deal, facility by facility; keys are the answer's names."""
    sheet.heading("The deal")
    count = range(1, len(facilities) + 1)
    for line in LINES:
        if line == "available":
            sheet.row(f"{key}.available", line, f"{{{key}.ncf}}+{{{key}.termination_receipts}}")
            continue
        parts = [f"{{{key}.f{f}.{ROWS.get(line, line)}}}" for f in count]
        sheet.row(f"{key}.{line}", line.replace("_", " "), joined(parts))
        if line == "power_cost":
            for n, (name, held) in enumerate(cost_lines(facilities).items()):
                parts = [f"{{{key}.f{f + 1}.opex{q + 1}}}" for f, q in held]
                sheet.row(f"{key}.cost{n + 1}", f"opex: {name}", joined(parts))
    positive = joined([f"MAX(0,{{{key}.f{f}.ncf}})" for f in count])
    sheet.row(f"{key}.positive", "positive ncf of the facilities", positive)
