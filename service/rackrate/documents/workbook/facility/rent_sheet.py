"""Sheets of the rent roll: lease terms as months, and the contract rent and billed kW of each lease."""

from rackrate.deal.facility import leases as terms
from rackrate.deal.facility.facilities import Facility
from rackrate.deal.facility.leases import Lease
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import index
from rackrate.documents.workbook.source import Source
from rackrate.engine.facility.leases import leases_of

HEAD = (
    "facility",
    "lease",
    "tenant",
    "begins, month",
    "ends, month",
    "in force from",
    "kW at closing",
    "rent a year",
    "settled, month",
)
WIDTHS: dict[int, float] = {0: 20, 1: 20, 2: 20, **dict.fromkeys(range(3, 9), 16)}


def write_rent(book: Book, source: Source, months: int) -> None:
    """Write the rent roll, and rent and kW of every contract by month."""
    roll = book.sheet("RentRoll", "Rent roll", "Every lease, its months counted from closing.")
    roll.widths = WIDTHS
    for column, text in enumerate(HEAD):
        roll.put(5, column, text, "head")
    sheet = book.sheet(
        "Rent", "Contract rent", "What the leases themselves say; free rent still in the rent per kW.", months
    )
    at = 6
    for f, facility in enumerate(source.deal.facilities):
        for n, lease in enumerate(facility.leases):
            _terms(roll, at + n, facility, lease, f"f{f + 1}_l{n + 1}")
        _facility(sheet, f, facility)
        for n in range(len(facility.leases)):
            name = f"f{f + 1}_l{n + 1}"
            begins = f"MAX({{{name}.from}},0)"
            roll.put(at + n, 6, f"=INDEX({{{name}.bills@[:]}},{begins}+1)", "count")
            both = f"INDEX({{{name}.bills@[:]}},{begins}+1)*INDEX({{{name}.rent@[:]}},{begins}+1)"
            roll.put(at + n, 7, f"=12*{both}", "money", key=f"{name}.annual")
        at += len(facility.leases)
    _together(roll, [f"f{f + 1}_l{n + 1}" for f, n, _ in leases_of(source.deal)])


def _together(roll: Sheet, names: list[str]) -> None:
    """The months in which the last contract ends, and from which every lease is settled."""
    roll.say(3, 0, "Last contract ends, month")
    roll.put(3, 3, f"=MAX({{{names[0]}.to..{names[-1]}.to}})", "index", key="contracts_end")
    roll.say(3, 6, "All leases settled, month")
    roll.put(3, 8, f"=MAX(0,{{{names[0]}.settled..{names[-1]}.settled}})", "index", key="stabilised")


def _terms(roll: Sheet, at: int, facility: Facility, lease: Lease, name: str) -> None:
    for column, text in enumerate((facility.id, lease.id, lease.tenant)):
        roll.say(at, column, text)
    roll.put(at, 3, f"={index(f'{{in_{name}_start}}')}", "index", key=f"{name}.from")
    roll.put(at, 4, f"={{{name}.from}}+{{in_{name}_term}}", "index", key=f"{name}.to")
    roll.put(at, 5, f"=MAX({{{name}.from}},0)", "index", key=f"{name}.first")
    steps = (
        f"MAX({{in_{name}_free}},{{in_{name}_ramp_from{len(lease.ramp)}}})"
        if lease.ramp
        else f"{{in_{name}_free}}"
    )
    roll.put(at, 8, f"={{{name}.from}}+{steps}", "index", key=f"{name}.settled")


def _facility(sheet: Sheet, f: int, facility: Facility) -> None:
    """Rows of a facility, field by field: billed kW, paying kW, rent per kW, own price of power."""
    sheet.heading(facility.id)
    names = [f"f{f + 1}_l{n + 1}" for n in range(len(facility.leases))]
    rows = list(zip(names, facility.leases, strict=True))
    for name, lease in rows:
        sheet.row(f"{name}.bills", f"{lease.id}: billed", _billed(name, lease), unit="kW", style="count")
    for name, lease in rows:
        paying = f"IF({{m}}-{{{name}.from}}>={{in_{name}_free}},{{{name}.bills}},0)"
        sheet.row(f"{name}.pays", f"{lease.id}: paying", paying, unit="kW", style="count")
    for name, lease in rows:
        sheet.row(f"{name}.rent", f"{lease.id}: rent", _rent(name, lease), unit="per kW-month", style="price")
    if any(isinstance(lease.power, terms.FixedPrice) for lease in facility.leases):
        for name, lease in rows:
            sheet.row(f"{name}.mwh", f"{lease.id}: power", _price(name, lease), unit="per MWh", style="price")
    sheet.run()


def _stepped(name: str, count: int, base: str) -> str:
    """The last of some steps that has begun, else the base."""
    since = f"{{m}}-{{{name.rpartition('_')[0]}.from}}"
    if count == 0:
        return base
    first = f"{since}<{{in_{name}_from1}}"
    if count == 1:
        return f"IF({first},{base},{{in_{name}_1}})"
    months, values = f"{{in_{name}_from1..in_{name}_from{count}}}", f"{{in_{name}_1..in_{name}_{count}}}"
    return f"IF({first},{base},LOOKUP({since},{months},{values}))"


def _standing(name: str, value: str) -> str:
    return f"IF(AND({{m}}>={{{name}.from}},{{m}}<{{{name}.to}}),{value},0)"


def _billed(name: str, lease: Lease) -> str:
    return _standing(name, _stepped(f"{name}_ramp", len(lease.ramp or ()), f"{{in_{name}_kw}}"))


def _years(name: str) -> str:
    return f"(INT(({{m}}-{{{name}.from}})/12)-INT(({{{name}.first}}-{{{name}.from}})/12))"


def _rent(name: str, lease: Lease) -> str:
    rent, rises = f"{{in_{name}_rent}}", lease.escalation
    match rises:
        case terms.FixedEscalation():
            return _standing(name, f"{rent}*(1+{{in_{name}_rate}})^{_years(name)}")
        case terms.StepsEscalation(steps=steps):
            return _standing(name, _stepped(f"{name}_step", len(steps), rent))
    clipped = "{t.cpi}"
    if rises.floor is not None:
        clipped = f"MAX({clipped},{{in_{name}_floor}})"
    if rises.cap is not None:
        clipped = f"MIN({clipped},{{in_{name}_cap}})"
    due = f"MOD({{m}}-{{{name}.from}},12)=0"
    grown = f"IF({due},{{{name}.rent@-1}}*(1+{clipped}),{{{name}.rent@-1}})"
    return _standing(name, f"IF({{m}}={{{name}.first}},{rent},{grown})")


def _price(name: str, lease: Lease) -> str:
    if not isinstance(lease.power, terms.FixedPrice):
        return "0"
    years = f"MAX(0,{_years(name)})"
    return f"{{in_{name}_price}}*(1+{{in_{name}_price_rate}})^{years}"
