"""Default tables of tenants: of a rating, of one year, their own; beyond their last year, multiplied."""

import pytest
from tests.builders.deals import RULESET, Plain, deal, resolved

from rackrate.engine.facility.tenant_survival import cumulative_pd

RATINGS = {
    "AA-": "AA",
    "Baa2": "BBB",
    "A (low)": "A",
    "BBB+": "BBB",
    "Caa3": "CCC",
    "C": "CCC",
    "NR": "BB",
}


def pd_of(**terms: Plain) -> list[float]:
    """Cumulative default probability of one tenant to the ruleset's horizons."""
    of = deal(tenants=[{"id": "tenant", **terms}])
    table: list[float] = cumulative_pd(resolved(of).hazards, RULESET.credit.horizons)[0].tolist()
    return table


@pytest.mark.parametrize(("rating", "category"), RATINGS.items())
def test_a_rating_of_any_agency_defaults_as_its_category_does(rating: str, category: str) -> None:
    assert pd_of(rating=rating) == pytest.approx(RULESET.credit.cumulative_pd[category], rel=1e-12)


def test_a_one_year_probability_is_a_constant_hazard() -> None:
    assert pd_of(one_year_pd=0.1)[:3] == pytest.approx([0.1, 0.19, 0.271])


def test_a_table_of_ones_own_goes_before_a_probability_and_that_before_a_rating() -> None:
    own = [[1, 0.1], [2, 0.1]]
    assert pd_of(rating="AAA", one_year_pd=0.5, cumulative_pd=own)[:3] == pytest.approx([0.1, 0.1, 0.1])
    assert pd_of(rating="AAA", one_year_pd=0.5)[0] == pytest.approx(0.5)


def test_the_last_hazard_extends_beyond_the_table() -> None:
    """19% by year two, 10% of it in the first: the second year's hazard goes on."""
    assert pd_of(cumulative_pd=[[1, 0.0], [2, 0.1]])[:4] == pytest.approx([0.0, 0.1, 0.19, 1.0 - 0.9**4])


def test_a_multiplier_of_the_tenant_multiplies_the_hazard() -> None:
    assert pd_of(one_year_pd=0.19, pd_multiplier=0.5)[0] == pytest.approx(0.1)
