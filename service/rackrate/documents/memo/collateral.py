"""Leases and power against the debt: the time line, the largest leases, the tenants."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from rackrate.deal.facility.facilities import Facility
from rackrate.deal.facility.leases import Lease
from rackrate.deal.facility.tenants import Tenant
from rackrate.documents.charts.bars import Bar, time_line
from rackrate.documents.charts.svg import NAVY, RED
from rackrate.documents.layout.blocks import Block, Chart, Row, Table, Text, row
from rackrate.documents.memo.given import Given
from rackrate.documents.wording import month, name, number, percent, words

DRAWN, LISTED = 12, 10  # leases, the largest first; what is left out stands in the appendix
TENANTS = 5


class Held(Struct, frozen=True):
    """A lease, its facility, its share of rent, and when it ends."""

    lease: Lease
    facility: Facility
    share: float
    expiry: date


def leases_of(given: Given) -> list[Held]:
    """Every lease, the largest share of rent first."""
    found = [
        Held(lease, facility, 0.0, given.deal.closing)
        for facility in given.deal.facilities
        for lease in facility.leases
    ]
    figures = given.underwriting.credit.leases
    held = [
        Held(each.lease, each.facility, told.share, told.expiry)
        for each, told in zip(found, figures, strict=True)
    ]
    return sorted(held, key=lambda each: -each.share)


def collateral(given: Given) -> Iterator[Block]:
    """The time line, the table of leases, the sentence on concentration and power."""
    held = leases_of(given)
    yield _time_line(given, held)
    yield lease_table(given, held[:LISTED], held[LISTED:])
    yield Text(_concentration(given))
    yield _tenants(given)


def _time_line(given: Given, held: list[Held]) -> Chart:
    closing = given.deal.closing
    bars = [Bar(each.lease.id, max(each.lease.commencement, closing), each.expiry) for each in held[:DRAWN]]
    rest = held[DRAWN:]
    if rest:
        bars.append(Bar(f"{len(rest)} others, the last", closing, max(each.expiry for each in rest)))
    bars += _power(given)
    structure = given.deal.structure
    if structure is None:
        dates = [("maturity", given.when(given.final), RED)]
    else:
        dates = [("ARD", given.when(given.ard), RED), ("legal final", given.when(given.final), NAVY)]
        dates = dates if given.ard != given.final else dates[1:]
    told = "; ".join(f"{name(each.label)} to {month(each.end)}" for each in bars)
    caption = "Contract terms against the debt: dark leases, pale power contracts. "
    caption += "A bar that ends left of a dashed line ends before it."
    return Chart(time_line(bars, closing, dates), f"Leases and power against the debt: {told}.", caption)


def _power(given: Given) -> Iterator[Bar]:
    """A bar for each kind of power contract and end; one for ever is drawn to legal final."""
    final, found = given.when(given.final), dict[tuple[str, date], date]()
    for facility in given.deal.facilities:
        for contract in facility.power:
            kind = words(str(contract.__struct_config__.tag))
            key = kind, contract.end or final
            start = max(contract.start or given.deal.closing, given.deal.closing)
            found[key] = min(found.get(key, start), start)
    for (kind, end), start in sorted(found.items()):
        if end > start:
            yield Bar(f"power: {kind}", start, end, pale=True)


def lease_table(given: Given, held: list[Held], rest: list[Held], where: str = "in the appendix") -> Table:
    """A row a lease, and one of what is left out, and where that is."""
    tenants = {tenant.id: tenant for tenant in given.deal.tenants}
    rows = [_lease(each, tenants[each.lease.tenant]) for each in held]
    if rest:
        kw = sum(each.lease.contracted_kw for each in rest)
        rows.append(
            row(
                f"{len(rest)} others",
                where,
                number(kw, 0),
                "",
                percent(sum(each.share for each in rest), 1),
                "",
                "",
            )
        )
    head = ("Lease", "tenant (rating)", "kW", f"{given.deal.currency} a kW-month", "share", "ends", "power")
    return Table(head, "LLrrrll", rows, "Share of rent at closing; nil of a lease booked and not billed.")


def _lease(each: Held, tenant: Tenant) -> Row:
    lease, rating = each.lease, tenant.rating
    who = name(tenant.name or tenant.id)
    return row(
        name(lease.id),
        f"{who} ({name(rating)})" if rating else who,
        number(lease.contracted_kw, 0),
        number(lease.rent_per_kw_month, 2),
        percent(each.share, 1),
        month(each.expiry),
        words(str(lease.power.__struct_config__.tag)),
    )


def _concentration(given: Given) -> str:
    credit, power = given.underwriting.credit, given.underwriting.power
    told = []
    if credit.hhi is not None and credit.effective_tenants is not None:
        told.append(
            f"By rent the Herfindahl index is {number(credit.hhi, 2)}, effective tenants "
            f"{number(credit.effective_tenants, 1)}; the five largest pay {percent(credit.top_5_share, 1)}."
        )
    if power.hedged_share is not None:
        told.append(f"{percent(power.hedged_share, 1)} of energy over the debt's term is under contract.")
    if credit.loss_distribution is not None:
        loss = percent(credit.loss_distribution.expected)
        told.append(f"The loss of rent expected to the ruleset's horizon is {loss}.")
    return " ".join(told)


def _tenants(given: Given) -> Table:
    """The largest tenants and what the default table says of them."""
    tenants = {tenant.id: tenant for tenant in given.deal.tenants}
    horizons = given.ruleset.credit.horizons
    shown = [k for k, horizon in enumerate(horizons) if horizon in (1, 5, 10)] or [0]
    found = sorted(given.underwriting.credit.tenants, key=lambda each: -each.share)[:TENANTS]
    rows = [
        row(
            name(tenants[each.id].name or each.id),
            name(tenants[each.id].rating or "as stated"),
            percent(each.share, 1),
            percent(each.share_kw, 1),
            *(percent(each.cumulative_pd[k]) for k in shown),
        )
        for each in found
    ]
    head = (
        "Largest tenants",
        "rating",
        "of rent",
        "of kW",
        *(f"default in {number(horizons[k], 0)} y" for k in shown),
    )
    return Table(head, "Llrr" + "r" * len(shown), rows)
