"""Recorded files, plain or gzipped, read line by line."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class BadFile(Exception):
    """The file is not what it should be; the message names file and line, and ends with what is expected."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}, line {line}: {what}")


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The file as text. Raises OSError."""
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        yield file


def integers(path: Path, columns: slice) -> Iterator[list[int]]:
    """The lines of a CSV without a header, of which the given columns are integers. Raises BadFile, OSError."""
    with opened(path) as file:
        for number, line in enumerate(csv.reader(file), 1):
            try:
                yield [int(cell) for cell in line[columns]]
            except ValueError as error:
                raise BadFile(path, number, f"integers are expected ({error})") from None
