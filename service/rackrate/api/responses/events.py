"""Server-sent events: progress of a computation, then its result."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

from rackrate.api.compute.dispatcher import Answer

EVENTS = "text/event-stream"


async def events(
    answering: asyncio.Task[Answer], progress: asyncio.Queue[tuple[int, int]], first: tuple[int, int]
) -> AsyncIterator[bytes]:
    """Yield an event for each report of progress, then one with the answer."""
    try:
        done, of = first
        while True:
            yield event("progress", msgspec.json.encode({"done": done, "of": of}))
            waiting = asyncio.create_task(progress.get())
            await asyncio.wait({answering, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                break
            done, of = waiting.result()
        yield event("result", (await answering).whole)
    finally:
        answering.cancel()


def event(name: str, data: bytes) -> bytes:
    """Encode one server-sent event.

    >>> event("progress", b"{}")
    b'event: progress\\ndata: {}\\n\\n'
    """
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
