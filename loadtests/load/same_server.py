"""Run an application on the server of the service, so that only the application differs.

python -m loadtests.load.same_server MODULE:FACTORY PORT
"""

import socket
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rackrate.api.server import worker
from rackrate.api.server.connections import Connections, descriptors
from rackrate.api.server.protocol import PatientProtocol

CONNECTIONS = Connections(descriptors())


class Stranger(PatientProtocol):
    """The protocol for an application that it knows nothing of: clocks, sizes, and no peek at its bytes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        HttpToolsProtocol.__init__(self, *arguments, **options)
        self._connections, self._longest_body = CONNECTIONS, lambda path: 0

    def _is_idle(self) -> bool:
        return False


if __name__ == "__main__":
    worker.APPLICATION = sys.argv[1]
    worker.PatientProtocol = Stranger  # type: ignore[misc]  # the one it serves with
    worker.serve_on(socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=2048), "info")
