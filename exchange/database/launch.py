"""Run one PostgreSQL program as an ordinary user, and end it when the parent dies.

A program of its own, standard library only: `launch.py FOLDER PARENT_PID PROGRAM [ARGUMENT ...]` becomes
PROGRAM (the pid stays). PostgreSQL refuses to run as root, so root enters a user namespace, where root's own
files belong to `nobody`: no account is made and no permission opened. Where namespaces are forbidden it
becomes the real `nobody`, and FOLDER with it; then every folder above FOLDER and PROGRAM has to be open to
that account. On Linux the program gets SIGINT (PostgreSQL's fast shutdown) when the parent thread ends.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # <linux/sched.h>
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Become the named program; exits with a sentence if the parent is gone already."""
    folder, parent_pid, program = Path(arguments[0]), int(arguments[1]), arguments[2]
    if os.geteuid() == 0:
        leave_root(folder)
    if sys.platform == "linux":
        # After the change of user, which clears it. A parent that died before this line sends no signal.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent_pid:
            sys.exit(f"process {parent_pid}, which asked for {program}, is gone")
    os.execv(program, arguments[2:])


def leave_root(folder: Path) -> None:
    """Give up root, with `folder` owned by whom PostgreSQL will take for itself."""
    nobody = pwd.getpwnam("nobody")
    if not namespaces_allowed():
        give(folder, nobody.pw_uid, nobody.pw_gid)
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        return
    root_uid, root_gid = os.geteuid(), os.getegid()
    give(folder, root_uid, root_gid)
    enter_namespace()
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody.pw_uid} {root_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{nobody.pw_gid} {root_gid} 1")


def namespaces_allowed() -> bool:
    """Tried in a child, since there is no way back and files have to change hands before."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if enter_namespace() else 1)
    return os.waitpid(child, 0)[1] == 0


def enter_namespace() -> bool:
    """True if this process now lives in a user namespace of its own; false where that is forbidden."""
    return bool(ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) == 0)


def give(folder: Path, uid: int, gid: int) -> None:
    """Hand a tree to another owner: needed once, when it moves to a machine of the other kind."""
    if all(path.lstat().st_uid == uid for path in [folder, *folder.iterdir()]):
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, uid, gid, follow_symlinks=False)


if __name__ == "__main__":
    main(sys.argv[1:])
