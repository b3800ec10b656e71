"""Money through a real server and its second process: a file goes to the bank, its statement comes back booked."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.outbound.bank import CLIENT_IBAN, MEMBER_IBAN, OPERATING_IBAN, Line, assert_official, statement
from tests.whole.server import PATIENCE_S, Server, a_server


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await happened():
            await asyncio.sleep(0.05)


class Member:
    """A member of the server, over REST."""

    def __init__(self, server: Server, member_id: str, key: str) -> None:
        self.server = server
        self.member_id = member_id
        self.key = key

    async def call(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        status, answer = await self.server.call(method, path, self.key, body)
        assert status < 300, answer
        return answer

    async def wallet(self) -> str:
        page = await self.call("GET", "/v1/accounts")
        return next((each["available"] for each in page["accounts"] if each["kind"] == "wallet"), "")


async def a_member(server: Server) -> Member:
    body = {"roles": ["buyer"], "name": "Ada Ltd", "country": "GB", "contact": "ada"}
    member_id = (await server.made("/v1/members", body))["member_id"]
    key = await server.made("/v1/keys", {"scopes": ["read", "trade", "manage"], "member_id": member_id})
    return Member(server, member_id, key["key"])


def drop(folder: Path, name: str, *lines: Line) -> None:
    """Where the bank puts a statement: whole at once."""
    (folder / "aside").write_bytes(statement(lines))
    (folder / "aside").replace(folder / "in" / name)


async def test_a_withdrawal_goes_to_the_bank_and_its_statement_is_booked_also_after_a_kill(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "bank"
    options = (
        "--bank-folder", str(folder), "--bank-name", "House", "--bank-iban", CLIENT_IBAN,
        "--operating-iban", OPERATING_IBAN,
    )  # fmt: skip
    async with a_server(tmp_path / "data", *options) as server:
        member = await a_member(server)
        await until(lambda: asyncio.sleep(0, (folder / "in").is_dir()))

        drop(folder, "1.xml", Line("b-1", "100.00", written=member.member_id))
        await until(lambda: _is(member.wallet(), "100.00"))
        await member.call("PUT", "/v1/bank-details", {"name": "Ada Ltd", "iban": MEMBER_IBAN})
        sent = await member.call("POST", "/v1/withdrawals", {"currency": "USD", "amount": "40.00"})
        payout = sent["payout_id"]
        await until(lambda: asyncio.sleep(0, any((folder / "out").glob("*.xml"))))
        await server.end(signal.SIGKILL)
        await server.start()
        drop(folder, "2.xml", Line("b-2", "40.00", credit=False, end_to_end=payout))

        async def is_booked() -> bool:
            return [each["state"] for each in (await member.call("GET", "/v1/withdrawals"))["payouts"]] == [
                "booked"
            ]

        await until(is_booked)
        (file,) = (folder / "out").glob("*.xml")
        assert_official(file.read_bytes(), "pain.001.001.09")
        assert payout in file.read_text() and MEMBER_IBAN in file.read_text()
        assert await member.wallet() == "60.00"
        assert MEMBER_IBAN not in server.log.read_text()


async def _is(asked: Awaitable[str], expected: str) -> bool:
    return await asked == expected


async def test_a_statement_is_booked_by_hand_entry_by_entry(tmp_path: Path) -> None:
    async with a_server(tmp_path / "data") as server:
        member = await a_member(server)
        file = tmp_path / "s.xml"
        file.write_bytes(
            statement(
                [
                    Line("b-1", "5.00", written=member.member_id),
                    Line("b-2", "1.00", credit=False, end_to_end="unknown"),
                ]
            )
        )
        key = ("--key-file", str(server.folder / "operator.key"), "--url", server.url, "--json")

        booked = [await bank("book", str(file), "--iban", CLIENT_IBAN, *key) for _ in range(2)]
        other = await bank("book", str(file), "--iban", OPERATING_IBAN, *key)

        for code, answer in booked:
            entries = json.loads(answer)["entries"]
            assert code == 1
            assert entries[0]["refused"] == "" and "matches nothing" in entries[1]["refused"]
        assert await member.wallet() == "5.00"
        assert other == (3, "")


async def bank(*words: str) -> tuple[int, str]:
    """Exit code and output of `exchange bank`."""
    ended = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "bank", *words, stdout=PIPE, stderr=DEVNULL
    )
    out, _ = await ended.communicate()
    assert ended.returncode is not None
    return ended.returncode, out.decode()
