"""Tenants of a rent roll, matched to those of the deal by identifier or by name."""

import re
from collections.abc import Iterable

from rackrate.deal.answers.rent_roll import RollTenant
from rackrate.deal.requests.rent_roll import KnownTenant

COMPANY = re.compile(r"\b(?:inc|incorporated|llc|lp|ltd|limited|corp|corporation|plc|gmbh|co|company)\b")
LONGEST_ID, LONGEST_NAME = 64, 200


def plain_company(name: str) -> str:
    """A company's name in lower case, without marks and its legal form.

    >>> plain_company("Hyperion, Inc.") == plain_company("HYPERION INC")
    True
    """
    plain = re.sub(r"[^\w]+", " ", name.lower()).strip()
    return COMPANY.sub("", plain).strip() or plain


class Tenants:
    """The tenants met so far."""

    def __init__(self, known: Iterable[KnownTenant]) -> None:
        self._known, self._met = dict[str, set[str]](), dict[str, RollTenant]()
        for each in known:
            for name in (each.id, each.name or each.id):
                self._known.setdefault(plain_company(name), set()).add(each.id)

    def id_of(self, name: str) -> str:
        """Identifier of a tenant: the deal's where one has that identifier or name, else made of the name."""
        key = plain_company(name)
        if key not in self._met:
            known = sorted(self._known.get(key, ()))
            made = re.sub("[^a-z0-9]+", "-", key).strip("-")[:LONGEST_ID] or f"tenant-{len(self._met) + 1}"
            id_ = known[0] if len(known) == 1 else made
            self._met[key] = RollTenant(id=id_, name=name[:LONGEST_NAME], known=len(known) == 1)
        return self._met[key].id

    def all(self) -> list[RollTenant]:
        """All that were met, in the order of their first row."""
        return list(self._met.values())
