"""Datasets of a book: their columns, types and order, as Arrow schemas."""

# Design: one text a dataset, as the page of books has it. `f` float64, `i` int64, `s` string, `d` date, `b`
# boolean; a column with a question mark may be null.

from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types

from rackrate.analyses.books.deal_rows import LINES

TYPES = {"f": pa.float64(), "i": pa.int64(), "s": pa.string(), "d": pa.date32(), "b": pa.bool_()}
CLASS_RISK = (
    "missed_interest",
    "loss_probability",
    "expected_loss",
    "loss_95",
    "loss_99",
    "loss_999",
    "expected_shortfall",
)
SHARES = ("annual_rent", "kw", "mwh", "debt")
COLUMNS = {
    "deals": "row i, source s, id s, name s, currency s, closing d, sponsor s?, tenants i, facilities i,"
    " leases i, principal f, issued f?, binding_test s, next_test s?, dscr_closing f?, dscr_minimum f?,"
    " dscr_average f?, ltv f?, debt_yield f, noi f, ncf f, value f, walt_years f, effective_tenants f,"
    " top_tenant s?, top_tenant_share f, billed_kw f, annual_rent f, hedged_share f?, index_share f?,"
    " one_year_expected_loss f, maturity d, ard d?, legal_final d?, ard_refinanced b?, least_dscr f?,"
    " first_trap d?, first_amortise d?, first_pik d?, first_missed d?, principal_loss f?, warnings s",
    "classes": "row i, class i, name s, principal f, coupon f, attachment_value f?, detachment_value f?,"
    " attachment_debt f, detachment_debt f, credit_enhancement f?, ltv f?, dscr f?, debt_yield f?,"
    " wal_to_ard f?, wal_to_final f?, duration f?, price f, yield f?, break_even_haircut f?, supports s?,"
    " principal_loss f, interest_unpaid f",
    "facility_years": "row i, facility i, id s, market s?, year i, months i, ending d, case s, "
    + ", ".join(f"{name} f" for name in LINES)
    + ", load_mwh f, unhedged_mwh f",
    "tenants": "row i, tenant i, id s, obligor s, name s?, rating s?, one_year_pd f, annual_rent f, kw f,"
    " share f, share_kw f, debt f, last_expiry d?",
    "power": "row i, facility i, kind s, counterparty s?, mwh f, debt f",
    "exposures": "dimension s, rank i, key s?, deals i, annual_rent f?, kw f?, mwh f?, debt f, "
    + ", ".join(f"share_{name} f{'' if name == 'debt' else '?'}" for name in SHARES),
    "scenarios": "scenario i, row i, name s, obligor s, month i, base_least_dscr f?, base_principal_loss f,"
    " least_dscr f?, first_trap d?, first_amortise d?, first_pik d?, first_trigger d?, first_missed d?,"
    " ard_refinanced b?, principal_loss f",
    "scenario_classes": "scenario i, row i, class i, name s, supports s?, principal_loss f,"
    " base_principal_loss f, interest_unpaid f",
    "paths": "path i, factor f, total i, AAA i, AA i, A i, BBB i, BB i, none i",
    "contributions": "kind s, rank i, row i?, key s?, expected_loss f, expected_loss_se f?,"
    " es_95 f, es_95_se f?, es_99 f, es_99_se f?, es_999 f, es_999_se f?,"
    " standalone_95 f?, standalone_99 f?, standalone_999 f?",
}
WITH_SIMULATION = ", ".join(f"{name} f?, {name}_se f?" for name in CLASS_RISK)
OF_DEALS = ("deals", "classes", "facility_years", "tenants", "power")
OF_DEFAULTS = ("scenarios", "scenario_classes")


@cache
def schema(name: str, simulated: bool = False) -> pa.Schema:
    """The schema of a dataset; with a simulation classes have its estimates too.

    >>> str(schema("power").field("counterparty"))
    'pyarrow.Field<counterparty: string>'
    """
    text = COLUMNS[name]
    if name == "classes" and simulated:
        text = f"{text}, {WITH_SIMULATION}"
    fields = []
    for column in text.split(","):
        title, kind = column.split()
        fields.append(pa.field(title, TYPES[kind[0]], nullable=kind.endswith("?")))
    return pa.schema(fields)


def table(name: str, rows: Sequence[dict[str, Any]], simulated: bool = False) -> pa.Table:
    """Rows as a table of a dataset."""
    wanted = schema(name, simulated)
    return pa.Table.from_pydict(
        {field.name: [row.get(field.name) for row in rows] for field in wanted}, schema=wanted
    )
