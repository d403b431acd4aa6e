"""Bodies that are held at once: each counts once, so that all of the budget is there to be used."""

import socket
import time
from collections.abc import Callable
from typing import Any

from tests.drills.figures import Figures
from tests.drills.processes.test_processes import port_of

from rackrate.api.limits.body_budget import BODY_BYTES

SIZE = 1_048_000
COUNT = BODY_BYTES // SIZE - 2
LINES = "Host: x", "Content-Type: application/json", f"Content-Length: {SIZE}"
HEAD = "\r\n".join(["POST /v1/underwritings HTTP/1.1", *LINES, "", ""])


def test_bodies_that_are_whole_at_once_use_all_of_the_budget(
    start_service: Callable[..., Any], figures: Figures
) -> None:
    """62 bodies of 1,048,000 bytes are 62 of 64 MiB; counted twice, the third that is whole is too much."""
    service = start_service(workers="1")
    body, clients = b"[" + b" " * (SIZE - 2) + b"]", list[socket.socket]()
    for _ in range(COUNT):
        clients.append(socket.create_connection(("127.0.0.1", port_of(service)), timeout=60))
        clients[-1].sendall(HEAD.encode() + body[:-1])
    time.sleep(1.0)  # for all of them to be held
    for client in clients:
        client.sendall(body[-1:])
    heads = [client.recv(65536).partition(b"\r\n\r\n")[0].lower() for client in clients]
    for client in clients:
        client.close()
    assert all(head.startswith((b"http/1.1 400", b"http/1.1 422", b"http/1.1 503")) for head in heads)
    refused = sum(b"connection: close" in head for head in heads)
    drill = f"{COUNT} bodies of 1 MiB whole at once"
    figures.hold(drill, "refused for want of room for bodies", refused, 0)
