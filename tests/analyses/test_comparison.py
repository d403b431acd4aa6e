"""Comparisons: one loan through several priorities of payments."""

import msgspec
import pytest
from tests.conftest import EXAMPLES

from rackrate.analyses.comparison import compare
from rackrate.analyses.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.comparison import ComparisonRequest
from rackrate.deal.requests.underwriting import Deal

RULESET = rulesets.newest()
POOL = msgspec.json.decode((EXAMPLES / "pool-of-three.json").read_bytes())


def test_a_deal_compared_in_its_own_template_is_the_deal() -> None:
    request = decode(
        msgspec.json.encode({"deal": POOL, "templates": ["abs_master_trust"]}), ComparisonRequest
    )
    answer = compare(request, RULESET, id="x")
    own = underwrite(decode(msgspec.json.encode(POOL), Deal), RULESET, id="x")
    assert answer.summary == own.summary
    assert answer.templates[0].tranches == own.tranches
    assert own.waterfall is not None
    assert answer.templates[0].sale == own.waterfall.sale
    assert answer.templates[0].triggers.trap == sum(own.waterfall.trapping)


def test_the_reserve_behind_principal_moves_cash_but_not_the_classes() -> None:
    request = decode(msgspec.json.encode({"deal": POOL}), ComparisonRequest)
    answer = compare(request, RULESET, id="x")
    trust, cmbs = answer.templates[:2]
    assert [shell.template for shell in answer.templates] == [
        "abs_master_trust",
        "cmbs_single_asset",
        "compute_term_loan",
        "project_finance",
    ]
    assert [tranche.principal for tranche in trust.tranches] == [
        tranche.principal for tranche in cmbs.tranches
    ]
    assert cmbs.equity != trust.equity


def test_a_comparison_without_a_structure_or_with_a_template_twice_is_refused() -> None:
    bare = {**POOL, "structure": None}
    body = {"deal": bare, "templates": ["project_finance", "project_finance"]}
    with pytest.raises(Invalid) as refusal:
        decode(msgspec.json.encode(body), ComparisonRequest)
    assert [error.pointer for error in refusal.value.errors] == ["/templates/1", "/deal/structure"]
