"""Distribution packages, installed where missing without starting or enabling any system service."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

MARK = "# written by Jinlin while it installs packages; safe to delete"
POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/jinlin.conf")


class InstallError(RuntimeError):
    """A package is missing and cannot be installed here."""


def install(packages: list[str], purpose: str, services: list[str]) -> None:
    """Install packages with apt-get; the named system services stay stopped and disabled.

    Only ever called for what is missing, so a service that the machine already had keeps running as it did.
    """
    line = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise InstallError(
            f"{purpose} is missing, and this machine has no apt-get. Install {purpose}, then run this again."
        )
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if sudo and not shutil.which("sudo"):
        raise InstallError(f"{purpose} is missing. Ask an administrator to run: {line}")
    print(f"Installing {purpose} ({' '.join(packages)}) from the distribution …", flush=True)
    with _nothing_starts(sudo):
        # Lists of packages are often old, and in a fresh container there are none.
        if _apt(sudo, "update") or _apt(sudo, "install", *packages):
            raise InstallError(f"{purpose} could not be installed (see above). Try by hand: {line}")
    for service in services:
        if Path("/run/systemd/system").exists():
            subprocess.run([*sudo, "systemctl", "disable", "--quiet", service], check=False)


def _apt(sudo: list[str], command: str, *packages: str) -> int:
    """Run apt-get, telling how far it is; show the end of what it said when it fails. Return its exit code."""
    options = ["-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold"]
    arguments = [*options, *packages] if packages else []
    # An unprivileged caller's environment does not reach through sudo, hence env.
    line = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l", "apt-get", command, *arguments]
    said, count = deque(maxlen=15), 0
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for text in process.stdout:
        said.append(text)
        count += text.startswith("Setting up ")
        if sys.stdout.isatty():
            print(f"\r  {text.strip()[:70]:<70}", end="", flush=True)
        elif text.startswith("Setting up ") and count % 20 == 0:
            print(f"  {count} packages are set up", flush=True)
    if sys.stdout.isatty():
        print(f"\r{'':<72}\r", end="")
    if process.wait():
        print("".join(said))
    return process.returncode


@contextlib.contextmanager
def _nothing_starts(sudo: list[str]) -> Iterator[None]:
    """Keep package scripts from starting services and from making a database cluster of their own."""
    files = {POLICY: f"#!/bin/sh\n{MARK}\nexit 101\n", NO_CLUSTER: f"{MARK}\ncreate_main_cluster = false\n"}
    ours = [path for path in files if not path.exists() or MARK in path.read_text()]
    try:
        for path in ours:
            subprocess.run([*sudo, "mkdir", "-p", str(path.parent)], check=True)
            subprocess.run([*sudo, "tee", str(path)], input=files[path].encode(), stdout=subprocess.DEVNULL, check=True)
            subprocess.run([*sudo, "chmod", "755", str(path)], check=True)
        yield
    finally:
        subprocess.run([*sudo, "rm", "-f", *map(str, ours)], check=True)
