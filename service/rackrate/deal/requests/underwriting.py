"""The deal and its underwriting: request, answer and checks."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from rackrate.deal.answers.credit import CreditFigures
from rackrate.deal.answers.figures import BreakEven, BridgeLine, BridgeStep, Caution, RulesetStamp, Summary
from rackrate.deal.answers.runs import CashFlow, PowerRun, WaterfallRun
from rackrate.deal.answers.sizing import Coverage, SizingOutcome
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.cases import ISSUER, Case, case_faults
from rackrate.deal.debt import Debt, debt_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.facility.facilities import Facility, facility_faults
from rackrate.deal.facility.tenants import Tenant, tenant_faults
from rackrate.deal.market import Market, market_faults
from rackrate.deal.parts import Part
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Sizing, sizing_faults
from rackrate.deal.structure import Structure, structure_faults
from rackrate.deal.units import (
    Currency,
    Identifier,
    Name,
    closing_faults,
    currency_faults,
    month_index,
    repeated,
)

MAX_LEASES = 2000
TAIL_MONTHS = 12  # the cash flow runs this far beyond the debt, for forward-looking tests


class Deal(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal to underwrite: tenants, facilities, markets, debt, and how it is sized and structured."""

    name: Annotated[Name, Meta(description="Name of the deal.")]
    currency: Annotated[Currency, Meta(description="Deal currency, ISO 4217 code.")]
    closing: Annotated[date, Meta(description="Closing date; months are counted from it.")]
    sponsor: Annotated[
        Identifier | None,
        Meta(description="Its sponsor, the same name in every deal; no figure depends on it."),
    ] = None
    ruleset: Annotated[
        Identifier | None, Meta(description="House defaults by name; the newest if absent.")
    ] = None
    tenants: Annotated[list[Tenant], Meta(min_length=1, max_length=2000, description="The obligors.")]
    facilities: Annotated[list[Facility], Meta(min_length=1, max_length=2000, description="The collateral.")]
    market: Annotated[Market, Meta(description="Power, inflation and interest rate curves.")]
    debt: Annotated[Debt, Meta(description="Terms of the whole loan.")]
    cases: Annotated[
        list[Case], Meta(max_length=50, description="Cases beside the ruleset's, or instead.")
    ] = field(default_factory=list)
    sizing: Annotated[Sizing, Meta(description="How the loan is sized.")]
    structure: Annotated[
        Structure | None, Meta(description="The capital structure; without one only the loan is sized.")
    ] = None


class Underwriting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a deal."""

    id: Annotated[str, Meta(description="Hash of engine version, ruleset and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    summary: Annotated[Summary, Meta(description="The figures asked for first.")]
    bridge: Annotated[list[BridgeLine], Meta(description="Cash flow at closing, issuer beside sizing case.")]
    bridge_steps: Annotated[
        list[BridgeStep], Meta(description="From issuer to sizing case, an adjustment at a time.")
    ]
    coverage: Annotated[list[Coverage], Meta(description="Coverage of the sized loan in the sizing case.")]
    sizing: Annotated[SizingOutcome, Meta(description="The sized loan.")]
    tranches: Annotated[list[Tranche], Meta(description="The classes; none without a structure.")]
    waterfall: Annotated[WaterfallRun | None, Meta(description="The waterfall; null without a structure.")]
    cash_flow: Annotated[CashFlow, Meta(description="The cash flow of the waterfall's case.")]
    power: Annotated[PowerRun, Meta(description="Power in the waterfall's case.")]
    credit: Annotated[CreditFigures, Meta(description="Tenant concentration and credit.")]
    break_evens: Annotated[list[BreakEven], Meta(description="How far cash flow may fall.")]
    warnings: Annotated[list[Caution], Meta(description="What a reader should know.")]


def _roll_faults(deal: Deal) -> Iterator[FieldError]:
    """Yield broken references and repeated identifiers of tenants, facilities and leases."""
    tenants = {tenant.id for tenant in deal.tenants}
    yield from repeated([tenant.id for tenant in deal.tenants], "/tenants/{}/id", "the tenant")
    yield from repeated([facility.id for facility in deal.facilities], "/facilities/{}/id", "the facility")
    final = 0 if deal.structure is None else deal.structure.legal_final_months
    end = max(deal.debt.term_months, final) + TAIL_MONTHS
    seen: set[str] = set()
    for i, facility in enumerate(deal.facilities):
        for k, lease in enumerate(facility.leases):
            at = f"/facilities/{i}/leases/{k}"
            if lease.id in seen:
                yield FieldError(f"{at}/id", f"the lease {lease.id!r} is used more than once")
            if lease.tenant not in tenants:
                yield FieldError(f"{at}/tenant", f"no tenant {lease.tenant!r} in the deal")
            if month_index(lease.commencement, deal.closing) >= end:
                yield FieldError(f"{at}/commencement", f"not within the {end} months of the cash flow")
            seen.add(lease.id)
    leases = sum(len(facility.leases) for facility in deal.facilities)
    if not 1 <= leases <= MAX_LEASES:
        yield FieldError("/facilities", f"a deal has 1 to {MAX_LEASES} leases, not {leases}")


def contradictions(deal: Deal) -> list[FieldError]:
    """Return everything in a deal that contradicts itself, whatever the ruleset."""
    has_equipment = any(facility.equipment is not None for facility in deal.facilities)
    errors = [
        *currency_faults(deal.currency, "/currency"),
        *closing_faults(deal.closing),
        *_roll_faults(deal),
    ]
    for i, tenant in enumerate(deal.tenants):
        errors += tenant_faults(tenant, f"/tenants/{i}")
    for i, facility in enumerate(deal.facilities):
        errors += facility_faults(facility, deal.closing, f"/facilities/{i}")
    errors += market_faults(deal.market, "/market")
    errors += debt_faults(deal.debt, "/debt")
    errors += case_faults(deal.cases, {tenant.id for tenant in deal.tenants}, "/cases")
    errors += sizing_faults(deal.sizing.tests, deal.debt, has_equipment, "/sizing/tests")
    if deal.structure is not None:
        errors += structure_faults(deal.structure, deal.debt.term_months, has_equipment, "/structure")
    return errors


def _named_cases(deal: Deal) -> Iterator[tuple[str, str | None]]:
    """Yield (pointer, name) of every case the request may refer to."""
    yield "/sizing/case", deal.sizing.case
    for i, test in enumerate(deal.sizing.tests):
        yield f"/sizing/tests/{i}/case", test.case
    if deal.structure is None:
        return
    yield "/structure/case", deal.structure.case
    for i, note in enumerate(deal.structure.classes):
        yield f"/structure/classes/{i}/case", note.case
        for k, limit in enumerate(note.limits):
            yield f"/structure/classes/{i}/limits/{k}/case", limit.case


def check(deal: Deal, ruleset: Ruleset) -> list[FieldError]:
    """Return everything in a deal that contradicts itself, or names a case nobody knows."""
    known = {ISSUER, *ruleset.cases, *(case.name for case in deal.cases)}
    unknown = [
        FieldError(pointer, f"no case {name!r}: known are {', '.join(sorted(known))}")
        for pointer, name in _named_cases(deal)
        if name is not None and name not in known
    ]
    return contradictions(deal) + unknown
