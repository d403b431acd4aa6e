"""Heads of a rent roll's columns: which field each names, and the unit in its brackets."""

import re
from typing import NamedTuple

from rackrate.deal.answers.rent_roll import RollField

NAMES: dict[RollField, str] = {
    "id": "id lease leaseid leaseno suite hall unit space premises",
    "tenant": "tenant tenantname customer customername lessee occupant",
    "contracted_kw": (
        "contractedkw kw criticalkw leasedkw contractedload criticalload itload "
        "contractedcapacity contractedmw mw criticalmw leasedmw load capacity "
        "contractedkwcriticalload contractedpower"
    ),
    "rent": (
        "rent baserent contractrent rentperkwmonth rentperkwyear monthlyrent annualrent "
        "rentpermonth rentperyear rentkwmo rentkwmonth rentkwyr rentkwyear inplacerent "
        "monthlybaserent annualbaserent rentperkw"
    ),
    "commencement": "commencement commencementdate leasestart start startdate leasecommencement",
    "expiry": "expiry expirydate expiration expirationdate leaseend end enddate leaseexpiry",
    "term": "term termmonths termyears leaseterm",
    "free_rent": "freerent freerentmonths rentfree rentfreemonths abatement",
    "escalation": "escalation escalator annualescalation annualincrease rentincrease bumps",
    "utilisation": "utilisation utilization averageutilisation averageutilization",
    "peak_utilisation": "peakutilisation peakutilization peak",
    "power": "power powerterms electricity powercost",
    "ramp": "ramp rampup rampschedule rampsteps loadramp rampprofile",
    "termination": (
        "termination terminationoption terminationright earlytermination earlyterminationoption "
        "break breakoption breakclause breakright"
    ),
}
FIELD_OF = {name: field for field, names in NAMES.items() for name in names.split()}
REQUIRED: tuple[RollField, ...] = ("contracted_kw", "rent", "commencement", "escalation", "power")
BRACKETS = re.compile(r"[(\[](.*?)[)\]]")


class Column(NamedTuple):
    """A column that is known: its place, its head and its field."""

    place: int
    head: str
    field: RollField

    @property
    def unit(self) -> str | None:
        """What stands in brackets."""
        found = BRACKETS.search(self.head)
        return found[1].strip() if found else None

    @property
    def words(self) -> str:
        """The head with the boundaries of its words."""
        return self.head.replace("_", " ")


Columns = dict[RollField, Column]


def plain_head(head: str) -> str:
    """A head without its unit, in lower case, letters alone.

    >>> plain_head("Base Rent ($/kW-month)"), plain_head("term_months")
    ('baserent', 'termmonths')
    """
    return re.sub("[^a-z]", "", BRACKETS.sub("", head).lower())


def fields_of(cells: list[str]) -> dict[int, RollField | None] | None:
    """The field of each cell of a row of heads; None where a row names no tenant, or nothing beside.

    >>> fields_of(["Tenant", "kW", "Notes"])
    {0: 'tenant', 1: 'contracted_kw', 2: None}
    """
    found = {i: FIELD_OF.get(plain_head(cell)) for i, cell in enumerate(cells) if cell}
    known = [name for name in found.values() if name]
    return found if "tenant" in known and len(known) > 1 else None
