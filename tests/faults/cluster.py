"""Three RabbitMQ nodes that are one cluster, each a server of its own on 127.0.0.1."""

import json
import os
import subprocess
from pathlib import Path

from deploy.server import free_ports, write_private
from deploy.servers import Broker
from tests.station import eventually

NAMES = ("one", "two", "three")


class Node(Broker):
    """One node. The nodes find one another's ports through an epmd that nobody else uses."""

    def __init__(self, cluster: "Cluster", name: str):
        super().__init__(cluster.directory / name)
        self.cluster, self.node = cluster, f"jinlin-{name}@localhost"

    def prepare(self) -> None:
        write_private(self.directory / "password", self.cluster.password)
        super().prepare()
        cookie = self.directory / ".erlang.cookie"
        if not cookie.exists():
            write_private(cookie, self.cluster.password)
            cookie.chmod(0o400)
        with (self.directory / "rabbitmq.conf").open("a") as file:
            file.write("cluster_formation.peer_discovery_backend = classic_config\n")
            for number, name in enumerate(NAMES, 1):
                file.write(f"cluster_formation.classic_config.nodes.{number} = jinlin-{name}@localhost\n")
            file.write("cluster_partition_handling = pause_minority\n")

    def environment(self) -> dict[str, str]:
        found = super().environment()
        port = self.remembered_ports()[1]
        names = ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "RABBITMQ_CTL_ERL_ARGS")
        own = {name: found[name].replace(f"-erl_epmd_port {port} ", "") for name in names}
        # Every node answers rabbitmqctl by itself, so they must be able to reach it.
        own["RABBITMQ_CTL_ERL_ARGS"] = own["RABBITMQ_CTL_ERL_ARGS"].replace("-dist_listen false", "")
        return {**found, **own, "ERL_EPMD_PORT": str(self.cluster.epmd_port)}


class Cluster:
    """The nodes together; for a Chain it is a broker like any other."""

    def __init__(self, directory: Path):
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.password = "only-for-tests"
        (self.epmd_port,) = free_ports(1)
        self.nodes = [Node(self, name) for name in NAMES]
        self._epmd = None

    def __enter__(self):
        environment = {**os.environ, "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self._epmd = subprocess.Popen(["epmd"], env=environment, stdin=subprocess.DEVNULL)
        try:
            for node in self.nodes:
                node.begin()
            for node in self.nodes:
                node.wait()
            eventually(lambda: len(self.running()) == len(self.nodes), within=60, every=0.5)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        self._epmd.kill()
        self._epmd.wait()

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"amqp://jinlin:{self.password}@{hosts}/jinlin"

    def control(self, *arguments: str) -> str:
        """Run rabbitmqctl against a node that runs."""
        return next(node for node in self.nodes if node.pid).control(*arguments)

    def running(self) -> list[str]:
        return json.loads(self.control("cluster_status", "--formatter", "json"))["running_nodes"]

    def leader(self, queue: str) -> Node:
        """Return the node that leads a quorum queue."""
        listed = json.loads(self.control("list_queues", "-p", "jinlin", "name", "leader", "--formatter", "json"))
        (name,) = [row["leader"] for row in listed if row["name"] == queue]
        return next(node for node in self.nodes if node.node == name)

    def members(self, queue: str) -> list[str]:
        """Return the members of a quorum queue that are up."""
        listed = json.loads(self.control("list_queues", "-p", "jinlin", "name", "online", "--formatter", "json"))
        (found,) = [row["online"] for row in listed if row["name"] == queue]
        return found
