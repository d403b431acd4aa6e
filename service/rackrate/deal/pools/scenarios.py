"""Scenarios of a pool: who defaults and prepays, what is recovered, what is advanced meanwhile."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.cases import TenantDefault
from rackrate.deal.debt import DebtRate, rate_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.units import (
    CapitalisationRate,
    Cover,
    DebtMonths,
    DebtTerm,
    Factor,
    Identifier,
    InterestRate,
    Ltv,
    Rate,
    Share,
    ShareCurve,
    curve_faults,
    repeated,
)

CONTRACT, BASE = "contract", "base"  # the scenarios that always exist


class Cpr(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prepayment rates per year by the protection in force; lockout and defeasance allow none."""

    open: Annotated[ShareCurve | None, Meta(description="Where no protection is left.")] = None
    penalty: Annotated[ShareCurve | None, Meta(description="Under a stated premium.")] = None
    yield_maintenance: Annotated[ShareCurve | None, Meta(description="Under yield maintenance.")] = None


class LoanDefault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan that defaults in a given month."""

    loan: Annotated[Identifier, Meta(description="Identifier of the loan.")]
    month: Annotated[DebtMonths, Meta(description="Month from closing in which it defaults.")]


class SponsorDefault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sponsor all of whose loans default in a given month."""

    sponsor: Annotated[Identifier, Meta(description="The sponsor.")]
    month: Annotated[DebtMonths, Meta(description="Month from closing in which they default.")]


class DefaultBelow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Default after cover has been too low for too long."""

    dscr: Annotated[Cover, Meta(description="Cover below which months count.")]
    months: Annotated[DebtTerm, Meta(description="Consecutive months before the default.")]


class ValueRecovery(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="value"
):
    """The property is sold: its value, less a decline and costs."""

    cap_rate: Annotated[
        CapitalisationRate | UnsetType | None,
        Meta(description="Capitalises net cash flow; null for the value of the case alone."),
    ] = UNSET
    costs: Annotated[Share | None, Meta(description="Costs of the sale, share of proceeds.")] = None
    decline: Annotated[Share | None, Meta(description="Fall of value beyond cash flow, share.")] = None


class SeverityRecovery(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="severity"
):
    """A stated loss, all in, as the market reports it."""

    severity: Annotated[Share, Meta(description="Loss, share of the balance at default.")]


class Advances(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the servicer pays in place of a borrower in default, and when it stops."""

    kind: Annotated[
        Literal["principal_and_interest", "interest", "none"] | None, Meta(description="What is advanced.")
    ] = None
    rate: Annotated[DebtRate | None, Meta(description="Interest on advances, per year.")] = None
    appraisal_reduction_months: Annotated[
        DebtMonths | None, Meta(description="Months from default to the new appraisal.")
    ] = None
    appraisal_share: Annotated[
        Share | None, Meta(description="Share of the appraisal that supports interest advances.")
    ] = None
    stop_share: Annotated[
        Factor | None, Meta(description="Share of expected proceeds above which nothing is advanced.")
    ] = None


class PoolRefinance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a loan can be refinanced: on cover, on value, or on both."""

    rate: Annotated[InterestRate | None, Meta(description="Rate of the take-out loan; with dscr.")] = None
    months: Annotated[DebtTerm | None, Meta(description="Annuity term, months; with dscr.")] = None
    dscr: Annotated[Cover | None, Meta(description="Least debt service cover.")] = None
    ltv: Annotated[Ltv | None, Meta(description="Greatest loan to value.")] = None
    cap_rate: Annotated[CapitalisationRate | None, Meta(description="Capitalisation rate; with ltv.")] = None


class PoolScenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run of the pool; what it leaves out comes from the pool ruleset, key by key."""

    name: Annotated[Identifier, Meta(description="Name of the scenario.")]
    case: Annotated[Identifier | None, Meta(description="Case of the properties.")] = None
    rate_add: Annotated[Rate | None, Meta(description="Added to the index of floating rates.")] = None
    cpr: Annotated[Cpr, Meta(description="Prepayment rates per year by protection.")] = Cpr()
    cdr: Annotated[ShareCurve | None, Meta(description="Default rate per year of every loan.")] = None
    hazard: Annotated[Factor | None, Meta(description="Multiplies the ruleset's default table.")] = None
    loan_defaults: Annotated[
        list[LoanDefault], Meta(max_length=5000, description="Loans that default, and when.")
    ] = []
    sponsor_defaults: Annotated[
        list[SponsorDefault], Meta(max_length=5000, description="Sponsors that default, and when.")
    ] = []
    tenant_defaults: Annotated[
        list[TenantDefault], Meta(max_length=2000, description="Tenants that default, and when.")
    ] = []
    default_below: Annotated[
        DefaultBelow | None, Meta(description="Default on low cover; none if absent.")
    ] = None
    recovery: Annotated[ValueRecovery | SeverityRecovery, Meta(description="What a default brings.")] = (
        ValueRecovery()
    )
    recovery_months: Annotated[DebtTerm | None, Meta(description="Months from default to the sale.")] = None
    extension_months: Annotated[
        DebtMonths | None, Meta(description="Months a loan is extended that cannot be refinanced.")
    ] = None
    retest_months: Annotated[DebtTerm | None, Meta(description="Months between tests meanwhile.")] = None
    extension_sweep: Annotated[
        Share | None, Meta(description="Share of cash after interest that repays principal meanwhile.")
    ] = None
    test_maturity: Annotated[
        bool | None, Meta(description="Whether loans must be refinanced to be repaid.")
    ] = None
    refinance: Annotated[
        PoolRefinance | None, Meta(description="The refinance test; the deal ruleset's if absent.")
    ] = None
    advances: Annotated[Advances, Meta(description="The servicer's advances.")] = Advances()


def refinance_faults(test: PoolRefinance, at: str) -> Iterator[FieldError]:
    """Yield what a refinance test lacks."""
    if test.dscr is None and test.ltv is None:
        yield FieldError(at, "needs dscr, ltv or both")
    for name, given, needed in (
        ("rate", test.rate, test.dscr),
        ("months", test.months, test.dscr),
        ("cap_rate", test.cap_rate, test.ltv),
    ):
        if needed is not None and given is None:
            yield FieldError(f"{at}/{name}", f"required with {'ltv' if name == 'cap_rate' else 'dscr'}")


def _event_faults(scenario: PoolScenario, known: dict[str, set[str]], at: str) -> Iterator[FieldError]:
    for kind in ("loan", "sponsor", "tenant"):
        named = [getattr(event, kind) for event in getattr(scenario, f"{kind}_defaults")]
        place = f"{at}/{kind}_defaults"
        yield from repeated(named, f"{place}/{{}}/{kind}", f"the {kind}")
        for k, name in enumerate(named):
            if name not in known[kind]:
                yield FieldError(f"{place}/{k}/{kind}", f"no {kind} {name!r} in the pool")


def scenario_faults(
    scenarios: list[PoolScenario], known: dict[str, set[str]], at: str
) -> Iterator[FieldError]:
    """Yield what contradicts itself in the scenarios; `known` has the loans, sponsors and tenants."""
    yield from repeated([scenario.name for scenario in scenarios], f"{at}/{{}}/name", "the scenario")
    for i, scenario in enumerate(scenarios):
        place = f"{at}/{i}"
        if scenario.name == CONTRACT:
            yield FieldError(f"{place}/name", "the scenario 'contract' always exists and cannot be replaced")
        yield from _event_faults(scenario, known, place)
        for name in ("open", "penalty", "yield_maintenance"):
            curve = getattr(scenario.cpr, name)
            if curve is not None:
                yield from curve_faults(curve, f"{place}/cpr/{name}")
        if scenario.cdr is not None:
            yield from curve_faults(scenario.cdr, f"{place}/cdr")
        if scenario.advances.rate is not None:
            yield from rate_faults(scenario.advances.rate, f"{place}/advances/rate")
        if scenario.refinance is not None:
            yield from refinance_faults(scenario.refinance, f"{place}/refinance")
