"""A whole workbook of an underwriting: every sheet in the order in which its figures follow."""

from rackrate.documents.workbook.debt.coverage_sheet import write_coverage
from rackrate.documents.workbook.debt.covers_chart import write_covers
from rackrate.documents.workbook.debt.schedule_sheet import write_money, write_schedule
from rackrate.documents.workbook.debt.sizing_sheet import write_income, write_tests
from rackrate.documents.workbook.facility.cashflow_sheet import write_cash_flow
from rackrate.documents.workbook.facility.letting_rows import CashFlowRun
from rackrate.documents.workbook.facility.rent_sheet import write_rent
from rackrate.documents.workbook.facility.time_sheet import write_time
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.inputs.deal_inputs import write_deal
from rackrate.documents.workbook.inputs.inputs_sheet import Inputs
from rackrate.documents.workbook.inputs.structure_inputs import write_structure
from rackrate.documents.workbook.model import Model
from rackrate.documents.workbook.source import Source
from rackrate.documents.workbook.structure.classes_sheet import write_classes
from rackrate.documents.workbook.structure.stress_sheet import solved, write_stress
from rackrate.documents.workbook.structure.waterfall_ends import write_coupons, write_run
from rackrate.documents.workbook.structure.yield_sheet import write_yields
from rackrate.documents.workbook.summary.bridge_sheet import write_annual, write_bridge
from rackrate.documents.workbook.summary.checks_sheet import write_checks
from rackrate.documents.workbook.summary.cover_sheet import list_sheets, write_cover
from rackrate.documents.workbook.summary.figures_sheet import write_figures, write_notes
from rackrate.engine.facility.cases import Scenario
from rackrate.engine.facility.collateral import contracted_cases

YEAR = 12
MOST = 500_000  # formulas
TOO_LARGE = "the workbook would be too large to recalculate at ease."
ORDER = (
    "Cover",
    "Checks",
    "Inputs",
    "Annual",
    "Bridge",
    "Sizing",
    "Coverage",
    "Classes",
    "RentRoll",
    "Time",
    "Rent",
    "CF",
    "Value",
    "Schedule",
    "Coupons",
    "Waterfall",
    "Final",
    "Yield",
    "Stress",
    "Figures",
    "Notes",
)


def compose(source: Source, most: int = MOST) -> Book:
    """Compose the workbook of an answer; beyond ``most`` formulas stress and final runs are left out."""
    deal = source.deal
    book = Book(deal.currency)
    inputs = Inputs(book)
    write_deal(inputs, source)
    if deal.structure is not None:
        write_structure(inputs, source, deal.structure)
    inputs.finish()
    months = source.priced.timeline.months
    write_time(book, source, months)
    write_rent(book, source, months)
    _cash_flows(book, source, months)
    values = book.sheet(
        "Value", "Value", "Capitalised income, facility by facility, as tests and sales read it."
    )
    values.widths = {0: 38, **dict.fromkeys(range(1, 5), 20)}
    values.next = 4
    model = Model(book, source, values)
    schedule = write_schedule(model)
    sizing = write_income(model)
    write_tests(model, sizing)
    write_money(model, schedule)
    write_coverage(model, schedule)
    write_covers(model, schedule, sizing)
    write_bridge(model)
    left_out = _structure(model, most)
    write_annual(model, None if source.paid is None else source.paid.terms)
    write_figures(model)
    write_checks(model)
    cover = write_cover(model)
    write_notes(book, left_out)
    book.sheets.sort(key=_place)
    list_sheets(cover)
    return book


def _place(sheet: Sheet) -> int:
    return ORDER.index(sheet.name.partition("_")[0])


def _structure(model: Model, most: int) -> list[str]:
    """Sheets of the classes and their runs; what was left out for size, in words."""
    coupons, source = write_coupons(model), model.source
    if coupons is None or source.answer.waterfall is None:
        return []
    classes = write_classes(model, coupons)
    before = model.book.formulas()
    write_run(model, coupons, "Waterfall", "Waterfall", "The run that is reported, period by period.", "w")
    whole = model.book.formulas()
    each, left_out, last = whole - before, [], "w"
    ard = source.answer.waterfall.ard
    if ard is not None and ard.refinanced:
        if whole + each <= most:
            what = "The same run where refinancing is refused: lives to final, and losses."
            write_run(model, coupons, "Final", "Final: not refinanced", what, "z", refused=True)
            whole, last = whole + each, "z"
        else:
            left_out.append(f"Final, the run that is not refinanced: {TOO_LARGE}")
            last = ""
    write_yields(model, coupons, classes, last)
    if not solved(model):
        left_out.append("Stress: no class has a break-even that was solved for.")
    elif whole + 2 * each <= most:
        write_stress(model, coupons, classes)
    else:
        left_out.append(f"Stress, the runs on either side of a break-even: {TOO_LARGE}")
    return left_out


def _cash_flows(book: Book, source: Source, months: int) -> None:
    """A sheet for every case; another for its closing figures, and for its contracts alone, where asked."""
    homes = source.priced.resolved.leases["facility"].tolist()
    contracted = contracted_cases(source.deal)

    def write(name: str, title: str, key: str, k: int, scenario: Scenario, length: int) -> None:
        run = CashFlowRun(key, f"case{k}", source.letting(scenario, length), homes)
        write_cash_flow(book, name, title, run, source.deal.facilities, length)

    for k, (name, case) in enumerate(source.priced.cases.items()):
        title = f"Cash flow, case {name}"
        write(f"CF_{k + 1}", title, f"cf{k}", k, Scenario(case), months)
        if source.has_booked:
            at_closing = Scenario(case, closing=True)
            write(f"CF_{k + 1}_closing", f"{title}, as billed at closing", f"cl{k}", k, at_closing, YEAR)
        if name in contracted:
            bare = Scenario(case, contracted_only=True)
            write(f"CF_{k + 1}_contracts", f"{title}, contracts alone", f"cc{k}", k, bare, months)
