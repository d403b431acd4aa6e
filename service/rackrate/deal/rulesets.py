"""Rulesets: house defaults as data, each a TOML file and one with its sources, decoded once."""

import tomllib
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from rackrate.deal.cases import Case, Stress
from rackrate.deal.facility.tenants import CATEGORIES
from rackrate.deal.measures import unit
from rackrate.deal.provenance import provenance, sourced
from rackrate.deal.ruleset_files import RulesetFiles
from rackrate.deal.units import (
    CapitalisationRate,
    Cover,
    DebtTerm,
    Identifier,
    InterestRate,
    Ltv,
    Probability,
    Share,
    SignedPrice,
    Years,
)

GLOBAL_SCALE = "global"
Band = tuple[SignedPrice, SignedPrice]


class CreditDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Default rates by rating category, and the parameters of the loss distribution."""

    horizons: Annotated[
        list[Years], Meta(min_length=1, description="Horizons of the table, years ascending.")
    ]
    unrated_as: Annotated[Identifier, Meta(description="Category of tenants not rated.")]
    asset_correlation: Annotated[Share, Meta(description="Asset correlation of the one-factor model.")]
    lgd: Annotated[Share, Meta(description="Loss given default, share of rent.")]
    loss_horizon_years: Annotated[Years, Meta(description="Horizon of the loss distribution, years.")]
    cumulative_pd: Annotated[
        dict[Identifier, list[Probability]],
        unit("probability"),
        Meta(description="Cumulative default probability to each horizon, by category."),
    ]


class RefinanceDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refinance test where the request has none."""

    rate: Annotated[InterestRate, Meta(description="Rate of the take-out loan, per year.")]
    months: Annotated[DebtTerm, Meta(description="Annuity term of the take-out loan, months.")]
    dscr: Annotated[Cover, Meta(description="Least debt service cover of the take-out loan.")]
    ltv: Annotated[Ltv, Meta(description="Greatest loan to value of the take-out loan.")]
    cap_rate: Annotated[CapitalisationRate, Meta(description="Capitalisation rate at maturity, per year.")]


class SaleDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sale at legal final where the request says nothing."""

    costs: Annotated[Share, Meta(description="Costs of the sale, share of value.")]


class Support(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a category asks of a class: cumulative loan to value at most, closing cover at least."""

    category: Annotated[Identifier, Meta(description="The category.")]
    ltv: Annotated[Ltv, Meta(description="Greatest cumulative loan to value.")]
    dscr: Annotated[Cover, Meta(description="Least cumulative debt service cover at closing.")]


class Plausible(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bands outside which an input earns a warning: [least, greatest]."""

    rent_per_kw_month: Annotated[Band, unit("money/kW-month"), Meta(description="Rent per kW and month.")]
    pue: Annotated[Band, unit("ratio"), Meta(description="Power usage effectiveness.")]
    value_per_kw: Annotated[Band, unit("money/kW"), Meta(description="Value per kW of capacity.")]
    power_price_per_mwh: Annotated[Band, unit("money/MWh"), Meta(description="Power price per MWh.")]


class Ruleset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of house defaults, with the file it was read from."""

    name: Annotated[Identifier, Meta(description="Name of the ruleset.")]
    as_of: Annotated[date, Meta(description="Date of the ruleset.")]
    rating_scale: Annotated[
        str,
        Meta(description="Scale of the tenants' ratings: the global one, or that of a country's agencies."),
    ] = GLOBAL_SCALE
    credit: Annotated[CreditDefaults, Meta(description="Credit defaults.")]
    refinance: Annotated[RefinanceDefaults, Meta(description="Refinance test.")]
    sale: Annotated[SaleDefaults, Meta(description="Sale at legal final.")]
    cases: Annotated[dict[Identifier, Case], Meta(description="Cases by name.")]
    supports: Annotated[list[Support], Meta(description="What coverage supports, best category first.")]
    plausible: Annotated[Plausible, Meta(description="Plausible bands.")]
    sources: Annotated[
        dict[str, str], Meta(description="Where each number comes from, by its key in the file.")
    ]
    stresses: Annotated[list[Stress], Meta(description="The stresses that a memo shows.")]
    sha256: Annotated[str, Meta(description="SHA-256 of the file, hexadecimal.")]
    text: Annotated[str, Meta(description="The file.")]


def parse(content: bytes) -> Ruleset:
    """Return the ruleset in a TOML file's bytes.

    Raises
    ------
    msgspec.ValidationError
        If the file lacks something, has something unknown, or a number out of range.
    ValueError
        If it is not TOML, a default table does not fit its horizons, or a number has no source.
    """
    tree = tomllib.loads(content.decode())
    told = provenance(tree["name"])
    stamp = {
        "sha256": sha256(content).hexdigest(),
        "text": content.decode(),
        "sources": sourced(tree, told.sources),
        "stresses": told.stresses,
    }
    tree["cases"] = {name: {**case, "name": name} for name, case in tree["cases"].items()}
    ruleset = msgspec.convert({**tree, **stamp}, Ruleset)
    for fault in _faults(ruleset):
        raise ValueError(f"ruleset {ruleset.name}: {fault}")
    return ruleset


def _faults(ruleset: Ruleset) -> Iterator[str]:
    credit = ruleset.credit
    if sorted(set(credit.horizons)) != credit.horizons:
        yield "horizons must ascend"
    for category in CATEGORIES:
        if category not in credit.cumulative_pd:
            yield f"no default table for {category}"
    if credit.unrated_as not in credit.cumulative_pd:
        yield f"no default table for unrated_as {credit.unrated_as}"
    for category, table in credit.cumulative_pd.items():
        if len(table) != len(credit.horizons) or sorted(table) != table:
            yield f"the default table of {category} must ascend, a figure per horizon"


_FILES = RulesetFiles(files("rackrate.deal") / "rulesets", parse, "ruleset", "/ruleset")
names, load = _FILES.names, _FILES.load


def newest() -> Ruleset:
    """Return the ruleset latest by date, then by name, of those on the global rating scale."""
    return _FILES.newest(lambda ruleset: ruleset.rating_scale == GLOBAL_SCALE)
