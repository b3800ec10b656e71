"""The README's commands, typed one after another as they stand there, against an exchange in this process."""

import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from exchange.__main__ import parser
from exchange.core.messages import Role
from tests.console.commands import Console
from tests.gateway.house import Holder, House

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
ASSIGNED: Final = re.compile(r"(\w+)=\$\((.*)\)")
WRITTEN: Final = re.compile(r"echo (.*) > (\S+)", re.DOTALL)
WHOLE_LINE: Final = re.compile(r"(?:[^\n'#]|'[^']*'|#.*)+")
"""What stands between quotes may have several lines."""
AN_ID: Final = re.compile(r"(?<!\$)\b[A-Z]+_ID\b")
DEFINED: Final = ("ask()", "exchange()")


def lines_of(words: str) -> list[str]:
    """The commands of the one block in which these words stand, without remarks and definitions."""
    (block,) = [each for each in BLOCKS if words in each]
    lines = [re.sub(r"\s+# .*", "", line) for line in WHOLE_LINE.findall(block)]
    return [line for line in lines if not line.startswith(DEFINED)]


class Typist:
    """Takes lines as a shell would: `NAME=$(…)`, `$NAME`, `echo … > file`, `cat file`, `exchange …`, `ask …`."""

    def __init__(self, house: House, console: Console) -> None:
        self._house, self._console = house, console
        self.known: dict[str, str] = {}

    async def type(self, line: str) -> str:
        """What it prints; whatever it says has to work."""
        if found := ASSIGNED.fullmatch(line):
            self.known[found[1]] = (await self.type(found[2])).strip()
            return ""
        if found := WRITTEN.fullmatch(line):
            Path(found[2]).write_text(" ".join(shlex.split(found[1])), encoding="utf-8")
            return ""
        line = re.sub(r"\$(\w+)", lambda name: self.known[name[1]], line)
        name, *words = shlex.split(AN_ID.sub(lambda name: self.known[name[0]], line))
        match name:
            case "cat":
                return Path(words[0]).read_text(encoding="utf-8")
            case "ask":
                return await self._ask(*words)
            case _:
                assert name == "exchange", line
                finished = await self._console.type(*words)
                assert finished.code == 0, (line, finished)
                return finished.out

    async def _ask(self, key: str, path: str, body: str = "") -> str:
        """REST, as the README's `ask` calls it; the ids of the answer are known by their names in capitals."""
        method, raw = ("POST", body.encode()) if body else ("GET", None)
        answer = await self._house.call(Holder("", key), method, f"/v1/{path}", raw=raw)
        assert answer.status < 300, (path, answer)
        self._learn(answer.body)
        return answer.raw.decode()

    def _learn(self, told: Any) -> None:
        if isinstance(told, dict):
            self.known |= {name.upper(): each for name, each in told.items() if name.endswith("_id")}
        for each in told.values() if isinstance(told, dict) else told:
            if isinstance(each, dict | list):
                self._learn(each)


@pytest.fixture
async def typist(house: House, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typist:
    """In a folder of its own, where members were admitted and have keys, as the README begins."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exchange-data").mkdir()
    operator = await house.member(Role.OPERATOR)
    (tmp_path / "exchange-data" / "operator.key").write_text(operator.key)
    typist = Typist(house, console)
    for line in lines_of("member add"):
        await typist.type(line)
    return typist


async def test_what_the_readme_trades_is_bought_received_and_paid(typist: Typist) -> None:
    said = [await typist.type(line) for line in lines_of("ask $SELLER orders")]

    assert '"available":"38.64"' in said[-1], "200 at 0.21, less 8 %"


async def test_an_agents_event_and_a_suppliers_bidding_run_as_the_readme_types_them(
    house: House, typist: Typist
) -> None:
    said, watched = dict[str, str](), ""
    for line in (*lines_of("questions.json"), *lines_of("event accept"), *lines_of("event monitor")):
        if line.startswith("exchange watch"):  # it lasts until the close
            watched = line
            await opened(house, typist.known["EVENT"], typist.known["BUYER"])
            continue
        said[" ".join(line.split()[:3])] = await typist.type(line)

    assert "Delivery within four weeks." in said["exchange event terms"]
    assert "Are you certified to ISO 9001?" in said["exchange event questions"]
    assert "9960.00 EUR (41.50 %)" in said["exchange event monitor"]
    assert f"1={typist.known['SELLER_ID']}" in said["exchange event report"]
    assert await typist.type(watched) == "Type A: awarded; in EUR: lead 1.4040, own 1.4040, rank 1\n"


async def test_a_sellers_stock_is_sold_as_the_readme_types_it(house: House, typist: Typist) -> None:
    said = dict[str, str]()
    for line in (*lines_of("ask $SELLER orders"), *lines_of("--from-stock")):
        if line.startswith("exchange bid"):
            await opened(house, typist.known["EVENT"], typist.known["SELLER"])
        said[" ".join(line.split()[:3])] = await typist.type(line)

    lot = typist.known["LOT"]
    assert "won: pay 1250.00 USD by " in said["exchange event show"]
    assert f"(exchange event pay {lot})" in said["exchange event show"]
    assert f"{lot}-b" in said["exchange event pay"], "the contract by which it is bought"


async def test_parts_and_a_shelf_are_loaded_and_found_as_the_readme_types_it(
    house: House, typist: Typist
) -> None:
    lines = lines_of("load instruments")
    search = lines.index("exchange search ne555")
    for line in lines[:search]:
        await typist.type(line)
    await house.archive()

    found = await typist.type(lines[search])

    assert "NE555P" in found and "1000 at 0.35 USD" in found


async def opened(house: House, event_id: str, key: str) -> None:
    """It opens at an instant of the typist's clock, which the exchange's has to reach."""
    event = await house.get(Holder("", key), f"/v1/events/{event_id}")
    opens_at_us = round(datetime.fromisoformat(event["open_at"]).timestamp() * 1_000_000)
    house.clock.pass_us(opens_at_us - house.engine.now_us())
    await house.instrument()  # any command lets the engine notice


EVERY_LINE: Final = [
    found[1]
    for block in BLOCKS
    for line in block.splitlines()
    if (found := re.search(r"(?:^|\$\(|/)exchange ([a-z][^#)]*)", line))
]


@pytest.mark.parametrize("line", EVERY_LINE)
def test_every_command_of_the_readme_has_the_options_it_is_given(line: str) -> None:
    words = shlex.split(line)

    parser(words[0]).parse_args(
        words, print_error=False, exit_on_error=False
    )  # raises what is wrong with them
