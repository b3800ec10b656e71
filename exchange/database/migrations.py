"""The migration files: where they lie, and what each one says.

A file is `NNNN_name.sql` in dbmate's format: `-- migrate:up`, statements, and perhaps `-- migrate:down` with
statements that we never run. `-- migrate:up transaction:false` is for the one statement that can't run in a
transaction, such as `create index concurrently`. A file is never edited once merged.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from exchange.database import DatabaseError

PACKAGE = Path(__file__).parents[1]
NAME = re.compile(r"(?P<version>\d+)_\w+\.sql", re.ASCII)
UP = re.compile(
    r"^-- *migrate:up(?P<options>[^\n]*)\n(?P<sql>.*?)(?=^-- *migrate:down|\Z)", re.DOTALL | re.MULTILINE
)


class MigrationError(DatabaseError):
    """The database can't be brought to this program's version; it is as it was before."""


@dataclass(frozen=True)
class Migration:
    """One step forward."""

    version: str  # the digits its name begins with, as dbmate records them
    name: str  # of the file
    sql: str
    first_line: int  # of `sql` within the file, so that an error can name the line
    in_transaction: bool
    sha256: bytes  # of the whole file, with newlines as "\n"


def load_migrations(folder: Path | None = None) -> list[Migration]:
    """All migrations in their order; MigrationError if a file is not in the format or a version is there twice."""
    folder = folder or folder_of_migrations()
    found = [read_migration(path) for path in sorted(folder.glob("*.sql"))]
    for earlier, later in pairwise(found):
        if earlier.version == later.version:
            raise MigrationError(
                f"{earlier.name} and {later.name} have the same version. Give the later one its own."
            )
    return found


def folder_of_migrations() -> Path:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    inside = PACKAGE / "migrations"
    return inside if inside.is_dir() else PACKAGE.with_name("migrations")


def read_migration(path: Path) -> Migration:
    """One file; MigrationError if its name or its marks are not in the format."""
    text = path.read_text(encoding="utf-8")
    name, up = NAME.fullmatch(path.name), UP.search(text)
    if not name:
        raise MigrationError(f"{path} is not named like 0001_what_it_does.sql. Rename it.")
    if not up:
        raise MigrationError(f"{path} has no line `-- migrate:up`. Put one above its first statement.")
    return Migration(
        version=name["version"],
        name=path.name,
        sql=up["sql"],
        first_line=text.count("\n", 0, up.start("sql")) + 1,
        in_transaction="transaction:false" not in up["options"],
        sha256=hashlib.sha256(text.encode()).digest(),
    )
