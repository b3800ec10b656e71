"""The folder tells what a server left in it from what a server says now."""

from pathlib import Path

import pytest

from exchange.database import folder
from exchange.database.folder import DataFolder

READY = "{pid}\n/data\n1790000000\n5432\n/data/sock\n\n  123 456\nready   \n"


@pytest.mark.parametrize(
    "left,ready",
    [
        (READY.format(pid=71), True),
        (READY.format(pid=72), False),  # of a server that was killed
        (READY.format(pid=71).replace("ready", "starting"), False),
        (READY.format(pid=71).removesuffix("ready   \n"), False),
        ("", False),
        (None, False),
    ],
)
def test_a_server_is_ready_when_it_says_so_itself(tmp_path: Path, left: str | None, ready: bool) -> None:
    data = DataFolder(tmp_path)
    data.cluster.mkdir()
    if left is not None:
        (data.cluster / "postmaster.pid").write_text(left)

    assert data.is_ready(71) == ready


def test_a_log_that_grew_large_makes_room_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOG_BYTES_MAX", 4)
    data = DataFolder(tmp_path)

    for words in (b"first", b"second", b"3rd", b"!"):
        with data.open_log() as log:
            log.write(words)

    assert (tmp_path / "postgres.log").read_bytes() == b"3rd!"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"second"
