"""Sheet of the debt's schedule: rates, balance per 1 of principal, service and rolling cover in each case."""

from rackrate.deal.debt import FloatingRate, InterestOnly, Level, Sculpted, TargetBalance
from rackrate.documents.workbook.debt.sculpt_rows import write_ceilings, write_sculpt
from rackrate.documents.workbook.debt.service import Service
from rackrate.documents.workbook.facility.time_sheet import OF_COUNT
from rackrate.documents.workbook.formulas.book import SAME, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import curve_at
from rackrate.documents.workbook.model import Model, level

DUST = "1E-9"
YEAR = 12


def rate_of(name: str, rate: object, add: str) -> str:
    """Formula of an annual rate: fixed, or a margin over the index within floor and cap; never below zero."""
    if not isinstance(rate, FloatingRate):
        return f"MAX(0,{{in_{name}}}{add})"
    base = f"{{t.base_rate}}{add}"
    if rate.floor is not None:
        base = f"MAX({base},{{in_{name}_floor}})"
    if rate.cap is not None:
        base = f"MIN({base},{{in_{name}_cap}})"
    return f"MAX(0,{base}+{{in_{name}_margin}})"


def write_schedule(model: Model) -> Sheet:
    """Write the debt's rates and schedule per 1 of principal in every case, the sizing's first."""
    months = max(model.term, model.source.priced.resolved.last_contract_end, YEAR)
    purpose = "The loan per 1 of principal in every case, then in money; cover of every twelve months."
    sheet = model.book.sheet("Schedule", "Schedule", purpose, months)
    debt, sizing = model.source.deal.debt, model.number(None)
    order = [sizing, *(k for k in range(len(model.cases)) if k != sizing)]
    sheet.heading("Time")
    sheet.row("s.in", "within the term", "IF({m}<{in_debt_term},1,0)", style="flag")
    sheet.row("s.date", "end of month", "EDATE({in_closing},{m}+1)", style="date", opening=SAME)
    sheet.heading("Rates by case")
    for k in order:
        name, add = model.cases[k], f"+{{in_case{k}_rate_add}}"
        sheet.row(f"s{k}.rate", f"rate, {name}", rate_of("debt_rate", debt.rate, add), style="rate")
        due = f"{{s{k}.rate}}*{{{OF_COUNT[debt.day_count]}}}"
        sheet.row(f"s{k}.r", f"interest per 1, {name}", due, style="factor")
        factor = f"{{s{k}.df@-1}}/(1+{{s{k}.r}})"
        sheet.row(f"s{k}.df", f"discount factor, {name}", factor, style="factor", opening=1.0)
    sheet.run()
    ceiling = write_ceilings(model, sheet)
    if isinstance(debt.amortisation, Sculpted):
        sheet.heading("Sculpted debt")
        write_sculpt(model, sheet, "u", sizing, "{in_debt_cover}", ceiling)
    for k in order:
        sheet.heading(f"Per 1 of principal, {model.cases[k]}")
        _unit(model, sheet, k, sizing)
    return sheet


def _unit(model: Model, sheet: Sheet, k: int, sizing: int) -> None:
    """Balance, interest, principal and service per 1 of principal."""
    _balance(model, sheet, k, sizing)
    before = f"{{s{k}.b@-1}}"
    sheet.row(f"s{k}.interest", "interest", f"{{s.in}}*{before}*{{s{k}.r}}", style="factor")
    sheet.row(f"s{k}.principal", "principal", f"{{s.in}}*({before}-{{s{k}.b}})", style="factor")
    sheet.row(f"s{k}.service", "service", f"{{s{k}.interest}}+{{s{k}.principal}}", style="factor")
    sheet.run()


def _balance(model: Model, sheet: Sheet, k: int, sizing: int) -> None:
    before = f"{{s{k}.b@-1}}"
    balance = before
    match model.source.deal.debt.amortisation:
        case InterestOnly():
            pass
        case Level():
            paid, rate = "({m}-{in_debt_io})", f"{{s{k}.rate}}"
            within = f"AND({paid}>=0,{paid}<{{in_debt_level}})"
            moved = f"OR({paid}=0,{rate}<>{{s{k}.rate@-1}})"
            anew = f"{before}*{level(f'({rate}/12)', f'{{in_debt_level}}-{paid}')}"
            pay = f"IF({within},IF({moved},{anew},{{s{k}.pay@-1}}),0)"
            sheet.row(f"s{k}.pay", "level payment", pay, style="factor")
            balance = f"{before}-MIN({before},MAX(0,{{s{k}.pay}}-{before}*{{s{k}.r}}))"
        case TargetBalance():
            target = curve_at(model.book, "in_debt_target", "{s.date}")
            balance = f"IF({{m}}<{{in_debt_io}},{before},MIN({before},{target}))"
        case Sculpted():
            balance = f"MIN({before},{{u.u}}/{{u.u@[-1]}})" if k == sizing else f"{{s{sizing}.b}}"
    held = f"IF({{s.in}}=1,{balance},{before})" if balance != before else before
    sheet.row(f"s{k}.b", "balance", held, style="factor", opening=1.0)


def ratio_row(model: Model, sheet: Sheet, k: int, numerator: str, by: Service) -> str:
    """Cover per 1 of principal of every twelve months that count: the key of its row, written once."""
    key = f"s{k}.{numerator}.{by.key}"
    if key in model.book.rows:
        return key
    windows = {"actual": f"SUM({{s{k}.service@-11:0}})", "interest_only": f"SUM({{s{k}.r@-11:0}})"}
    due = windows.get(by.kind) or yearly(k, by)
    inside = "AND({m}>=11,{m}<{in_debt_term})"
    counts = f"AND({{s{k}.b@-1}}>{DUST},{due}>{DUST})"
    ratio = f"SUM({{cf{k}.{numerator}@-11:0}})/{due}"
    label = f"{numerator} over {by.kind.replace('_', ' ')}, twelve months, {model.cases[k]}"
    sheet.row(key, label, f'IF({inside},IF({counts},{ratio},""),"")', style="money")
    sheet.run()
    return key


def yearly(k: int, by: Service) -> str:
    """Formula of a year's service per 1 of principal from closing."""
    match by.kind:
        case "actual":
            return f"SUM({{s{k}.service@[0:11]}})"
        case "interest_only":
            return f"SUM({{s{k}.r@[0:11]}})"
        case "amortising":
            return f"(12*{level(f'({{s{k}.rate@[0]}}/12)', by.months)})"
        case _:
            return by.constant


def write_money(model: Model, sheet: Sheet) -> None:
    """Write the sized loan's schedule in money, and its cover month by month."""
    k = model.number(None)
    sheet.heading("The sized loan")
    for name in ("interest", "principal"):
        sheet.row(f"d.{name}", name, f"{{out_principal}}*{{s{k}.{name}}}")
    sheet.row("d.balance", "balance", f"{{out_principal}}*{{s{k}.b}}", opening="{out_principal}")
    due = f"{{s{k}.service}}"
    cover = f'IF(AND({{s.in}}=1,{due}>{DUST}),{{cf{k}.ncf}}/({{out_principal}}*{due}),"")'
    sheet.row("d.dscr", "dscr", cover, style="cover")
    sheet.run()
    sheet.heading("Cover of twelve months, of 1 of principal")
