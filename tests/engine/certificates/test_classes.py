"""Principals of certificates."""

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.pool.pools import loan, pool, structure, underwritten


@given(balance=st.floats(1e6, 9e9), share=st.floats(0.05, 0.95))
def test_a_class_of_whole_cents_is_the_decimal_that_is_written_and_no_cent_too_many(
    balance: float, share: float
) -> None:
    limits = [{"kind": "credit_enhancement", "limit": 1.0 - share}]
    senior = {"name": "A", "rank": 1, "coupon": {"wac_less": 0.0}, "limits": limits}
    rest = {"name": "B", "rank": 2, "coupon": {"wac_less": 0.0}, "residual": True}
    security = {"kind": "stated", "noi": balance, "ncf": balance, "value": 2 * balance}
    document = pool(
        loan(balance=balance, security=security), structure=structure(senior, rest, denomination=0.01)
    )
    principal = underwritten(document, with_tranches=True).tranches[0].principal
    assert principal == round(principal, 2)
    assert principal <= balance * (1.0 - (1.0 - share)) + 1e-6
