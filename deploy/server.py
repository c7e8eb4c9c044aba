"""What every private server has in common: a directory, remembered ports and password, one server process."""

import os
import random
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from deploy import processes

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up).
PORTS = range(20000, 32000)


class ServerError(RuntimeError):
    """A server cannot do what was asked; the message says what to do."""


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether nothing listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return distinct ports that nothing listens on."""
    return [port for port in random.sample(PORTS, len(PORTS)) if port_is_free(port)][:count]


def write_private(path: Path, text: str) -> None:
    """Write a whole file that only its owner can read; a reader sees the old or the new text, never half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"


class Server:
    """What a broker and a database have in common: a directory, ports, a password, one server process."""

    label = ""
    ports = 1
    start_seconds = 60
    stop_seconds = 20
    stop_signal = signal.SIGTERM

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory).resolve()
        self.log = self.directory / "server.log"
        self._child: subprocess.Popen | None = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return self.remembered_ports()[0]

    @property
    def password(self) -> str:
        """The administrator's password, generated once."""
        return self._kept("password", lambda: secrets.token_urlsafe(24))

    @property
    def pid(self) -> int | None:
        """The id of the real server process, None when it does not run; whoever started it."""
        if self._child:
            self._child.poll()  # reaps it when it is dead
        return next(iter(processes.started_with(*self.recognised_by())), None)

    def start(self):
        """Start the server, unless it runs, and return when clients can connect."""
        self.begin()
        self.wait()
        return self

    def begin(self) -> None:
        """Start the server without waiting for it."""
        if self.pid:
            return
        self.install()
        self.choose_ports()
        self.prepare()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command(), env=self.environment(), cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        """Return when clients can connect; raise with the end of the log when that does not come about."""
        deadline = time.monotonic() + self.start_seconds
        while not self.ready():
            died = self._child and self._child.poll() is not None
            if died or time.monotonic() > deadline:
                self.stop()
                how = "stopped while it started" if died else f"was not ready after {self.start_seconds} s"
                raise ServerError(f"{self.label} {how}. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server in good order; kill it when it does not."""
        self._end(self.stop_signal, self.stop_seconds)

    def kill(self) -> None:
        """Kill the server and its helpers with SIGKILL, as a power failure would."""
        self._end(signal.SIGKILL, 5)

    def execute(self) -> None:
        """Become the server: for a supervisor, which then holds the real server process."""
        self.prepare()
        os.chdir(self.directory)
        command = self.command()
        os.execvpe(command[0], command, self.environment())

    def _end(self, number: int, seconds: float) -> None:
        pid = self.pid or (self._child.pid if self._child and self._child.poll() is None else None)
        family = processes.family(pid) if pid else []

        def left() -> list[int]:
            if self._child:
                self._child.poll()
            return [each for each in family if processes.alive(each)]

        processes.send(family if number == signal.SIGKILL else family[:1], number)
        if not processes.gone(left, seconds):
            processes.send(left(), signal.SIGKILL)
            processes.gone(left, 5)
        self._child = None

    def remembered_ports(self) -> list[int]:
        """Return the server's ports, chosen at the first call."""
        return [int(port) for port in self._kept("ports", lambda: " ".join(map(str, free_ports(self.ports)))).split()]

    def choose_ports(self) -> None:
        """Keep the remembered ports, or choose others where somebody else took one meanwhile."""

        def taken() -> list[int]:
            return [port for port in self.remembered_ports() if not port_is_free(port)]

        # Our own server holds them for a moment longer when it has just been killed.
        if not self.pid and not processes.gone(taken, 2):
            (self.directory / "ports").unlink()

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self.directory / name
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            write_private(path, make())
        return path.read_text()

    # What each kind of server says for itself.
    def recognised_by(self) -> tuple[str, ...]: ...
    def install(self) -> None: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def environment(self) -> dict[str, str]: ...
    def ready(self) -> bool: ...
