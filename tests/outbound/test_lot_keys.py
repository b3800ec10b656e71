"""Keys of lots in files: drawn once, kept in every folder, readable by their owner only."""

from base64 import b64decode
from pathlib import Path

import pytest

from exchange.outbound.lot_keys import FileLotKeys, KeyMissing
from exchange_client.sealing import sealed_bid


def a_bid(public_key: str, price: int = 800) -> bytes:
    return b64decode(sealed_bid(public_key, lot_id="lot-1", member_id="m-1", price=price))


async def test_what_was_sealed_with_the_public_key_is_opened_and_nothing_else(tmp_path: Path) -> None:
    keys = FileLotKeys((tmp_path / "keys",))
    first, second = await keys.drawn(["lot-1", "lot-2"])

    found = await keys.opened("lot-1", first, [a_bid(first), a_bid(second), a_bid(first)[::-1], b""])

    assert [text is None for text in found] == [False, True, True, True]
    assert found[0] is not None and b'"price":800' in found[0]


async def test_a_key_is_drawn_once_and_kept_in_every_folder(tmp_path: Path) -> None:
    folders = tmp_path / "keys", tmp_path / "copy"
    drawn = await FileLotKeys(folders[:1]).drawn(["lot-1"])

    again = await FileLotKeys(folders).drawn(["lot-1", "lot-2"])

    assert again[0] == drawn[0] != again[1]
    files = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert files == [["lot-1.key", "lot-2.key"]] * 2
    assert {path.stat().st_mode & 0o777 for folder in folders for path in folder.iterdir()} == {0o600}
    assert folders[0].stat().st_mode & 0o777 == 0o700


async def test_any_copy_opens_and_a_key_that_is_nowhere_is_named_with_where_it_was_sought(
    tmp_path: Path,
) -> None:
    folders = tmp_path / "keys", tmp_path / "copy"
    keys = FileLotKeys(folders)
    (public,) = await keys.drawn(["lot-1"])
    (folders[0] / "lot-1.key").write_text("damaged")
    assert await keys.opened("lot-1", public, [a_bid(public)]) != [None]

    (folders[1] / "lot-1.key").unlink()

    with pytest.raises(KeyMissing, match=r"lot-1\.key.*keys.*copy"):
        await keys.opened("lot-1", public, [])


async def test_another_lots_key_or_a_flipped_bit_is_no_key(tmp_path: Path) -> None:
    folders = tmp_path / "keys", tmp_path / "copy"
    keys, (first, copy) = FileLotKeys(folders), (folder / "lot-1.key" for folder in folders)
    public, _ = await keys.drawn(["lot-1", "lot-2"])
    right, other = first.read_text(), (folders[0] / "lot-2.key").read_text()

    flipped = f"{int(right[30], 16) ^ 1:x}".join((right[:30], right[31:]))
    for wrong in (other, flipped):
        first.write_text(wrong)
        copy.write_text(right)
        assert await keys.opened("lot-1", public, [a_bid(public)]) != [None]
        copy.write_text(wrong)
        with pytest.raises(KeyMissing):
            await keys.opened("lot-1", public, [a_bid(public)])


async def test_a_folder_that_cannot_be_written_gives_no_key(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("no folder")

    with pytest.raises(OSError, match="copy"):
        await FileLotKeys((tmp_path / "keys", tmp_path / "copy")).drawn(["lot-1"])
