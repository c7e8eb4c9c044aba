"""Private RabbitMQ and PostgreSQL servers, each in a directory of its own, on 127.0.0.1 only.

    with Broker(path / "broker") as broker, Postgres(path / "postgres") as postgres:
        broker.url, postgres.admin_url

A server keeps its ports and passwords in its directory, so that a restart changes nothing. A broker or database that
the machine already has is never touched. Standard library only, so that nothing has to be installed before it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from deploy import packages, processes
from deploy.server import Server, ServerError, write_private

SCRIPTS = Path("/usr/lib/rabbitmq/bin")


class Broker(Server):
    """A RabbitMQ node without plugins, without epmd, and with one user and one virtual host, both `jinlin`."""

    label = "RabbitMQ"
    ports = 2
    node = "jinlin@localhost"

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"amqp://jinlin:{quote(self.password)}@127.0.0.1:{self.port}/jinlin"

    def install(self) -> None:
        """Install RabbitMQ from the distribution where it is missing."""
        if not SCRIPTS.exists():
            packages.install(["rabbitmq-server"], self.label, ["rabbitmq-server"])

    def prepare(self) -> None:
        """Write the configuration; refuse data of an older major version, which no upgrade path leads from."""
        if re.search(r"\s", str(self.directory)):
            raise ServerError(f"RabbitMQ cannot work below a folder with a space in its name: {self.directory}")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)  # RabbitMQ lets everybody read its files
        installed = (SCRIPTS / "rabbitmq-server").resolve().parents[1]
        found = installed.name.rpartition("-")[2]
        version = self.directory / "version"
        written = version.read_text() if version.exists() else found
        if written.split(".")[0] != found.split(".")[0]:
            raise ServerError(
                f"{self.directory} was written by RabbitMQ {written}, and this machine now has {found}, which cannot read it. "
                "Put the old version back, or start empty with ./run reset."
            )
        version.write_text(found)
        (self.directory / "plugins").write_text("[].\n")
        self._lay_out_home(installed)
        write_private(
            self.directory / "rabbitmq.conf",
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"default_user = jinlin\ndefault_pass = {self.password}\ndefault_vhost = jinlin\n"
            "log.console = true\nlog.console.level = info\nlog.connection.level = warning\nlog.file = false\n"
            # The default keeps up to 512 MB of quorum queue log in memory.
            "raft.wal_max_size_bytes = 67108864\n",
        )

    def _lay_out_home(self, installed: Path) -> None:
        # The server looks for each of a thousand modules in the folder of every plugin on offer, used or not.
        # Without them it starts in half the time.
        home = self.directory / "home"
        shutil.rmtree(home, ignore_errors=True)
        (home / "plugins").mkdir(parents=True)
        for name in ("sbin", "escript"):
            (home / name).symlink_to(installed / name)
        for path in (installed / "plugins").iterdir():
            if not path.name.startswith("rabbitmq_") or path.name.startswith("rabbitmq_prelaunch"):
                (home / "plugins" / path.name).symlink_to(path)

    def command(self) -> list[str]:
        """The plain script: the distribution's wrapper changes the user."""
        return [str(SCRIPTS / "rabbitmq-server")]

    def recognised_by(self) -> tuple[str, ...]:
        """A flag that means nothing to Erlang, added to the others."""
        return "-jinlin", str(self.directory)

    def environment(self) -> dict[str, str]:
        """Point every path into the directory, and the Erlang distribution at 127.0.0.1."""
        port = self.remembered_ports()[1]
        distribution = f"-start_epmd false -erl_epmd_port {port} -kernel inet_dist_use_interface {{127,0,0,1}}"
        foreign = ("RABBITMQ_", "ERL_", "NOTIFY_SOCKET")
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith(foreign)},
            "HOME": str(self.directory),  # the Erlang cookie
            "LC_ALL": "C.UTF-8",
            "RUNNING_UNDER_SYSTEMD": "true",  # makes the script become the server instead of its parent
            "RABBITMQ_SCRIPTS_DIR": str(self.directory / "home" / "sbin"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "plugins"),
            # Its queues break as soon as they need a second file below a folder with Chinese letters in its name
            # (ra_lib:zpad_filename_incr). It runs in the directory, so this is the same place under another name.
            "RABBITMQ_MNESIA_BASE": "/proc/self/cwd/data",
            "RABBITMQ_LOG_BASE": str(self.directory),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(port),
            "RABBITMQ_MAX_NUMBER_OF_PROCESSES": "131072",
            "RABBITMQ_MAX_NUMBER_OF_ATOMS": "1048576",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-sname {self.node} {distribution} +S 2:2 {' '.join(self.recognised_by())}",
            "RABBITMQ_CTL_ERL_ARGS": f"{distribution} -dist_listen false",
        }

    def ready(self) -> bool:
        """Tell whether the broker answers an AMQP greeting."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as client:
                client.settimeout(2)
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return client.recv(1) == b"\x01"
        except OSError:
            return False

    def control(self, *arguments: str) -> str:
        """Run rabbitmqctl against this broker and return what it prints."""
        done = subprocess.run(
            [str(SCRIPTS / "rabbitmqctl"), "-q", *arguments],
            env=self.environment(),
            cwd="/",
            text=True,
            capture_output=True,
        )
        if done.returncode:
            raise ServerError(f"rabbitmqctl {' '.join(arguments)} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def pause(self) -> None:
        """Close every connection and refuse new ones, while the server process stays."""
        self.control("stop_app")

    def resume(self) -> None:
        """Accept connections again after pause()."""
        self.control("start_app")
        self.wait()


class Postgres(Server):
    """A PostgreSQL cluster; run by the system's `postgres` user where we are root, which PostgreSQL refuses."""

    label = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends sessions, keeps the data in order

    def __init__(self, directory: Path | str, durable: bool = True) -> None:
        """Take durable=False for tests only: faster, survives kill(), loses data when the machine's power fails."""
        super().__init__(directory)
        self.durable = durable

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    def recognised_by(self) -> tuple[str, ...]:
        """The data directory, as the command names it."""
        return "-D", str(self.data)

    @property
    def admin_url(self) -> str:
        """The superuser's address of the database `postgres`."""
        return f"postgresql+psycopg2://postgres:{quote(self.password)}@127.0.0.1:{self.port}/postgres"

    @property
    def programs(self) -> Path:
        """The directory of the programs that fit the data: the newest ones, while there is no data."""
        installed = {path.parts[-3]: path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")}
        made_by = self.data / "PG_VERSION"
        version = made_by.read_text().strip() if made_by.exists() else max(installed, key=float, default="")
        if version not in installed:
            raise ServerError(
                f"{self.directory} was written by PostgreSQL {version}, which this machine does not have. "
                f"Install postgresql-{version}, or start empty with ./run reset."
            )
        return installed[version]

    def install(self) -> None:
        """Install PostgreSQL from the distribution where it is missing."""
        if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            packages.install(["postgresql"], self.label, ["postgresql"])

    def prepare(self) -> None:
        """Make the cluster at the first start; remove the lock file that a power failure left behind."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._initialise()
        lock = self.data / "postmaster.pid"
        words = lock.read_text().split() if lock.exists() else ["0"]
        if not self.pid and (not words or processes.alive(int(words[0]))):
            # After a power failure it is empty, or names a process that is somebody else's by now: no server would start.
            lock.unlink()

    def _initialise(self) -> None:
        # Made aside and renamed at the end: an interrupted start leaves no half cluster.
        draft, password = self.directory / "data.new", self.directory / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        write_private(password, self.password)
        if os.geteuid() == 0:
            shutil.chown(draft, "postgres")
            shutil.chown(password, "postgres")
        command = [
            *self._as_user(), str(self.programs / "initdb"), "--username=postgres", f"--pgdata={draft}", f"--pwfile={password}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        done = subprocess.run(command, env=self.environment(), cwd=draft, text=True, capture_output=True)
        password.unlink()
        if done.returncode:
            raise ServerError(f"PostgreSQL could not make its data directory:\n{done.stdout}{done.stderr}")
        draft.rename(self.data)

    def _as_user(self) -> list[str]:
        """Return what goes before a command so that it does not run as root."""
        if os.geteuid() != 0:
            return []
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        if subprocess.run([*become, "test", "-x", str(self.directory)], stderr=subprocess.DEVNULL).returncode:
            # Somewhere below /root, say. The alternative would be data outside our own folder.
            become += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return become

    def command(self) -> list[str]:
        """Every setting is on the command line, so that one place decides them at every start."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "48MB",
            "max_connections": 200,
            "max_wal_size": "256MB",
            "jit": "off",
            "autovacuum_naptime": "10s",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
        }
        if not self.durable:
            # synchronous_commit stays: without it a killed server loses what it said was committed.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        chosen = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return [*self._as_user(), str(self.programs / "postgres"), *self.recognised_by(), *chosen]

    def environment(self) -> dict[str, str]:
        """Keep the caller's environment, but for variables that PostgreSQL reads."""
        return {**{key: value for key, value in os.environ.items() if not key.startswith("PG")}, "LC_ALL": "C.UTF-8"}

    def ready(self) -> bool:
        """Tell whether the server has said in its lock file that it accepts connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == self.pid


def start_all(*servers: Server) -> None:
    """Start servers side by side; when one fails, stop all and raise its error."""
    try:
        for server in servers:
            server.begin()
        for server in servers:
            server.wait()
    except BaseException:
        for server in servers:
            server.stop()
        raise


if __name__ == "__main__":
    {"broker": Broker, "database": Postgres}[sys.argv[1]](sys.argv[2]).execute()
