"""Codes of certificates: the kernel's numbers of steps and triggers, and the words of the contract."""

from rackrate.deal.pools.certificates import STEP_CONDITIONS, STEP_KINDS, STEP_ORDERS, TRIGGER_KINDS
from rackrate.kernel import records


def test_a_step_s_words_stand_in_the_order_in_which_the_kernel_numbers_them() -> None:
    assert [getattr(records, f"POOL_{kind.upper()}") for kind in STEP_KINDS] == list(range(8))
    assert [getattr(records, order.upper()) for order in STEP_ORDERS] == [0, 1, 2]
    named = {"always": "POOL_ALWAYS", "tripped": "WHEN_TRIPPED", "untripped": "WHEN_UNTRIPPED"}
    assert [getattr(records, named[condition]) for condition in STEP_CONDITIONS] == [0, 1, 2]


def test_a_trigger_s_words_stand_in_the_order_in_which_the_kernel_numbers_them() -> None:
    named = {"defaulted": "DEFAULTED_SHARE", "balance": "REMAINING_SHARE"}
    assert [getattr(records, named.get(kind, kind.upper())) for kind in TRIGGER_KINDS] == list(range(5))
