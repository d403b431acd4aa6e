"""Redis in numbers: a cluster of three masters or of six nodes, and a master under a sentinel's eye."""

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
    """Three masters with a third of the slots each, and a replica of each where they are asked for."""

    def __init__(self, folder: Path, replicated: bool = False) -> None:
        ports = self._ports(6 if replicated else 3)
        self.nodes = [Redis(folder, *self._options(port), port=port) for port in ports]
        third = -(-SLOTS // 3)
        for i, node in enumerate(self.nodes):
            with redis.Redis(port=node.port) as asked:
                asked.execute_command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
                if i < 3:
                    slots = range(i * third, min(SLOTS, (i + 1) * third))
                    asked.execute_command("CLUSTER", "ADDSLOTS", *slots)
                asked.execute_command("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        until(lambda: all(map(self.is_whole, self.nodes)), "the cluster")
        for master, replica in zip(self.nodes, self.nodes[3:], strict=False):
            with redis.Redis(port=master.port) as told, redis.Redis(port=replica.port) as asked:
                asked.execute_command("CLUSTER", "REPLICATE", told.execute_command("CLUSTER", "MYID"))
        until(lambda: all(map(self.is_copied, self.nodes[3:])), "the replicas")
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        self.url = f"redis+cluster://{hosts}"

    def is_whole(self, node: Redis) -> bool:
        with redis.Redis(port=node.port) as asked:
            told = str(asked.execute_command("CLUSTER", "INFO"))
        return "cluster_state:ok" in told and f"cluster_known_nodes:{len(self.nodes)}" in told

    @staticmethod
    def is_master(node: Redis) -> bool:
        with redis.Redis(port=node.port) as asked:
            return bool(asked.execute_command("ROLE")[0] == b"master")

    @staticmethod
    def is_copied(replica: Redis) -> bool:
        with redis.Redis(port=replica.port) as asked:
            return asked.info("replication").get("master_link_status") == "up"

    def keys(self) -> list[set[bytes]]:
        """The keys that each node has, of those that run."""
        return [self._keys(node) for node in self.nodes if node.child.poll() is None]

    @staticmethod
    def _keys(node: Redis) -> set[bytes]:
        with redis.Redis(port=node.port) as asked:
            return set(asked.scan_iter("rackrate:*"))

    @staticmethod
    def _ports(count: int) -> list[int]:
        ports: list[int] = []
        while len(ports) < count:
            port = cluster_port()
            ports += [port] if port not in ports else []
        return ports

    @staticmethod
    def _options(port: int) -> list[str]:
        settings = {"enabled": "yes", "config-file": f"nodes-{port}.conf", "node-timeout": "1000"}
        words = [word for name, value in settings.items() for word in (f"--cluster-{name}", value)]
        return [*words, "--repl-diskless-sync-delay", "0"]


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
