"""What runs on this machine, asked of /proc: a process that died leaves no stale answer behind."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; empty when the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def all_pids() -> list[int]:
    """List every process of the machine."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be reaped does not."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def parent(pid: int) -> int:
    """Return the parent's id, 0 when the process is gone."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def started_with(*words: str) -> list[int]:
    """List the processes that have these words next to each other on their command line.

    Readable without any right over the process, unlike its working directory and its environment.
    """
    wanted, found = b"\0".join(word.encode() for word in words), []
    for pid in all_pids():
        try:
            line = (PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            continue
        if b"\0" + wanted + b"\0" in line and alive(pid):
            found.append(pid)
    return found


def marked(variable: str, value: str) -> list[int]:
    """List the processes, this one apart, that were started with VARIABLE=value in their environment."""
    entry, found = f"{variable}={value}".encode(), []
    for pid in all_pids():
        try:
            environment = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if entry in environment and pid != os.getpid() and alive(pid):
            found.append(pid)
    return found


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def gone(find: Callable[[], list[int]], seconds: float) -> bool:
    """Wait until nothing is found any more; False when the time runs out."""
    deadline = time.monotonic() + seconds
    while find():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(find: Callable[[], list[int]], grace: float = 20) -> None:
    """Ask whatever is found to stop, and kill what is still there after the grace."""
    send(find(), signal.SIGTERM)
    if not gone(find, grace):
        send(find(), signal.SIGKILL)
        gone(find, 5)


def family(pid: int) -> list[int]:
    """List a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for each in all_pids():
        children.setdefault(parent(each), []).append(each)
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(children.get(one, []))
    return found


def memory(pid: int) -> tuple[int, int]:
    """Return (RSS, PSS) in bytes; PSS is RSS with shared pages divided among those who share them.

    Where this process may not see how pages are shared (another user's, in a container), PSS leaves them out.
    """
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        try:
            _, resident, shared, *_ = map(int, (PROC / str(pid) / "statm").read_text().split())
        except OSError:
            return 0, 0
        return resident * PAGE, (resident - shared) * PAGE
    size = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
    return size.get("Rss:", 0), size.get("Pss:", 0)
