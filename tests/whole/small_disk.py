"""Run a program that has a small disk of its own at a folder: `small_disk.py FOLDER SIZE PROGRAM [ARGUMENT ...]`.

The pid stays. It takes no rights: the disk is mounted in a user namespace, where the system allows these.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000  # <linux/sched.h>


def main(folder: str, size: str, program: str, *arguments: str) -> None:
    """Become the program; exits with 1 where it can't have a disk."""
    system = ctypes.CDLL(None)
    uid, gid = os.getuid(), os.getgid()
    if system.unshare(CLONE_NEWUSER | CLONE_NEWNS):
        sys.exit("no user namespace")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    options = f"size={size},mode=700".encode()
    if system.mount(b"none", folder.encode(), b"tmpfs", 0, options):
        sys.exit("no mount")
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
