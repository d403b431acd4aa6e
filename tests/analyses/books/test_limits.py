"""Books at their limits: one deal of very many leases, the fewest paths."""

import pytest
from tests.builders.books import FACTOR, GIVEN, request

from rackrate.analyses.books.book import underwrite_book

SHELL = GIVEN["deals"][2]
LEASES = 2000


def test_one_deal_of_two_thousand_leases_is_a_book():
    (site,) = SHELL["facilities"]
    lease = site["leases"][0] | {"contracted_kw": site["capacity_kw"] / LEASES, "commencement": "2026-03-15"}
    leases = [lease | {"id": f"lease {n}", "tenant": f"tenant {n}"} for n in range(LEASES)]
    tenants = [{"id": f"tenant {n}", "obligor": f"obligor {n % 40}", "rating": "BBB"} for n in range(LEASES)]
    deal = SHELL | {"facilities": [site | {"leases": leases}], "tenants": tenants}
    asked = {
        "scenarios": [{"top": 2, "month": 12}],
        "simulation": {"paths": 100, "seed": 7, "factor": FACTOR},
    }
    answer = underwrite_book(request([deal], **asked))
    assert (answer.counts.accepted, answer.deals[0].leases) == (1, LEASES), answer.rejects
    rows = answer.exposures.tenant.rows
    assert [(row.key, row.deals) for row in rows[:1]] == [
        ("obligor 0", 1)
    ]  # of forty alike the first by its bytes
    assert len(rows) == 40
    assert rows[0].share_debt == pytest.approx(1 / 40)
    assert answer.exposures.tenant.debt.effective == pytest.approx(40.0)
    assert [one.deals for one in answer.scenarios] == [1, 1]
