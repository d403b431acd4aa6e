"""The tables that an answer has as documents, each in every form."""

from collections.abc import Callable
from functools import partial

from rackrate.deal.codec.media_types import JSON
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.document import Document, Form
from rackrate.documents.tables import figures, series
from rackrate.documents.tables.arrow import as_arrow, as_parquet
from rackrate.documents.tables.table import Column, TableDocument
from rackrate.documents.tables.text import as_csv, as_json

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
FORMS = (
    Form(CSV, "csv"),
    Form(JSON, "json", answers=TableDocument),
    Form(PARQUET, "parquet", writer="pyarrow", extra="arrow"),
    Form(ARROW, "arrows", writer="pyarrow", extra="arrow"),
)
Tabulate = Callable[[Deal, Underwriting], list[Column]]


def _made(
    name: str, tabulate: Tabulate, deal: Deal, underwriting: Underwriting, media: str, most: int
) -> bytes:
    columns = tabulate(deal, underwriting)
    if media == CSV:
        return as_csv(columns, deal.currency)
    write = {JSON: as_json, PARQUET: as_parquet, ARROW: as_arrow}[media]
    return write(name, columns, deal, underwriting)


def _table(
    name: str,
    title: str,
    about: str,
    tabulate: Tabulate,
    *,
    detail: bool = False,
    structured: bool = False,
) -> Document:
    make = partial(_made, name, tabulate)
    return Document(name, title, about, FORMS, make, detail=detail, structured=structured)


TABLES = (
    _table(
        "cashflow",
        "the cash flow",
        "By month, from rent to what is available to the waterfall, with the power used; by facility with "
        "`detail=facility`.",
        series.cash_flow,
        detail=True,
    ),
    _table(
        "schedule",
        "the schedule",
        "Interest, principal, balance and cover of the sized loan by payment date.",
        series.schedule,
    ),
    _table(
        "waterfall",
        "the waterfall",
        "Cash, accounts, covers and triggers by payment date; 404 without a structure.",
        series.waterfall,
        structured=True,
    ),
    _table(
        "classes",
        "the classes' payments",
        "Each class by payment date, one under another; 404 without a structure.",
        series.classes,
        structured=True,
    ),
    _table(
        "tranches",
        "the classes",
        "Size, position, cover, life, yield and break-even, a row each; 404 without a structure.",
        figures.tranches,
        structured=True,
    ),
    _table(
        "tests",
        "the sizing tests",
        "Limit, figure, largest principal, slack and shadow price, a row each.",
        figures.tests,
    ),
    _table(
        "coverage",
        "the coverage",
        "Every coverage figure and what it is made of, a row each.",
        figures.coverage,
    ),
    _table(
        "break_evens",
        "the break-evens",
        "How far cash flow may fall until each target is reached; 404 without a structure.",
        figures.break_evens,
        structured=True,
    ),
)
