"""What processes use of the machine."""

import os
from pathlib import Path

from deploy import processes
from tests.bench.scene import megabytes

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: dict[str, list[int]]) -> dict[str, float]:
    """Return how long the families of processes of each part have been at work on a processor, their dead included."""
    found = {}
    for name, pids in roots.items():
        total = 0
        for pid in {each for root in pids for each in processes.family(root)}:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += sum(map(int, fields[11:15]))  # its own time and that of its children who are gone
        found[name] = total / TICKS
    return found


def peak_megabytes(roots: list[int]) -> float:
    """Return the sum of the peaks (VmHWM) of the processes and their children."""
    return sum(megabytes(pid, "VmHWM") for root in roots for pid in processes.family(root))
