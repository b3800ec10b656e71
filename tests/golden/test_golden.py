"""Journals of every version of the rules replay to what they gave when they were written.

A changed rule makes this fail until it is gated by the journal's rules version: old journals are for ever.
"""

import json

import pytest
from msgspec import msgpack

from exchange.core.messages import COMMANDS
from exchange.journal.base import Batch
from tests.golden.__main__ import DIGESTS, FOLDER, told
from tests.golden.scenarios import SCENARIOS

EXPECTED = json.loads(DIGESTS.read_text())


def test_every_golden_journal_has_its_digests() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.journal")) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_golden_journal_replays_to_the_same_digests(name: str) -> None:
    batches = msgpack.decode((FOLDER / name).read_bytes(), type=list[Batch])

    assert told(batches) == EXPECTED[name]


def test_the_scenarios_send_every_command_there_is() -> None:
    sent = {type(each.command) for scenario in SCENARIOS.values() for each in scenario().log}

    assert [command.__name__ for command in COMMANDS if command not in sent] == []
