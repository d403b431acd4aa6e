"""Exposures of a book by key, and its maturities."""

from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.measures import unit


class LettingExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on one key: rent, kW and debt; reporting currency."""

    key: Annotated[str | None, Meta(description="The key; null for what has none.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    annual_rent: Annotated[float, unit("money/year"), Meta(description="Rent a year.")]
    kw: Annotated[float, unit("kW"), Meta(description="Billed kW.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt.")]
    share_annual_rent: Annotated[float, unit("share"), Meta(description="Share of all rent.")]
    share_kw: Annotated[float, unit("share"), Meta(description="Share of all kW.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class EnergyExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on one kind of contract or counterparty: energy of the first year, debt."""

    key: Annotated[str | None, Meta(description="The key; null for what has none.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    mwh: Annotated[float, unit("MWh"), Meta(description="Energy.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt, reporting currency.")]
    share_mwh: Annotated[float, unit("share"), Meta(description="Share of all energy.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class DebtExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt that supports one category, reporting currency."""

    key: Annotated[str | None, Meta(description="The category; none where a class supports no category.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class Concentration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure over all keys; indices and largest shares are of named keys."""

    total: Annotated[float, unit("as-stated"), Meta(description="Sum over all keys, the null key too.")]
    hhi: Annotated[float, unit("share"), Meta(description="Herfindahl index.")]
    effective: Annotated[float | None, unit("count"), Meta(description="Its inverse; null where it is 0.")]
    top_1: Annotated[float, unit("share"), Meta(description="Share of the largest.")]
    top_5: Annotated[float, unit("share"), Meta(description="Of the five largest.")]
    top_10: Annotated[float, unit("share"), Meta(description="Of the ten largest.")]


class LettingDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rent, kW and debt by key: debt descending, then key, the null key last."""

    rows: Annotated[list[LettingExposure], Meta(description="Every key.")]
    annual_rent: Annotated[Concentration, Meta(description="Concentration of rent.")]
    kw: Annotated[Concentration, Meta(description="Concentration of kw.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class EnergyDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Energy and debt by key: debt descending, then key, the null key last."""

    rows: Annotated[list[EnergyExposure], Meta(description="Every key.")]
    mwh: Annotated[Concentration, Meta(description="Concentration of mwh.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class PowerDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Energy and debt by kind of contract, and what floats."""

    rows: Annotated[list[EnergyExposure], Meta(description="Every kind.")]
    mwh: Annotated[Concentration, Meta(description="Concentration of mwh.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]
    index_share: Annotated[
        float | None, unit("share"), Meta(description="Share of load at the index with nobody behind it.")
    ]


class DebtDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt by category."""

    rows: Annotated[list[DebtExposure], Meta(description="Every category.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class BookExposures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exposures of accepted deals at closing, by what deals share."""

    tenant: Annotated[LettingDimension, Meta(description="By obligor.")]
    sponsor: Annotated[LettingDimension, Meta(description="By sponsor.")]
    market: Annotated[LettingDimension, Meta(description="By leasing market.")]
    currency: Annotated[LettingDimension, Meta(description="By currency.")]
    category: Annotated[DebtDimension, Meta(description="By category that a class supports.")]
    power: Annotated[PowerDimension, Meta(description="By kind of power contract.")]
    counterparty: Annotated[EnergyDimension, Meta(description="By supplier of power.")]


class BookMaturity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One calendar year of the maturity wall, reporting currency."""

    year: Annotated[int, unit("none"), Meta(description="The year.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals whose debt matures in it.")]
    debt: Annotated[float, unit("money"), Meta(description="Their debt.")]
    scheduled: Annotated[float, unit("money"), Meta(description="Principal scheduled in it, all deals.")]
    balloon: Annotated[float, unit("money"), Meta(description="Principal left at maturity in it.")]
