"""Rows of one deal in the datasets of a book."""

# Design: rows are plain columns by name; the tables that hold them, and their types, are columns.py. What a
# book adds up stands beside them, already in the reporting currency.

from collections.abc import Iterator
from datetime import date
from math import fsum
from typing import Any

import numpy as np
from msgspec import Struct

from rackrate.analyses.books.exposed import Facility, exposed, facilities_of
from rackrate.analyses.deals.points import Base
from rackrate.deal.facility.tenants import Tenant
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.engine.book.exposures import Exposed
from rackrate.engine.book.run_figures import RunFigures, run_figures
from rackrate.engine.facility.cashflow import COSTS_AT, ScenarioCashFlows
from rackrate.engine.facility.collateral import YEAR, split
from rackrate.engine.facility.concentration import Billed, billed
from rackrate.engine.facility.tenant_survival import cumulative_pd
from rackrate.engine.simulation.streams import obligor_of
from rackrate.engine.timeline import Floats, timeline
from rackrate.kernel import records

Row = dict[str, Any]
LINES = (*records.LINES[:COSTS_AT], "opex", *records.LINES[COSTS_AT:])
NO_RUN = RunFigures(
    least_dscr=None,
    first_trap=None,
    first_amortise=None,
    first_pik=None,
    first_missed=None,
    ard_refinanced=None,
    losses=[],
    unpaid=[],
)


class DealRows(Struct, frozen=True, kw_only=True):
    """One deal: rows by dataset, and what it adds to the book's sums in the reporting currency."""

    row: int
    id: str
    ruleset: tuple[str, str]
    datasets: dict[str, list[Row]]
    warned: dict[str, tuple[str, str]]
    exposed: list[Exposed]
    matures: int
    debt: float
    balloon: float
    scheduled: dict[int, float]
    totals: dict[str, float]
    floating: float
    load: float


def deal_rows(row: int, source: str, done: Base, answer: Underwriting, fx_rate: float) -> DealRows:
    """Rows of an underwritten deal; `fx_rate` is what 1 of its currency is in the reporting one."""
    deal = done.priced.deal
    flow = split(done.priced)
    bills, sites = billed(done.priced.resolved), facilities_of(done.priced, flow)
    load, floats = fsum(site.load for site in sites), fsum(site.floating for site in sites)
    own = _deal(row, source, done, answer, bills) | {"index_share": floats / load if load else None}
    issued = own["issued"] if own["issued"] is not None else own["principal"]
    paid = issued / own["principal"]
    schedule = answer.sizing.schedule
    years: dict[int, list[float]] = {}
    for day, principal in zip(schedule.date, schedule.principal, strict=True):
        years.setdefault(day.year, []).append(principal * paid * fx_rate)
    rent = fsum(bill.annual_rent for bill in bills)
    tenants = _tenants(row, done, answer, bills, issued)
    power = _power(row, deal, sites, issued, rent)
    return DealRows(
        row=row,
        id=answer.id,
        ruleset=(answer.ruleset.name, answer.ruleset.sha256),
        warned=_terms_of(deal),
        datasets={
            "deals": [own],
            "classes": _classes(row, done, answer),
            "facility_years": list(_facility_years(row, done, flow)),
            "tenants": tenants,
            "power": power,
        },
        exposed=list(exposed(own, deal, bills, sites, answer.tranches, issued, fx_rate)),
        matures=own["maturity"].year,
        debt=issued * fx_rate,
        balloon=answer.sizing.balloon * paid * fx_rate,
        scheduled={year: fsum(principals) for year, principals in years.items()},
        totals={name: own[name] * fx_rate for name in ("noi", "ncf", "value")},
        floating=floats,
        load=load,
    )


def _terms_of(deal: Deal) -> dict[str, tuple[str, str]]:
    """Each obligor's name, where its tenant's id alone tells it, and its credit: texts to compare."""
    return {
        obligor_of(tenant): (
            "" if tenant.obligor is not None else tenant.name or "",
            repr((tenant.rating, tenant.one_year_pd, tenant.cumulative_pd)),
        )
        for tenant in deal.tenants
    }


def base_run(done: Base) -> RunFigures:
    """What became of the deal's own waterfall; nothing without a structure."""
    return NO_RUN if done.paid is None else run_figures(done.paid.run, payment_dates(done))


def payment_dates(done: Base) -> list[date]:
    """Payment dates of the waterfall."""
    if done.paid is None:
        return []
    months, final = done.paid.terms.period_months, done.paid.structure.legal_final_months
    return done.priced.dates[months - 1 : final : months]


def _deal(row: int, source: str, done: Base, answer: Underwriting, bills: list[Billed]) -> Row:
    deal, summary, run = done.priced.deal, answer.summary, base_run(done)
    structure, days = deal.structure, done.priced.timeline.boundaries
    ard = None if done.paid is None else done.paid.resolved.ard
    top = max(range(len(deal.tenants)), key=lambda t: _rent(bills, t)) if bills else None
    known = top is not None and bool(summary.top_tenant_share)
    return {
        "row": row,
        "source": source,
        "id": answer.id,
        "name": deal.name,
        "currency": deal.currency,
        "closing": deal.closing,
        "sponsor": deal.sponsor,
        "tenants": len(deal.tenants),
        "facilities": len(deal.facilities),
        "leases": sum(len(facility.leases) for facility in deal.facilities),
        "principal": summary.principal,
        "issued": summary.issued,
        "binding_test": summary.binding_test,
        "next_test": summary.next_test,
        "dscr_closing": summary.dscr.closing,
        "dscr_minimum": summary.dscr.minimum,
        "dscr_average": summary.dscr.average,
        "ltv": summary.ltv,
        "debt_yield": summary.debt_yield,
        "noi": summary.noi,
        "ncf": summary.ncf,
        "value": summary.value,
        "walt_years": summary.walt_years,
        "effective_tenants": summary.effective_tenants,
        "top_tenant": obligor_of(deal.tenants[top or 0]) if known else None,
        "top_tenant_share": summary.top_tenant_share,
        "billed_kw": fsum(bill.kw for bill in bills),
        "annual_rent": fsum(bill.annual_rent for bill in bills),
        "hedged_share": answer.power.hedged_share,
        "index_share": None,
        "one_year_expected_loss": 0.0
        if answer.credit.loss_distribution is None
        else answer.credit.loss_distribution.expected,
        "maturity": days[deal.debt.term_months].item(),
        "ard": None if ard is None else days[ard].item(),
        "legal_final": None if structure is None else days[structure.legal_final_months].item(),
        "ard_refinanced": run.ard_refinanced,
        "least_dscr": run.least_dscr,
        "first_trap": run.first_trap,
        "first_amortise": run.first_amortise,
        "first_pik": run.first_pik,
        "first_missed": run.first_missed,
        "principal_loss": None if structure is None else run.principal_loss,
        "warnings": ",".join(sorted({warning.code for warning in answer.warnings})),
    }


def _rent(bills: list[Billed], tenant: int) -> float:
    return fsum(bill.annual_rent for bill in bills if bill.tenant == tenant)


def _classes(row: int, done: Base, answer: Underwriting) -> list[Row]:
    run = base_run(done)
    return [
        {
            "row": row,
            "class": k,
            "name": issued.name,
            "principal": issued.principal,
            "coupon": issued.coupon,
            "attachment_value": issued.attachment.value,
            "detachment_value": issued.detachment.value,
            "attachment_debt": issued.attachment.debt,
            "detachment_debt": issued.detachment.debt,
            "credit_enhancement": issued.credit_enhancement,
            "ltv": issued.ltv,
            "dscr": issued.dscr,
            "debt_yield": issued.debt_yield,
            "wal_to_ard": issued.wal_to_ard,
            "wal_to_final": issued.wal_to_final,
            "duration": issued.duration,
            "price": issued.price,
            "yield": issued.yield_,
            "break_even_haircut": issued.break_even_haircut,
            "supports": issued.supports,
            "principal_loss": run.losses[k],
            "interest_unpaid": run.unpaid[k],
        }
        for k, issued in enumerate(answer.tranches)
    ]


def _facility_years(row: int, done: Base, flow: ScenarioCashFlows) -> Iterator[Row]:
    """Deal years of each facility in the waterfall's case, to the later of maturity and legal final."""
    priced, names = done.priced, flow.line_names()
    days, months = priced.timeline.boundaries, priced.months_paid
    costs = [name for name in names if name.startswith("opex:")]
    for f, facility in enumerate(priced.deal.facilities):
        lines = {name: flow.group_line(name, f)[0, :months] for name in names if name not in costs}
        opex = np.zeros(months)
        for name in costs:
            opex = opex + flow.group_line(name, f)[0, :months]
        lines["opex"] = opex
        lines |= {name: flow.group_supply(name, f)[0, :months] for name in ("load_mwh", "unhedged_mwh")}
        sums = {name: _by_year(line) for name, line in lines.items()}
        for year in range(-(-months // YEAR)):
            end = min(months, YEAR * (year + 1))
            yield {
                "row": row,
                "facility": f,
                "id": facility.id,
                "market": facility.market.name,
                "year": year,
                "months": end - YEAR * year,
                "ending": days[end].item(),
                "case": priced.paid_case,
                **{name: sums[name][year] for name in (*LINES, "load_mwh", "unhedged_mwh")},
            }


def _by_year(line: Floats) -> list[float]:
    """Sums of twelve months each, month by month; the last may be of fewer."""
    padded = np.zeros(-(-len(line) // YEAR) * YEAR)
    padded[: len(line)] = line
    sums: list[float] = np.add.accumulate(padded.reshape(-1, YEAR), axis=1)[:, -1].tolist()
    return sums


def _tenants(row: int, done: Base, answer: Underwriting, bills: list[Billed], debt: float) -> list[Row]:
    resolved, deal = done.priced.resolved, done.priced.deal
    total_rent, total_kw = fsum(b.annual_rent for b in bills), fsum(b.kw for b in bills)
    defaulted = cumulative_pd(resolved.hazards, [1.0])[:, 0].tolist()
    ends = [-1] * len(deal.tenants)
    for tenant, end in zip(
        resolved.leases["tenant"].tolist(),
        (resolved.leases["commencement"] + resolved.leases["term"]).tolist(),
        strict=True,
    ):
        ends[tenant] = max(ends[tenant], end)
    days = timeline(deal.closing, max(0, *ends)).boundaries
    return [
        _tenant(row, t, tenant, bills, total_rent, total_kw, debt)
        | {"one_year_pd": defaulted[t], "last_expiry": days[ends[t]].item() if ends[t] >= 0 else None}
        for t, tenant in enumerate(deal.tenants)
    ]


def _tenant(
    row: int, t: int, tenant: Tenant, bills: list[Billed], total_rent: float, total_kw: float, debt: float
) -> Row:
    rent = _rent(bills, t)
    kw = fsum(bill.kw for bill in bills if bill.tenant == t)
    return {
        "row": row,
        "tenant": t,
        "id": tenant.id,
        "obligor": obligor_of(tenant),
        "name": tenant.name,
        "rating": tenant.rating,
        "annual_rent": rent,
        "kw": kw,
        "share": rent / total_rent if total_rent else 0.0,
        "share_kw": kw / total_kw if total_kw else 0.0,
        "debt": debt * (rent / total_rent) if total_rent else 0.0,
    }


def _power(row: int, deal: Deal, sites: list[Facility], debt: float, rent: float) -> list[Row]:
    """Energy by facility, kind and counterparty; of contracts alike in both, the sum."""
    rows: dict[tuple[int, str, str | None], Row] = {}
    for f, site in enumerate(sites):
        for one in site.served:
            named = None if one.contract is None else deal.facilities[f].power[one.contract].counterparty
            found = rows.setdefault(
                (f, one.kind, named),
                {"row": row, "facility": f, "kind": one.kind, "counterparty": named, "mwh": 0.0, "debt": 0.0},
            )
            found["mwh"] += one.mwh
            found["debt"] += site.debt_of(one, debt, rent)
    return sorted(rows.values(), key=lambda one: (one["facility"], one["kind"], one["counterparty"] is None,
                                                  (one["counterparty"] or "").encode()))  # fmt: skip
