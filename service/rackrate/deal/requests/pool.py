"""A pool of loans to underwrite: loans, scenarios, certificates, tests; and its contradictions."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.cases import ISSUER, case_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.facility.facilities import Facility, facility_faults
from rackrate.deal.facility.tenants import Tenant, tenant_faults
from rackrate.deal.market import Market, market_faults
from rackrate.deal.measures import unit
from rackrate.deal.pools.certificates import MAX_FINAL, Certificates, certificate_faults
from rackrate.deal.pools.ground_leases import (
    FacilityLeasehold,
    GroundLease,
    PoolCase,
    StatedLeasehold,
    ground_default_faults,
    ground_faults,
)
from rackrate.deal.pools.loans import Facilities, PoolLoan, Stated, loan_faults
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.pools.scenarios import BASE, CONTRACT, PoolScenario, scenario_faults
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.units import (
    Currency,
    Factor,
    Identifier,
    Name,
    RateCurve,
    closing_faults,
    currency_faults,
    curve_faults,
    month_index,
    repeated,
)
from rackrate.deal.valuation import Appraisal, Value

MAX_LOANS, MAX_GROUND_LEASES, MAX_SCENARIOS = 5000, 500, 20


class PoolMarket(Market, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The curves a pool is priced on."""

    treasury: Annotated[
        RateCurve | None, Meta(description="Government bond yield per year; discounts yield maintenance.")
    ] = None


class PoolTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A test of the pool; what fails it is warned of, never refused."""

    kind: Annotated[
        Literal[
            "min_wa_dscr",
            "max_wa_ltv",
            "min_wa_debt_yield",
            "min_effective_loans",
            "min_effective_groups",
            "max_share",
            "max_loss_share",
        ],
        Meta(description="What is measured."),
    ]
    limit: Annotated[Factor, Meta(description="The limit.")]
    by: Annotated[
        Literal["loan", "group", "tenant", "sponsor", "market", "property_type"] | None,
        Meta(description="Of what the largest are counted; of max_share, the loan if absent."),
    ] = None
    top: Annotated[
        Annotated[int, unit("count"), Meta(ge=1, le=5000)] | None,
        Meta(description="How many of the largest; 1 if absent."),
    ] = None
    case: Annotated[Identifier | None, Meta(description="Case measured in; the issuer's if absent.")] = None
    scenario: Annotated[
        Identifier | None, Meta(description="Scenario of max_loss_share; the reported one if absent.")
    ] = None
    name: Annotated[Identifier | None, Meta(description="Name in the answer; the kind if absent.")] = None


class PoolBase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pool of loans and one of ground leases have in common."""

    name: Annotated[Name, Meta(description="Name of the pool.")]
    currency: Annotated[Currency, Meta(description="Currency, ISO 4217 code.")]
    closing: Annotated[date, Meta(description="Closing date; months are counted from it.")]
    ruleset: Annotated[
        Identifier | None, Meta(description="House defaults by name; the newest if absent.")
    ] = None
    pool_ruleset: Annotated[
        Identifier | None, Meta(description="House defaults of pools by name; the newest if absent.")
    ] = None
    tenants: Annotated[list[Tenant], Meta(max_length=2000, description="Tenants whose credit is known.")] = []
    facilities: Annotated[
        list[Facility], Meta(max_length=50, description="Facilities that secure loans or pay ground rents.")
    ] = []
    market: Annotated[PoolMarket, Meta(description="Power, inflation and interest rate curves.")]
    cases: Annotated[
        list[PoolCase], Meta(max_length=50, description="Cases beside the rulesets', or instead.")
    ] = []


class Pool(PoolBase, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pool of loans, perhaps with certificates on it."""

    valuation: Annotated[Value, Meta(description="How facilities behind loans are valued.")] = Appraisal()
    ground_leases: Annotated[
        list[GroundLease], Meta(max_length=MAX_GROUND_LEASES, description="Ground leases that secure loans.")
    ] = []
    loans: Annotated[list[PoolLoan], Meta(min_length=1, max_length=MAX_LOANS, description="The loans.")]
    scenarios: Annotated[
        list[PoolScenario], Meta(max_length=MAX_SCENARIOS, description="Runs beside contract and base.")
    ] = []
    tests: Annotated[list[PoolTest], Meta(max_length=50, description="Tests of the pool.")] = []
    structure: Annotated[
        Certificates | None, Meta(description="Certificates; without them only the collateral is run.")
    ] = None


def horizon_months(pool: Pool) -> int:
    """Months a pool of loans is run: to legal final, or as many as there may be without certificates."""
    return MAX_FINAL if pool.structure is None else pool.structure.legal_final_months


def tenants_of(pool: PoolBase) -> set[str]:
    """Every tenant that something of the pool names, in `tenants` or not."""
    shares = [
        lease.leasehold.tenants for lease in leases_of(pool) if isinstance(lease.leasehold, StatedLeasehold)
    ]
    loans: list[PoolLoan] = getattr(pool, "loans", [])
    shares += [loan.security.tenants for loan in loans if isinstance(loan.security, Stated)]
    return {tenant.id for tenant in pool.tenants} | {share.id for listed in shares for share in listed}


def leases_of(pool: PoolBase) -> list[GroundLease]:
    """The ground leases of either kind of pool."""
    leases: list[GroundLease] = getattr(pool, "ground_leases", [])
    return leases


def part_faults(pool: PoolBase) -> Iterator[FieldError]:
    """Yield what contradicts itself in one part or another of either kind of pool."""
    yield from currency_faults(pool.currency, "/currency")
    yield from closing_faults(pool.closing)
    yield from repeated([tenant.id for tenant in pool.tenants], "/tenants/{}/id", "the tenant")
    for i, tenant in enumerate(pool.tenants):
        yield from tenant_faults(tenant, f"/tenants/{i}")
    yield from repeated([facility.id for facility in pool.facilities], "/facilities/{}/id", "the facility")
    known = {tenant.id for tenant in pool.tenants}
    for i, facility in enumerate(pool.facilities):
        yield from facility_faults(facility, pool.closing, f"/facilities/{i}")
        for k, lease in enumerate(facility.leases):
            if lease.tenant not in known:
                yield FieldError(
                    f"/facilities/{i}/leases/{k}/tenant", f"no tenant {lease.tenant!r} in the pool"
                )
    yield from market_faults(pool.market, "/market")
    if pool.market.treasury is not None:
        yield from curve_faults(pool.market.treasury, "/market/treasury")
    leases = leases_of(pool)
    yield from repeated([lease.id for lease in leases], "/ground_leases/{}/id", "the ground lease")
    for i, ground in enumerate(leases):
        yield from ground_faults(ground, pool.closing, f"/ground_leases/{i}")
    yield from case_faults(list(pool.cases), tenants_of(pool), "/cases")
    yield from ground_default_faults(pool.cases, {lease.id for lease in leases}, "/cases")


def use_faults(pool: PoolBase) -> Iterator[FieldError]:
    """Yield facilities and ground leases that secure nothing, or more than one thing, or do not exist."""
    used: dict[tuple[str, str], list[str]] = {}
    for i, loan in enumerate(getattr(pool, "loans", [])):
        if not isinstance(loan.security, Stated):
            kind = "facility" if isinstance(loan.security, Facilities) else "ground lease"
            for k, name in enumerate(loan.security.ids):
                used.setdefault((kind, name), []).append(f"/loans/{i}/security/ids/{k}")
    for i, lease in enumerate(leases_of(pool)):
        if isinstance(lease.leasehold, FacilityLeasehold):
            used.setdefault(("facility", lease.leasehold.id), []).append(f"/ground_leases/{i}/leasehold/id")
    known = {("facility", facility.id): f"/facilities/{i}" for i, facility in enumerate(pool.facilities)}
    if isinstance(pool, Pool):
        known |= {
            ("ground lease", lease.id): f"/ground_leases/{i}" for i, lease in enumerate(pool.ground_leases)
        }
    for (kind, name), places in used.items():
        if (kind, name) not in known:
            yield from (FieldError(place, f"no {kind} {name!r} in the pool") for place in places)
        else:
            yield from (
                FieldError(place, f"the {kind} {name!r} secures more than one thing") for place in places[1:]
            )
    for thing, place in known.items():
        if thing not in used:
            yield FieldError(place, f"the {thing[0]} {thing[1]!r} secures nothing")


def unknown_names(
    named: Iterator[tuple[str, str | None]], known: set[str], what: str
) -> Iterator[FieldError]:
    """Yield names of what there is not."""
    for place, name in named:
        if name is not None and name not in known:
            yield FieldError(place, f"no {what} {name!r}: known are {', '.join(sorted(known))}")


def known_cases(pool: PoolBase, ruleset: Ruleset) -> set[str]:
    """Names of the cases a pool may refer to."""
    return {ISSUER, *ruleset.cases, *(case.name for case in pool.cases)}


def _pool_cases(pool: Pool) -> Iterator[tuple[str, str | None]]:
    yield from ((f"/scenarios/{i}/case", scenario.case) for i, scenario in enumerate(pool.scenarios))
    yield from ((f"/tests/{i}/case", test.case) for i, test in enumerate(pool.tests))
    if pool.structure is not None:
        yield "/structure/case", pool.structure.case
        yield from (
            (f"/structure/classes/{i}/case", note.case) for i, note in enumerate(pool.structure.classes)
        )


def _pool_scenarios(pool: Pool) -> Iterator[tuple[str, str | None]]:
    yield from ((f"/tests/{i}/scenario", test.scenario) for i, test in enumerate(pool.tests))
    if pool.structure is not None:
        yield "/structure/scenario", pool.structure.scenario


def _loan_faults(pool: Pool) -> Iterator[FieldError]:
    yield from repeated([loan.id for loan in pool.loans], "/loans/{}/id", "the loan")
    final = horizon_months(pool)
    for i, loan in enumerate(pool.loans):
        yield from loan_faults(loan, pool.closing, pool.market.treasury is not None, f"/loans/{i}")
    last = max(range(len(pool.loans)), key=lambda i: month_index(pool.loans[i].maturity, pool.closing))
    maturity = month_index(pool.loans[last].maturity, pool.closing)
    if maturity > final and pool.structure is None:
        yield FieldError(f"/loans/{last}/maturity", f"matures in month {maturity}: at most {final} are run")
    elif maturity > final:
        message = f"loan {pool.loans[last].id!r} matures in month {maturity}, after legal final in {final}"
        yield FieldError("/structure/legal_final_months", message)
    if not sum(loan.balance for loan in pool.loans) > 0.0:
        yield FieldError("/loans", "the pool has no balance")


def _test_faults(pool: Pool) -> Iterator[FieldError]:
    for i, test in enumerate(pool.tests):
        for name in ("by", "top"):
            if getattr(test, name) is not None and test.kind != "max_share":
                yield FieldError(f"/tests/{i}/{name}", "of max_share alone")
        if test.scenario is not None and test.kind != "max_loss_share":
            yield FieldError(f"/tests/{i}/scenario", "of max_loss_share alone")


def pool_faults(pool: Pool, ruleset: Ruleset, defaults: PoolRuleset) -> list[FieldError]:
    """Return everything in a pool of loans that contradicts itself, or names what there is not."""
    sponsors = {loan.sponsor for loan in pool.loans if loan.sponsor is not None}
    known = {"loan": {loan.id for loan in pool.loans}, "sponsor": sponsors, "tenant": tenants_of(pool)}
    scenarios = {CONTRACT, BASE, *(scenario.name for scenario in pool.scenarios)}
    cases = known_cases(pool, ruleset)
    errors = [*part_faults(pool), *use_faults(pool), *_loan_faults(pool), *_test_faults(pool)]
    errors += scenario_faults(pool.scenarios, known, "/scenarios")
    errors += unknown_names(_pool_cases(pool), cases, "case")
    errors += unknown_names(_pool_scenarios(pool), scenarios, "scenario")
    if pool.structure is not None:
        errors += certificate_faults(pool.structure, set(defaults.capacity), "/structure")
    uncased = sorted(set(defaults.capacity) - cases)
    errors += [
        FieldError("/pool_ruleset", f"the category {name!r} has no case of that name") for name in uncased
    ]
    return errors
