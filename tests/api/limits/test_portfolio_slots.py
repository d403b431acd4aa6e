"""Slots of portfolios: one line of all of them at a time, and so many portfolios at once."""

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest

from rackrate.analyses.problems import BUSY, LIMITED, Problem
from rackrate.api.limits.portfolio_slots import PortfolioSlots


def test_portfolios_share_a_slot_in_order_and_one_that_released_it_holds_up_nobody() -> None:
    async def story() -> list[str]:
        portfolio_slots, order = PortfolioSlots(), list[str]()

        async def portfolio(name: str, count: int) -> None:
            for _ in range(count):
                async with portfolio_slots.slot():
                    order.append(name)
                    await asyncio.sleep(0)

        await asyncio.gather(portfolio("a", 3), portfolio("b", 3))
        async with portfolio_slots.slot() as first:
            first.end()
            async with portfolio_slots.slot():
                order.append("meanwhile")
        return order

    assert asyncio.run(story()) == ["a", "b", "a", "b", "a", "b", "meanwhile"]


def test_seats_are_for_so_many_half_of_them_for_one_client_and_given_back() -> None:
    def kind(client: str) -> Any:
        with pytest.raises(Problem) as refused, portfolio_slots.limit.hold(client):
            pass
        assert int(refused.value.headers["Retry-After"]) >= 1
        return refused.value.kind

    portfolio_slots = PortfolioSlots(most=4)
    with portfolio_slots.limit.hold("alpha"), portfolio_slots.limit.hold("alpha"):
        assert kind("alpha") is LIMITED
        with portfolio_slots.limit.hold("beta"), portfolio_slots.limit.hold("gamma"):
            assert kind("delta") is kind("alpha") is BUSY
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(portfolio_slots.limit.hold(""))
        assert kind("") is BUSY
    assert portfolio_slots.limit.under_way == 0
    with portfolio_slots.limit.hold("alpha"):
        pass
