"""Run an application on the server of the service, so that only the application differs.

python loadtests/load_same_server.py MODULE:FACTORY PORT
"""

import socket
import sys

from rackrate.api import server

if __name__ == "__main__":
    server.APPLICATION = sys.argv[1]
    server.serve_on(socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=2048), "info")
