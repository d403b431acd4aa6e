"""Redis in numbers: a cluster of three nodes, and a master with a replica under a sentinel's eye."""

import socket
from pathlib import Path

import redis
from tests.conftest import Process, Redis, free_port, redis_binary, until

SLOTS = 16384
BUS = 10_000  # how far a node's second port is from its first


def cluster_port() -> int:
    """A free port whose second one is free too."""
    while True:
        port = free_port()
        if port + BUS < 65536:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port + BUS)):
                    return port


class Cluster:
    """Three masters with a third of the slots each."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [Redis(folder, *self._options(port), port=port) for port in self._ports()]
        third = -(-SLOTS // 3)
        for i, node in enumerate(self.nodes):
            with redis.Redis(port=node.port) as asked:
                asked.execute_command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
                slots = range(i * third, min(SLOTS, (i + 1) * third))
                asked.execute_command("CLUSTER", "ADDSLOTS", *slots)
                asked.execute_command("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        until(lambda: all(self.is_whole(node) for node in self.nodes), "the cluster")
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        self.url = f"redis+cluster://{hosts}"

    @staticmethod
    def is_whole(node: Redis) -> bool:
        with redis.Redis(port=node.port) as asked:
            told = str(asked.execute_command("CLUSTER", "INFO"))
        return "cluster_state:ok" in told and "cluster_known_nodes:3" in told

    def keys(self) -> list[int]:
        """How many keys each node has."""
        counts = []
        for node in self.nodes:
            with redis.Redis(port=node.port) as asked:
                counts.append(len(list(asked.scan_iter("rackrate:*"))))
        return counts

    @staticmethod
    def _ports() -> list[int]:
        ports: list[int] = []
        while len(ports) < 3:
            port = cluster_port()
            ports += [port] if port not in ports else []
        return ports

    @staticmethod
    def _options(port: int) -> list[str]:
        settings = {"enabled": "yes", "config-file": f"nodes-{port}.conf", "node-timeout": "1000"}
        return [word for name, value in settings.items() for word in (f"--cluster-{name}", value)]


class Sentinel(Process):
    """Watches a master, and makes its replica the master when it is gone for half a second."""

    def __init__(self, folder: Path, master: Redis) -> None:
        self.port = free_port()
        self.url = f"redis+sentinel://127.0.0.1:{self.port}/mymaster/0"
        config = folder / "sentinel.conf"
        lines = ["bind 127.0.0.1", f"port {self.port}", f"dir {folder}"]
        lines.append(f"sentinel monitor mymaster 127.0.0.1 {master.port} 1")
        lines.append("sentinel down-after-milliseconds mymaster 500")
        lines.append("sentinel failover-timeout mymaster 3000")
        config.write_text("\n".join([*lines, ""]))
        command = [redis_binary(), str(config), "--sentinel"]
        super().__init__(command, self._sees_a_replica, None, folder / "sentinel.log")

    def master(self) -> int:
        """The port of who is master now."""
        with redis.Redis(port=self.port) as asked:
            return int(asked.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")[1])

    def _sees_a_replica(self) -> bool:
        try:
            with redis.Redis(port=self.port) as asked:
                return len(asked.execute_command("SENTINEL", "REPLICAS", "mymaster")) == 1
        except redis.RedisError:
            return False
