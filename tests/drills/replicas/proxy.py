"""The proxy of `deploy/haproxy` as a real process in front of real replicas."""

import csv
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, Process, free_port

CONFIGURATION = ROOT / "deploy/haproxy/haproxy.cfg"
BIND, SERVERS, SOCKET = "127.0.0.1:8080", "127.0.0.1:800{}", "/run/haproxy/admin.sock"


def configured(port: int, replicas: Sequence[int], admin: Path) -> str:
    """The configuration with other addresses, and nothing else changed."""
    text = CONFIGURATION.read_text()
    addresses = {BIND: f"127.0.0.1:{port}", SOCKET: str(admin)}
    addresses |= {SERVERS.format(i): f"127.0.0.1:{replica}" for i, replica in enumerate(replicas, 1)}
    for written, meant in addresses.items():
        assert text.count(f"{written}\n") + text.count(f"{written} ") == 1, written
        text = text.replace(written, meant)
    return text


class Proxy(Process):
    """HAProxy in front of replicas, called a, b, c in their order."""

    def __init__(self, folder: Path, replicas: Sequence[int]) -> None:
        self.port, self.names = free_port(), "abc"[: len(replicas)]
        self.url, self.admin = f"http://127.0.0.1:{self.port}", folder / "admin.sock"
        file = folder / "haproxy.cfg"
        file.write_text(configured(self.port, replicas, self.admin))
        super().__init__(
            ["/usr/sbin/haproxy", "-db", "-f", str(file)],
            lambda: self.admin.exists() and all(map(self.takes, self.names)),
            None,
            folder / "haproxy.log",
        )

    def tell(self, command: str) -> str:
        """What the proxy says to a command of its administrator."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(10)
            wire.connect(str(self.admin))
            wire.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: wire.recv(65536), b"")).decode()

    def stat(self, name: str) -> dict[str, Any]:
        """The statistics of a replica, or of all by the name BACKEND."""
        lines = self.tell("show stat").removeprefix("# ").splitlines()
        (row,) = (
            row for row in csv.DictReader(lines) if (row["pxname"], row["svname"]) == ("rackrate", name)
        )
        return row

    def takes(self, name: str) -> bool:
        """Whether a replica is found ready, and is given new requests."""
        stat = self.stat(name)
        return stat["check_status"] == "L7OK" and str(stat["status"]).startswith("UP")

    def drains(self, name: str) -> bool:
        """Whether a replica is given nothing new, and is to end what it has."""
        return str(self.stat(name)["status"]).startswith("DRAIN")

    def drain(self, name: str) -> None:
        assert not self.tell(f"set server rackrate/{name} state drain").strip()

    def readmit(self, name: str) -> None:
        assert not self.tell(f"set server rackrate/{name} state ready").strip()

    def under_way(self, name: str) -> int:
        """Requests that a replica has and has not answered."""
        return int(self.stat(name)["scur"])

    def is_idle(self, name: str) -> bool:
        return not self.under_way(name)

    def served(self) -> dict[str, int]:
        """Answers of each replica so far, by status 2xx."""
        return {name: int(self.stat(name)["hrsp_2xx"]) for name in self.names}
