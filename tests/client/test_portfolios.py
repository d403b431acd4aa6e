"""Portfolios of a client: in order, lazily, each line for itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Service

import rackrate
from rackrate.client import AsyncClient, Client, Invalid, Malformed, Refusal, portfolios


@pytest.fixture
def deal(examples: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    return found


def test_each_deal_is_answered_in_order_under_its_key_and_a_refusal_costs_that_one_only(
    client: Client, deal: dict[str, Any]
) -> None:
    text = json.dumps(deal | {"name": "pretty"}, indent=1).replace("\n", "\r\n")
    wrong = deal | {"debt": deal["debt"] | {"rate": float("nan")}}
    asked = [deal, ("B", text), ("C", {"name": "x"}), wrong, "[", ("F", text.encode())]
    told = list(client.portfolio(asked))
    assert [(answer.line, answer.key) for answer in told] == list(
        zip(range(1, 7), (None, "B", "C", None, None, "F"), strict=True)
    )
    assert [type(answer.error) for answer in told] == [
        type(None), type(None), Invalid, Malformed, Malformed, type(None),
    ]  # fmt: skip
    assert told[0].underwriting == rackrate.underwrite(deal)
    assert told[1].underwriting == told[5].underwriting == rackrate.underwrite(text)
    assert isinstance(told[2].error, Refusal)
    assert "/closing" in {error.pointer for error in told[2].error.errors} or told[2].error.errors


def test_parts_of_each_answer_are_given_where_asked_for(client: Client, deal: dict[str, Any]) -> None:
    (told,) = client.portfolio([deal], fields=["summary"])
    whole = rackrate.underwrite(deal)
    assert (told.parts, told.underwriting, told.id) == ({"summary": whole.summary}, None, whole.id)


def test_deals_are_read_a_batch_ahead_of_the_answers_that_are_taken(
    client: Client, deal: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolios, "LINES", 4)
    read = 0

    def deals() -> Iterator[dict[str, Any]]:
        nonlocal read
        for number in range(10):
            read += 1
            yield deal | {"name": f"deal {number}"}

    seen = [(answer.line, read) for answer in client.portfolio(deals(), fields=["summary"])]
    assert seen == [(line, min(10, 4 * ((line + 3) // 4))) for line in range(1, 11)]


def test_a_large_portfolio_of_large_deals_is_cut_by_bytes(
    client: Client, deal: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolios, "BYTES", 10_000)
    told = list(client.portfolio([deal | {"name": f"deal {i}"} for i in range(12)], fields=["summary"]))
    assert [answer.line for answer in told] == list(range(1, 13))
    assert not any(answer.error for answer in told)


def test_no_deals_ask_nothing_and_an_empty_one_is_refused_here(client: Client) -> None:
    assert list(client.portfolio([])) == []
    with pytest.raises(ValueError, match="deal 2 is empty"):
        list(client.portfolio(["{}", " \n"]))


def test_the_awaiting_client_takes_deals_as_they_come(service: Service, deal: dict[str, Any]) -> None:
    async def deals() -> AsyncIterator[dict[str, Any]]:
        for number in range(3):
            await asyncio.sleep(0)
            yield deal | {"name": f"deal {number}"}

    async def asked() -> list[Any]:
        async with AsyncClient(service.url) as client:
            one = [answer.underwriting async for answer in client.portfolio(deals())]
            return one + [answer.underwriting async for answer in client.portfolio([deal])]

    expected = [rackrate.underwrite(deal | {"name": f"deal {number}"}) for number in range(3)]
    assert asyncio.run(asked()) == [*expected, rackrate.underwrite(deal)]


def test_leaving_a_portfolio_ends_it(client: Client, deal: dict[str, Any]) -> None:
    answers = client.portfolio(deal | {"name": f"deal {i}"} for i in range(400))
    assert next(answers).line == 1
    answers.close()  # type: ignore[attr-defined]
    assert client.underwrite(deal).id
