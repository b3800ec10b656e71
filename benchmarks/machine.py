"""Facts about the machine that a figure was measured on, and the CPU that a process has used.

Known limits: CPU of other processes is read from /proc, so on Linux only; elsewhere it is 0.
"""

import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

_PROC = Path("/proc")


def facts() -> dict[str, str | int | float]:
    """What a reader needs in order not to compare figures of different machines."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "load_1min": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("aiohttp", "asyncpg", "msgspec", "uvloop")},
    }


def _cpu_model() -> str:
    with suppress(OSError):
        for line in (_PROC / "cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, its threads included."""
    with suppress(OSError):
        stat = (_PROC / str(pid) / "stat").read_text()
        fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def children(pid: int) -> dict[int, str]:
    """Command lines of the processes that a process has started, by their ids."""
    found: dict[int, str] = {}
    with suppress(OSError):
        for child in (_PROC / str(pid) / "task" / str(pid) / "children").read_text().split():
            found[int(child)] = (_PROC / child / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def other_core() -> int:
    """The last processor that we may use, for a load generator; -1 where there is only one."""
    if not hasattr(os, "sched_getaffinity"):
        return -1
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1] if len(cores) > 1 else -1
