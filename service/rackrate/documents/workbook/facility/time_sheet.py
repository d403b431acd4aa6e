"""Sheet of time: dates, day counts and curves by month."""

from rackrate.deal.requests.underwriting import Deal
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import curve_at
from rackrate.documents.workbook.source import Source

ACCRUALS = {"30/360": "1/12", "ACT/360": "{t.days}/360", "ACT/365F": "{t.days}/365"}
OF_COUNT = {name: f"t.acc{k}" for k, name in enumerate(ACCRUALS)}


def write_time(book: Book, source: Source, months: int) -> Sheet:
    """Write the dates, day counts and curves of every month."""
    sheet = book.sheet("Time", "Time", "Dates, day counts and the market's curves, month by month.", months)
    sheet.heading("Dates")
    sheet.row("t.m", "month", "{m}", unit="month", style="count")
    sheet.row("t.open", "month begins", "EDATE({in_closing},{m})", unit="date", style="date")
    sheet.row("t.pay", "payment date", "EDATE({in_closing},{m}+1)", unit="date", style="date")
    sheet.row("t.year", "year of the debt", "INT({m}/12)+1", unit="year", style="count")
    sheet.row("t.days", "days", "{t.pay}-{t.open}", unit="days", style="count")
    sheet.row("t.hours", "hours", "24*{t.days}", unit="hours", style="count")
    for name in _day_counts(source.deal):
        sheet.row(OF_COUNT[name], f"accrual {name}", ACCRUALS[name], unit="years", style="factor")
    sheet.heading("Curves")
    for name, label, style in (
        ("power_index", "power index per MWh", "price"),
        ("cpi", "inflation", "rate"),
        ("base_rate", "index of floating rates", "rate"),
    ):
        sheet.row(f"t.{name}", label, curve_at(book, f"in_market_{name}", "{t.open}"), style=style)
    for f, facility in enumerate(source.deal.facilities):
        sheet.row(
            f"t.pue{f + 1}",
            f"PUE of {facility.id}",
            curve_at(book, f"in_f{f + 1}_pue", "{t.open}"),
            style="factor",
        )
    sheet.run()
    return sheet


def _day_counts(deal: Deal) -> list[str]:
    notes = deal.structure.classes if deal.structure else ()
    used = {deal.debt.day_count, *(note.day_count for note in notes)}
    return [name for name in ACCRUALS if name in used]
