"""House defaults of pools: a TOML file beside the deal rulesets and one with its sources, decoded once."""

import tomllib
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from rackrate.deal.debt import DebtRate
from rackrate.deal.measures import unit
from rackrate.deal.pools.scenarios import SeverityRecovery, ValueRecovery
from rackrate.deal.provenance import provenance, sourced
from rackrate.deal.ruleset_files import RulesetFiles
from rackrate.deal.units import (
    CapitalisationRate,
    Constant,
    Cover,
    DebtMonths,
    DebtTerm,
    Factor,
    Haircut,
    Identifier,
    Ltv,
    Probability,
    Rate,
    Share,
    ShareCurve,
    SignedPrice,
)

Band = tuple[SignedPrice, SignedPrice]


class CprDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prepayment rates per year by protection."""

    open: Annotated[ShareCurve, Meta(description="Where no protection is left.")]
    penalty: Annotated[ShareCurve, Meta(description="Under a stated premium.")]
    yield_maintenance: Annotated[ShareCurve, Meta(description="Under yield maintenance.")]


class AdvanceDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The servicer's advances."""

    kind: Annotated[Identifier, Meta(description="What is advanced.")]
    rate: Annotated[DebtRate, Meta(description="Interest on advances, per year.")]
    appraisal_reduction_months: Annotated[DebtMonths, Meta(description="Months to the new appraisal.")]
    appraisal_share: Annotated[Share, Meta(description="Share of the appraisal that supports advances.")]
    stop_share: Annotated[Factor, Meta(description="Share of proceeds above which advances stop.")]


class ScenarioDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scenario leaves out."""

    case: Annotated[Identifier, Meta(description="Case of the properties.")]
    rate_add: Annotated[Rate, Meta(description="Added to the index of floating rates.")]
    cdr: Annotated[ShareCurve, Meta(description="Default rate per year.")]
    hazard: Annotated[Factor, Meta(description="Multiplies the default table.")]
    extension_months: Annotated[DebtMonths, Meta(description="Months a loan is extended.")]
    retest_months: Annotated[DebtTerm, Meta(description="Months between tests meanwhile.")]
    extension_sweep: Annotated[Share, Meta(description="Share of cash swept meanwhile.")]
    recovery_months: Annotated[DebtTerm, Meta(description="Months from default to the sale.")]
    test_maturity: Annotated[bool, Meta(description="Whether loans must be refinanced.")]
    cpr: Annotated[CprDefaults, Meta(description="Prepayment rates.")]
    recovery: Annotated[ValueRecovery | SeverityRecovery, Meta(description="What a default brings.")]
    advances: Annotated[AdvanceDefaults, Meta(description="The servicer's advances.")]


class PoolFees(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fees that a default brings."""

    special_servicing: Annotated[Share, Meta(description="Of defaulted balance, per year.")]


class StatedCase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case of the deal ruleset, for property of which only totals are known."""

    ncf_haircut: Annotated[Haircut, Meta(description="Cut of income.")] = 0.0
    cap_rate: Annotated[CapitalisationRate | None, Meta(description="Values closing NCF.")] = None


class StatedDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Property of which only totals are known."""

    default_downtime_months: Annotated[
        DebtMonths, Meta(description="Months a failed tenant's space is empty.")
    ]
    default_rent_discount: Annotated[Share, Meta(description="Rent lost on re-letting after a default.")]
    cases: Annotated[dict[Identifier, StatedCase], Meta(description="By case of the deal ruleset.")]


class HazardTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One-year default probability of a loan by cover (rows) and loan to value (columns)."""

    dscr_below: Annotated[list[Cover], Meta(min_length=1, description="Upper bounds of the rows.")]
    ltv_up_to: Annotated[list[Ltv], Meta(min_length=1, description="Upper bounds of the columns.")]
    pd: Annotated[list[list[Probability]], Meta(min_length=1, description="Probabilities.")]


class ConcentrationDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is one obligor, and which obligors are stressed."""

    joint_share: Annotated[Share, Meta(description="Share of a tenant in loans that it joins.")]
    stress_month: Annotated[DebtMonths, Meta(description="Month in which each defaults alone.")]
    stress_obligors: Annotated[
        int, unit("count"), Meta(ge=0, le=50, description="Tenants, and sponsors, stressed.")
    ]
    lgd: Annotated[Share, Meta(description="Loss given default, share of balance.")]


class CapacityDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The largest loan a category carries, and what the pool adds."""

    cap_rate: Annotated[CapitalisationRate, Meta(description="Capitalises closing NCF.")]
    ltv: Annotated[Ltv, Meta(description="Greatest loan to value.")]
    dscr: Annotated[Cover, Meta(description="Least debt service cover.")]
    constant: Annotated[Constant, Meta(description="Yearly service per 1 of principal.")]
    diversity: Annotated[Share, Meta(description="Credit for a pool of many groups, at most.")]
    floor: Annotated[Share, Meta(description="Least credit enhancement.")]
    obligors: Annotated[
        int, unit("count"), Meta(ge=0, le=50, description="Largest groups whose loss is covered.")
    ]
    severity: Annotated[Share, Meta(description="Loss on each of them.")]


class PoolShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share."""

    share: Annotated[Share, Meta(description="The share.")]


class GroundDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ground leases: what earns a warning, and what ends the rent."""

    coverage: Annotated[Cover, Meta(description="Warn below this cover.")]
    gltv: Annotated[Ltv, Meta(description="Warn above this share of the combined value.")]
    default_below: Annotated[Cover, Meta(description="Trailing cover below which months count.")]
    default_months: Annotated[DebtTerm, Meta(description="Consecutive months before the default.")]
    takeover_months: Annotated[DebtTerm, Meta(description="Months from default to the landlord's sale.")]


class PoolPlausible(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bands outside which a figure earns a warning: [least, greatest]."""

    loan_rate: Annotated[Band, unit("rate"), Meta(description="Rate of a loan, per year.")]
    ltv: Annotated[Band, unit("ratio"), Meta(description="Loan to value.")]
    dscr: Annotated[Band, unit("ratio"), Meta(description="Debt service cover.")]
    debt_yield: Annotated[Band, unit("rate"), Meta(description="Debt yield, per year.")]


class PoolRuleset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of house defaults of pools, with the file it was read from."""

    name: Annotated[Identifier, Meta(description="Name of the ruleset.")]
    as_of: Annotated[date, Meta(description="Date of the ruleset.")]
    deal_ruleset: Annotated[Identifier, Meta(description="Deal ruleset whose cases it completes.")]
    scenario: Annotated[ScenarioDefaults, Meta(description="What a scenario leaves out.")]
    fees: Annotated[PoolFees, Meta(description="Fees that a default brings.")]
    stated: Annotated[StatedDefaults, Meta(description="Property known by its totals.")]
    hazard: Annotated[HazardTable, Meta(description="Default probabilities of loans.")]
    concentration: Annotated[ConcentrationDefaults, Meta(description="Obligors.")]
    capacity: Annotated[dict[Identifier, CapacityDefaults], Meta(description="By category, best first.")]
    retention: Annotated[PoolShare, Meta(description="Risk retention.")]
    control: Annotated[PoolShare, Meta(description="Share of a class left for it to control.")]
    ground: Annotated[GroundDefaults, Meta(description="Ground leases.")]
    plausible: Annotated[PoolPlausible, Meta(description="Plausible bands.")]
    sources: Annotated[
        dict[str, str], Meta(description="Where each number comes from, by its key in the file.")
    ]
    sha256: Annotated[str, Meta(description="SHA-256 of the file, hexadecimal.")]
    text: Annotated[str, Meta(description="The file.")]


def parse(content: bytes) -> PoolRuleset:
    """Return the pool ruleset in a TOML file's bytes.

    Raises
    ------
    msgspec.ValidationError
        If the file lacks something, has something unknown, or a number out of range.
    ValueError
        If it is not TOML, the default table does not fit its bounds, or a number has no source.
    """
    tree = tomllib.loads(content.decode())
    sources = sourced(tree, provenance(tree["name"]).sources)
    stated = tree["stated"]
    cases = {name: stated.pop(name) for name in list(stated) if isinstance(stated[name], dict)}
    stated["cases"] = cases
    stamp = {"sha256": sha256(content).hexdigest(), "text": content.decode(), "sources": sources}
    ruleset = msgspec.convert({**tree, **stamp}, PoolRuleset)
    for fault in _faults(ruleset):
        raise ValueError(f"ruleset {ruleset.name}: {fault}")
    return ruleset


def _faults(ruleset: PoolRuleset) -> Iterator[str]:
    table = ruleset.hazard
    for name, bounds in (("dscr_below", table.dscr_below), ("ltv_up_to", table.ltv_up_to)):
        if sorted(set(bounds)) != bounds:
            yield f"{name} must ascend"
    if len(table.pd) != len(table.dscr_below) + 1:
        yield "the default table needs a row per bound of dscr_below, and one above the last"
    if any(len(row) != len(table.ltv_up_to) + 1 for row in table.pd):
        yield "the default table needs a column per bound of ltv_up_to, and one above the last"
    recovery = ruleset.scenario.recovery
    if isinstance(recovery, ValueRecovery) and (recovery.costs is None or recovery.decline is None):
        yield "the recovery needs costs and decline"


_FILES = RulesetFiles(files("rackrate.deal") / "rulesets" / "pools", parse, "pool ruleset", "/pool_ruleset")
names, load, newest = _FILES.names, _FILES.load, _FILES.newest
