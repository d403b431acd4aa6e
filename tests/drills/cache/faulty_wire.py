"""A wire to a server, with a fault on it: a TCP proxy in a thread of its own."""

import asyncio
import random
import socket
import struct
import threading
from typing import Literal

Fault = Literal["none", "slow", "jitter", "trickle", "reset", "loading"]
LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"
RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends a reset


class FaultyWire:
    """Listens on loopback and passes bytes to `port`; `fault` says how replies come back."""

    def __init__(self, port: int) -> None:
        self.fault: Fault = "none"
        self.connections = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._target, self._random = port, random.Random(7)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(5)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def close(self) -> None:
        """Cut the wire."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._open.discard(writer)
            writer.close()
            return
        pumps = [
            asyncio.create_task(self._ask(reader, writer, upstream[1])),
            asyncio.create_task(self._reply(upstream[0], writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._open.discard(writer)
            writer.close()
            upstream[1].close()

    async def _ask(
        self, client: asyncio.StreamReader, answers: asyncio.StreamWriter, server: asyncio.StreamWriter
    ) -> None:
        while asked := await client.read(65536):
            if self.fault == "loading":
                answers.write(LOADING)
            else:
                server.write(asked)
                await server.drain()

    async def _reply(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while said := await server.read(65536):
            match self.fault:
                case "slow":
                    await asyncio.sleep(0.05)
                case "jitter":
                    await asyncio.sleep(self._random.uniform(0, 0.01))
                case "trickle":
                    for byte in said[:40]:
                        client.write(bytes([byte]))
                        await asyncio.sleep(0.002)
                    said = said[40:]
                case "reset":
                    client.write(said[: len(said) // 2])
                    await client.drain()
                    raw: socket.socket = client.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return
            client.write(said)
            await client.drain()
