"""Power of a facility in a case, contract by contract over what is still unserved."""

from rackrate.deal.facility import power as terms
from rackrate.deal.facility.facilities import Facility
from rackrate.deal.facility.leases import Direct
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import index, joined

NO_LOAD = "1E-9"


def draws_power(facility: Facility) -> bool:
    """Whether there is power to count: a load, or a contract that costs without one."""
    return bool(facility.power) or any(not isinstance(lease.power, Direct) for lease in facility.leases)


def write_power(sheet: Sheet, case: str, key: str, f: int, facility: Facility) -> None:
    """Write load, every contract, cost and recovery; the facility's lettings stand above.

    ``case`` is the prefix of the case's inputs, ``key`` that of the facility's rows.
    """
    name = f"in_f{f + 1}"
    hours = f"{{t.hours}}*(1-{{{name}_curtailment_hours_per_year}}/8760)"
    sheet.row(f"{key}.pue", "PUE", f"{{t.pue{f + 1}}}+{{in_{case}_pue_add}}", style="factor")
    sheet.row(f"{key}.kwh", "hours uncurtailed, thousands", f"{hours}/1000", style="factor")
    sheet.row(
        f"{key}.load", "load", f"{{{key}.pue}}*{{{key}.load_kw}}*{{{key}.kwh}}", unit="MWh", style="count"
    )
    sheet.row(f"{key}.peak", "peak", f"{{{key}.pue}}*{{{key}.peak_kw}}", unit="kW", style="count")
    left, costs = f"{{{key}.load}}", _Costs()
    for c, contract in enumerate(facility.power):
        left = _contract(sheet, f"{key}.p{c + 1}", f"in_f{f + 1}_power{c + 1}", contract, left, key, costs)
    costs.recoverable.append(f"{left}*{{{key[: key.index('.')]}.px}}")
    sheet.row(f"{key}.recoverable", "recoverable cost", joined(costs.recoverable))
    sheet.row(f"{key}.shortfall", "shortfall: paid for, not used", joined(costs.shortfall))
    sheet.row(f"{key}.settled", "settlements received", joined(costs.settled))
    unit = f"IF({{{key}.load}}>{NO_LOAD},{{{key}.recoverable}}/{{{key}.load}},0)"
    sheet.row(f"{key}.unit", "unit cost per MWh", unit, style="price")


class _Costs:
    """Terms of the facility's cost: what tenants pay back, what they do not, what settlements bring."""

    def __init__(self) -> None:
        self.recoverable: list[str] = []
        self.shortfall: list[str] = []
        self.settled: list[str] = []


def _active(name: str, contract: terms.PowerContract) -> str:
    tests = []
    if contract.start is not None:
        tests.append(f"{{m}}>={_index(name, 'start')}")
    if contract.end is not None:
        tests.append(f"{{m}}<{_index(name, 'end')}")
    return f"AND({','.join(tests)})" if tests else "1=1"


def _index(name: str, term: str) -> str:
    return f"({index(f'{{{name}_{term}}}')})"


def _contract(
    sheet: Sheet, row: str, name: str, contract: terms.PowerContract, left: str, key: str, costs: _Costs
) -> str:
    """Rows of one contract; what it leaves unserved, as a formula."""
    start = "0" if contract.start is None else _index(name, "start")
    growth = f"(1+{{{name}_escalation}})^INT(({{m}}-{start})/12)"
    kind = str(contract.__struct_config__.tag).replace("_", " ")
    px, on = f"{{{key[: key.index('.')]}.px}}", f"{{{row}.on}}"
    sheet.row(f"{row}.on", f"{kind}: runs", f"IF({_active(name, contract)},1,0)", style="flag")
    volume = f"{{{name}_mw}}*{{t.hours}}"
    used, grown = f"{{{row}.used}}", f"{{{row}.growth}}"
    sheet.row(f"{row}.growth", f"{kind}: escalation", growth, style="factor")
    match contract:
        case terms.FixedBlock():
            sheet.row(f"{row}.used", f"{kind}: used", f"{on}*MIN({left},{volume})", unit="MWh", style="count")
            price = f"{{{name}_price_per_mwh}}*{grown}"
            net = f"({volume}-{used})*({price}-{{{name}_resale_share}}*{px})*{on}"
            sheet.row(f"{row}.net", f"{kind}: unused, net of resale", net)
            costs.recoverable.append(f"{used}*{price}")
            costs.shortfall.append(f"MAX({{{row}.net}},0)")
            costs.settled.append(f"MAX(0,-{{{row}.net}})")
        case terms.FullRequirements():
            sheet.row(f"{row}.used", f"{kind}: used", f"{on}*{left}", unit="MWh", style="count")
            costs.recoverable.append(f"{used}*{{{name}_price_per_mwh}}*{grown}")
        case terms.Indexed():
            taken = left if contract.mw is None else f"MIN({left},{volume})"
            sheet.row(f"{row}.used", f"{kind}: used", f"{on}*{taken}", unit="MWh", style="count")
            costs.recoverable.append(f"{used}*({px}+{{{name}_adder}}*{grown})")
        case terms.Tariff():
            _tariff(sheet, row, name, left, key, costs)
        case terms.Cfd():
            costs.settled.append(f"{on}*{volume}*({px}-{{{name}_strike}}*{grown})")
            return left
    return f"({left}-{used})"


def _tariff(sheet: Sheet, row: str, name: str, left: str, key: str, costs: _Costs) -> None:
    on, used, grown, peak = f"{{{row}.on}}", f"{{{row}.used}}", f"{{{row}.growth}}", f"{{{key}.peak}}"
    sheet.row(f"{row}.used", "tariff: used", f"{on}*{left}", unit="MWh", style="count")
    least = f"{{{name}_minimum_demand_share}}*{{{name}_contracted_demand_kw}}"
    before = f"{{{name}_ratchet_share}}*MAX({{{key}.peak@-11:-1}})"
    sheet.row(
        f"{row}.demand", "tariff: demand billed", f"MAX({peak},{before},{least})", unit="kW", style="count"
    )
    charge = f"{{{name}_demand_rate}}*{grown}*{on}"
    costs.recoverable.append(
        f"{used}*{{{name}_price_per_mwh}}*{grown}+{charge}*{peak}+{{{name}_fixed_monthly}}*{grown}*{on}"
    )
    costs.shortfall.append(f"{charge}*({{{row}.demand}}-{peak})")
