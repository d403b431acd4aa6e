"""Warnings about the inputs of a deal, each with its JSON pointer."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from rackrate.analyses.cautions.limits import limit_cautions
from rackrate.deal.answers.figures import Caution
from rackrate.deal.dates import dates_of
from rackrate.deal.facility.facilities import Facility
from rackrate.deal.facility.leases import Direct, FixedPrice, Lease
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import GLOBAL_SCALE, Band, Plausible, Ruleset
from rackrate.deal.units import days_to_boundaries
from rackrate.engine.facility.leases import BOOKED_AFTER
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.timeline import Floats

FEW_TENANTS = 3.0
MONEY_DUST = 1e-6


def cautions(
    deal: Deal, ruleset: Ruleset, resolved: Resolved, unused: Floats, effective_tenants: float
) -> list[Caution]:
    """Every warning of a deal, in the order of the document.

    Parameters
    ----------
    unused : array [C]
        Money paid for power not used in the waterfall's case, by contract.
    effective_tenants : float
        1 / HHI of rent at closing.
    """
    found = [
        *_date_cautions(deal),
        *_facility_cautions(deal, ruleset.plausible, resolved, unused.tolist()),
        *limit_cautions(deal),
    ]
    structure = deal.structure
    if structure is not None and structure.ard_months not in (None, deal.debt.term_months):
        message = f"ARD in month {structure.ard_months}, debt ends in {deal.debt.term_months}"
        found.append(Caution(code="ard_differs_from_term", message=message, pointer="/structure/ard_months"))
    if effective_tenants < FEW_TENANTS:
        message = f"effective tenants {effective_tenants:.2f}"
        found.append(Caution(code="few_effective_tenants", message=message, pointer="/tenants"))
    if ruleset.rating_scale != GLOBAL_SCALE and any(tenant.rating for tenant in deal.tenants):
        message = f"ratings are read on the scale {ruleset.rating_scale}: its AAA is not a global AAA"
        found.append(Caution(code="national_rating_scale", message=message, pointer="/ruleset"))
    return found


def _date_cautions(deal: Deal) -> Iterator[Caution]:
    """Warn of dates that count a month late: the boundary before them is nearer than the one after."""
    found = [(pointer, day) for pointer, day in dates_of(deal) if pointer != "/closing"]
    moved = [(pointer, day) for pointer, day in found if _is_nearer_before(day, deal.closing)]
    if moved:
        pointer, day = moved[0]
        counted = f"{len(moved)} of {len(found)}, first {day}"
        message = f"dates that count a month later than from their nearest boundary: {counted}"
        yield Caution(code="dates_moved", message=message, pointer=pointer)


def _is_nearer_before(day: date, closing: date) -> bool:
    before, after = days_to_boundaries(day, closing)
    return before < after


def _facility_cautions(
    deal: Deal, plausible: Plausible, resolved: Resolved, unused: list[float]
) -> Iterator[Caution]:
    final = deal.debt.term_months if deal.structure is None else deal.structure.legal_final_months
    starts = iter(resolved.leases["commencement"].tolist())
    contracts = zip(
        resolved.contracts["start"].tolist(), resolved.contracts["end"].tolist(), unused, strict=True
    )
    for f, (facility, expiry) in enumerate(
        zip(deal.facilities, resolved.facilities["expiry"].tolist(), strict=True)
    ):
        at = f"/facilities/{f}"
        yield from _implausible(facility, plausible, at)
        leases = list(zip(islice(starts, len(facility.leases)), facility.leases, strict=True))
        for n, (start, lease) in enumerate(leases):
            yield from _lease_cautions(lease, start, deal.debt.term_months, f"{at}/leases/{n}")
        yield from _power_cautions(facility, leases, list(islice(contracts, len(facility.power))), at)
        if expiry < final:
            message = f"leasehold ends in month {expiry}, legal final {final}"
            pointer = f"{at}/tenure/expiry"
            yield Caution(code="leasehold_before_legal_final", message=message, pointer=pointer)


def _lease_cautions(lease: Lease, start: int, term: int, at: str) -> Iterator[Caution]:
    end = start + lease.term_months
    if end < term:
        message = f"lease {lease.id} ends in month {end}, debt in {term}"
        yield Caution(code="lease_ends_before_debt", message=message, pointer=f"{at}/term_months")
    if start > BOOKED_AFTER:
        held = "a reserve is funded" if lease.reserved else "left out of figures at closing"
        message = f"lease {lease.id} commences in month {start}: {held}"
        yield Caution(code="booked_not_billed", message=message, pointer=f"{at}/commencement")


def _power_cautions(
    facility: Facility,
    leases: list[tuple[int, Lease]],
    contracts: list[tuple[int, int, float]],
    at: str,
) -> Iterator[Caution]:
    """Warn of contracts that end before a lease they serve, and of power paid for and not used.

    Parameters
    ----------
    leases : list of (month of commencement, Lease)
    contracts : list of (first month, month after the last, money paid for power not used)
    """
    terms = [(start, start + it.term_months) for start, it in leases if not isinstance(it.power, Direct)]
    for k, (contract, (start, end, paid)) in enumerate(zip(facility.power, contracts, strict=True)):
        pointer = f"{at}/power/{k}"
        last = max((expiry for begin, expiry in terms if begin < end and expiry > start), default=end)
        if end < last:
            message = f"power contract ends in month {end}, the last lease that it serves in {last}"
            yield Caution(code="power_ends_before_lease", message=message, pointer=f"{pointer}/end")
        if paid > MONEY_DUST:
            kind = contract.__struct_config__.tag
            message = f"{kind}: power paid for and not used"
            yield Caution(code="minimum_take_uncovered", message=message, pointer=pointer)


def _implausible(facility: Facility, plausible: Plausible, at: str) -> Iterator[Caution]:
    pues = facility.pue if isinstance(facility.pue, list) else [(None, facility.pue)]
    figures: list[tuple[str, float, Band, str]] = [
        (
            "value_per_kw",
            facility.appraised_value / facility.capacity_kw,
            plausible.value_per_kw,
            "/appraised_value",
        ),
        *(("pue", value, plausible.pue, "/pue") for _, value in pues),
    ]
    for n, lease in enumerate(facility.leases):
        pointer = f"/leases/{n}/rent_per_kw_month"
        figures.append(("rent_per_kw_month", lease.rent_per_kw_month, plausible.rent_per_kw_month, pointer))
        if isinstance(lease.power, FixedPrice):
            price = lease.power.price_per_mwh
            figures.append(
                ("price_per_mwh", price, plausible.power_price_per_mwh, f"/leases/{n}/power/price_per_mwh")
            )
    for k, contract in enumerate(facility.power):
        quoted: float | None = getattr(contract, "price_per_mwh", None)
        if quoted is not None:
            figures.append(
                ("price_per_mwh", quoted, plausible.power_price_per_mwh, f"/power/{k}/price_per_mwh")
            )
    for name, figure, (low, high), pointer in figures:
        if not low <= figure <= high:
            message = f"{name} {figure:g} outside {low:g} to {high:g}"
            yield Caution(code="implausible", message=message, pointer=at + pointer)
