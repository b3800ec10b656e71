"""Writes a journal as fast as the kernel executes, without a server: what a replay is measured on.

Guarantees: the journal is one that an engine could have written; the same seed gives the same commands.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Final

from msgspec import msgpack

from benchmarks import flow
from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import (
    DRAWS_ID,
    SYSTEM,
    AnyCommand,
    CreateInstrument,
    DeclareStock,
    OpenSession,
    RegisterMember,
    Role,
    Sequenced,
    TopUp,
)
from exchange.engine.randomness import Randomness
from exchange.journal.base import Journal, Tail
from exchange.journal.format import SALT_BYTES, seal

BATCH: Final = 256
"""Commands in a batch: half of what is in flight under load."""
FIRST_US: Final = 1_767_268_800_000_000
COMMAND_US: Final = 10
"""Between two commands."""
MONEY_MINOR: Final = 10**13
STOCK: Final = 10**9

_encode: Final = msgpack.Encoder().encode


class Author:
    """Executes commands in a kernel of its own and keeps them as the journal's entries."""

    def __init__(self, seed: int) -> None:
        self.kernel = Exchange()
        self.at_us = FIRST_US
        self._random = Random(seed)
        self._ids = Randomness(self._random.randbytes)
        self._entries: list[bytes] = []
        self._crcs = array("I")
        self._first_us = FIRST_US

    def execute(self, member_id: str, command: AnyCommand, session: int = 0) -> str:
        """The id of what the command made. A refusal is an outcome like any other."""
        new_id = self._ids.public_id() if type(command) in DRAWS_ID else ""
        if not self._entries:
            self._first_us = self.at_us
        sequenced = Sequenced(self.at_us, member_id, session, new_id, "", command)
        self._crcs.append(self.kernel.digest.add(self.kernel.execute(sequenced)))
        self._entries.append(_encode(sequenced))
        self.at_us += COMMAND_US
        return new_id

    @property
    def open(self) -> int:
        """Commands that are in no batch yet."""
        return len(self._entries)

    async def commit(self, journal: Journal, tail: Tail) -> Tail:
        """Append what is open as one batch; the tail after it."""
        batch = seal(
            tail,
            self._entries,
            self._random.randbytes(SALT_BYTES * len(self._entries)),
            self._crcs,
            first_at_us=self._first_us,
            last_at_us=self.at_us - COMMAND_US,
            rules=RULES,
            outcome_digest=self.kernel.digest.seal(),
        )
        await journal.append(batch)
        self._entries, self._crcs = [], array("I")
        return tail.after(batch)


def opened_market(author: Author, members: int, instruments: int) -> tuple[list[str], list[str]]:
    """Ids of members with a session, money and stock, and of instruments."""
    operator = author.execute(SYSTEM, RegisterMember(roles=(Role.OPERATOR,)))
    listed = [
        author.execute(
            operator,
            CreateInstrument(symbol=f"BENCH-{n}", currency=flow.CURRENCY, price_scale=flow.PRICE_SCALE),
        )
        for n in range(instruments)
    ]
    admitted = [
        author.execute(operator, RegisterMember(roles=(Role.BUYER, Role.SELLER))) for _ in range(members)
    ]
    for member_id in admitted:
        author.execute(member_id, OpenSession())
        money = TopUp(
            transfer_id=member_id, member_id=member_id, currency=flow.CURRENCY, amount_minor=MONEY_MINOR
        )
        author.execute(operator, money)
        for instrument_id in listed:
            author.execute(member_id, DeclareStock(instrument_id=instrument_id, quantity=STOCK))
    return admitted, listed


def orders(seed: int, members: Sequence[str], instruments: Sequence[str]) -> Iterator[tuple[str, AnyCommand]]:
    """Everybody's orders in turn, each with its sender; without end."""
    flows = [flow.commands(seed, number, instruments) for number in range(len(members))]
    for member_id, commands in cycle(zip(members, flows, strict=True)):
        yield member_id, next(commands)
