"""Sheet of the classes: what their limits allow, what is issued, where each stands and how it is covered."""

from rackrate.documents.workbook.debt.service import Service
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import ENDLESS, Model
from rackrate.documents.workbook.structure.class_limits import LimitRow, limit_row, write_cover
from rackrate.documents.workbook.structure.coupon_rows import Coupons

LIMITS = ("class", "limit", "case", "limit at", "room for the class", "figure as issued", "met")
SIZES = ("class", "own limits allow", "kept within the loan", "issued", "drawn", "debt down to it")
PLACES = (
    ("attachment.value", "begins, of value", "rate"),
    ("attachment.debt", "begins, of debt", "rate"),
    ("ltv", "ends, of value (LTV)", "rate"),
    ("detachment.debt", "ends, of debt", "rate"),
    ("credit_enhancement", "value below it", "rate"),
    ("subordination", "debt below it", "rate"),
    ("dscr", "DSCR at closing", "cover"),
    ("debt_yield", "debt yield", "rate"),
    ("coupon", "coupon as contracted", "rate"),
)
WHY_SUPPORTS = (
    "Value of the service: what the ruleset's thresholds say this cover supports; model-implied, no rating."
)
WHOLE, ULPS = "1E-6", "4E-15"  # short of a whole denomination that is rounding: money, and of the principal
SHARES = ("max_ltv", "max_ltc", "min_debt_yield", "equipment")


def write_classes(model: Model, coupons: Coupons) -> Sheet:
    """Write limits, sizes and ratios of the classes."""
    sheet = model.book.sheet(
        "Classes", "Classes", "Classes in order of seniority: limits, size, place, cover."
    )
    sheet.widths = {0: 20, **dict.fromkeys(range(1, 11), 17)}
    notes = coupons.structure.classes
    limits = sum(len(note.limits) for note in notes)
    sizes = 4 + limits + 3
    _head(sheet, 4, LIMITS)
    _head(sheet, sizes, SIZES)
    row, waiting = 5, []
    for j, note in enumerate(notes):
        rooms = []
        for i, limit in enumerate(note.limits):
            name = f"class{j + 1}_limit{i + 1}"
            found = limit_row(model, coupons, j, i, limit)
            sheet.say(row, 0, note.name)
            sheet.say(row, 1, limit.kind)
            sheet.say(row, 2, limit.case or note.case or model.source.deal.sizing.case)
            style = "rate" if limit.kind in SHARES else "cover"
            sheet.put(row, 3, f"={found.limit}", style, key=f"{name}.limit")
            sheet.put(row, 4, f"={found.room}", "money", key=f"{name}.room_cell")
            rooms.append(f"{{{name}.room_cell}}")
            waiting.append((row, name, found, style))
            row += 1
        _size(sheet, sizes + 1 + j, j, coupons, rooms)
    _issue(model, sheet, coupons, sizes)
    for at, name, found, style in waiting:
        _outcome(sheet, coupons, at, name, found, style)
    sheet.next = sizes + len(notes) + 5
    _places(model, sheet, coupons)
    return sheet


def _head(sheet: Sheet, row: int, texts: tuple[str, ...]) -> None:
    for column, text in enumerate(texts):
        sheet.put(row, column, text, "head")


def _size(sheet: Sheet, row: int, j: int, coupons: Coupons, rooms: list[str]) -> None:
    """What the class's own limits allow: a fixed principal, a commitment, the least room, or all there is."""
    note = coupons.note(j)
    own = f"MAX(0,MIN({','.join(rooms)}))" if rooms else ENDLESS
    if note.vfn is not None:
        own = f"{{in_class{j + 1}_commitment}}"
    elif note.principal is not None:
        own = f"{{in_class{j + 1}_principal}}"
    sheet.say(row, 0, note.name)
    sheet.put(row, 1, f"={own}", "money", key=f"class{j + 1}.own")


def _issue(model: Model, sheet: Sheet, coupons: Coupons, top: int) -> None:
    """Cut the classes to the loan, the most junior first, and round them down."""
    count, drawn_less = len(coupons.structure.classes), coupons.structure.case == "issuer"
    unit = "{in_denomination}"
    for j in range(count):
        row, key = top + 1 + j, f"class{j + 1}"
        above = f"SUM({{class1.kept..class{j}.kept}})" if j else "0"
        kept = f"MIN({{{key}.own}},MAX(0,{{out_principal}}-{above}))"
        sheet.put(row, 2, f"={kept}", "money", key=f"{key}.kept")
        whole = f"INT(({{{key}.kept}}*(1+{ULPS})+{WHOLE})/{unit})*{unit}"
        sheet.put(row, 3, f"={whole}", "headline:money", key=f"{key}.issued", name=f"out_{key}_principal")
        issued = f"{{{key}.issued}}"
        drawn = f"MIN({{in_{key}_drawn}},{issued})" if coupons.note(j).vfn and drawn_less else issued
        sheet.put(row, 4, f"={drawn}", "money", key=f"{key}.drawn")
        sheet.put(row, 5, f"=SUM({{class1.issued..{key}.issued}})", "money", key=f"{key}.debt")
    row = top + count + 1
    sheet.put(row, 0, "together", "total")
    sheet.put(row, 3, f"=SUM({{class1.issued..class{count}.issued}})", "headline:money", name="out_issued")
    kept = f"SUM({{class1.kept..class{count}.kept}})"
    sheet.put(row + 1, 0, "What binds", "total")
    short = f'=IF({{out_principal}}-{kept}>1E-10*{{out_principal}},"classes",{{out_binding}})'
    sheet.put(row + 1, 3, short, "headline:text", name="out_binds")


def _outcome(sheet: Sheet, coupons: Coupons, row: int, name: str, found: LimitRow, style: str) -> None:
    figure = write_cover(coupons.sheet, name, found)
    sheet.put(row, 5, f"={figure}", style, key=f"{name}.actual")
    actual, limit = f"{{{name}.actual}}", f"{{{name}.limit}}"
    above, below = f"{actual}<={limit}*(1+1E-9)", f"{limit}<={actual}+1E-9*{actual}"
    met = f"IF(ISNUMBER({actual}),IF({found.rising}=1,IF({above},1,0),IF({below},1,0)),1)"
    sheet.put(row, 6, f"={met}", "flag", key=f"{name}.met")


def _places(model: Model, sheet: Sheet, coupons: Coupons) -> None:
    """Where each class stands, and its cover in its own case."""
    top = sheet.next
    for column, text in enumerate(("class", *(label for _, label, _ in PLACES), "supports")):
        sheet.put(top, column, text, "head")
    for j, tranche in enumerate(model.source.answer.tranches):
        k = model.number(coupons.note(j).case)
        key, value = f"class{j + 1}", f"{{k{k}.value}}"
        debt, senior = f"{{{key}.debt}}", f"({{{key}.debt}}-{{{key}.issued}})"
        due = "+".join(
            f"{{class{n + 1}.issued}}*{coupons.year(n, k, Service('interest_only'))}" for n in range(j + 1)
        )
        formulas = {
            "attachment.value": _share(senior, value),
            "attachment.debt": _share(senior, "{out_issued}"),
            "ltv": _share(debt, value),
            "detachment.debt": _share(debt, "{out_issued}"),
            "credit_enhancement": f'IF({value}=0,"",1-{debt}/{value})',
            "subordination": f'IF({{out_issued}}=0,"",1-{debt}/{{out_issued}})',
            "dscr": _share(f"{{k{k}.closing.ncf}}", f"({due})"),
            "debt_yield": _share(f"{{k{k}.closing.ncf}}", debt),
            "coupon": coupons.contracted(j),
        }
        sheet.say(top + 1 + j, 0, tranche.name)
        for column, (name, _, style) in enumerate(PLACES):
            sheet.put(top + 1 + j, 1 + column, f"={formulas[name]}", style, key=f"{key}.{name}")
        sheet.put(top + 1 + j, 1 + len(PLACES), tranche.supports or "none", "value:text", note=WHY_SUPPORTS)
    sheet.next = top + len(model.source.answer.tranches) + 3


def _share(part: str, whole: str) -> str:
    return f'IF({whole}=0,"",{part}/{whole})'
