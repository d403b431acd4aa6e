"""Answers that nobody reads: left for so long, held up to so much, and no client's alone."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import uvloop
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.analyses import projection
from rackrate.analyses.projection import PIECE, View, show, translated
from rackrate.api.responses.representation import shown
from rackrate.api.server import unread
from rackrate.api.server.transports import LingeringTransport
from rackrate.api.server.unread import MIB_S, UnreadResponses
from rackrate.api.telemetry.metrics import UNREAD_DROPPED
from rackrate.deal.codec.media_types import MSGPACK

MIB = 1024 * 1024
Document = dict[str, Any]


@dataclass(eq=False)
class Held:
    """A connection as far as its buffer goes."""

    peer: str
    unsent: int
    dropped: bool = False

    def drop(self) -> None:
        self.dropped, self.unsent = True, 0


def test_an_answer_is_left_for_its_time_and_a_client_that_takes_some_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unread, "LOOK_S", 0.01)

    async def story() -> list[bool]:
        held = [Held("a", 1000), Held("b", 1000), Held("c", 0), Held("d", int(10 * MIB / MIB_S))]
        books = UnreadResponses(take_s=0.2)
        books.watch(held)
        for _ in range(4):
            await asyncio.sleep(0.1)
            books.taken(held[1])  # as each time that its buffer is nearly empty
        return [connection.dropped for connection in held]

    assert asyncio.run(story()) == [True, False, False, False]


def test_who_holds_most_loses_the_oldest_and_nobody_has_more_than_half() -> None:
    """Of 10 MiB one may have 5, so that of its four times 2 MiB the two oldest go; then a third."""

    async def story() -> None:
        books = UnreadResponses(most=10 * MIB)
        greedy = [Held("greedy", 2 * MIB) for _ in range(4)]
        others = [Held(f"other-{i}", 2 * MIB) for i in range(3)]
        before = UNREAD_DROPPED.labels("share")._value.get()
        for connection in [others[0], *greedy, *others[1:]]:
            books.held(connection)
        assert [connection.dropped for connection in greedy] == [True, True, False, False]
        assert not any(connection.dropped for connection in others)
        books.held(Held("another", 2 * MIB))
        assert [connection.dropped for connection in greedy] == [True, True, True, False]
        assert UNREAD_DROPPED.labels("share")._value.get() == before + 3

    asyncio.run(story())


def test_a_large_answer_is_translated_piece_by_piece_into_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, client: TestClient[Litestar], deal: Document
) -> None:
    whole = client.post("/v1/underwritings?detail=facility", json=deal).content
    at_once = msgspec.msgpack.encode(msgspec.json.decode(whole))
    for piece in (PIECE, 10_000, 100, 10):
        monkeypatch.setattr(projection, "PIECE", piece)
        assert translated(whole) == at_once


def test_the_event_loop_runs_on_while_a_large_answer_is_cut_and_translated() -> None:
    """Twelve MiB of figures take a tenth of a second; in one call the loop would wait for all of it."""
    rows = [[0.123456789 + i] * 500 for i in range(2000)]
    whole = json.dumps({"flow": rows, "other": 1}, separators=(",", ":")).encode()
    view = View(media=MSGPACK)

    async def story() -> tuple[int, int]:
        turns, showing = 0, asyncio.create_task(shown(whole, view))
        while not showing.done():
            await asyncio.sleep(0.001)
            turns += 1
        return turns, len(showing.result())

    turns, size = asyncio.run(story())
    assert size == len(show(whole, view))
    assert turns > 5  # in one call it comes round twice


def test_a_view_of_a_large_answer_is_the_view_of_a_small_one(
    client: TestClient[Litestar], deal: Document
) -> None:
    def answer(query: str) -> bytes:
        return client.post(f"/v1/underwritings{query}", json=deal).content

    whole, cut = json.loads(answer("")), json.loads(answer("?fields=summary,tranches"))
    assert cut == {name: whole[name] for name in ("summary", "tranches")}


def test_what_is_written_behind_the_end_of_a_dropped_connection_is_nowhere_and_no_fault() -> None:
    """An answer that was being computed when its connection was dropped is one such."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        inner, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname())
        transport = LingeringTransport(inner, lambda: 0)
        transport.abort()
        await asyncio.sleep(0.05)
        transport.write(b"late")
        transport.writelines([b"later", b"still"])
        assert transport.is_closing()
        assert inner.get_write_buffer_size() == 0
        server.close()
        await server.wait_closed()

    uvloop.run(story())
