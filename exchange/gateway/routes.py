"""What a route is: one line of the table from which requests are decoded, checked, answered and described.

A route is one command (policy finds it by the command) or something of its own (policy finds it by method and
path). Known limits: bodies are JSON objects; only papers are answered otherwise.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from exchange.accounting.printer import Printer
from exchange.core.messages import Command, MemberCommand, Reply
from exchange.core.messages.base import ConditionalCommand
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.steps import bound_told, step_told
from exchange.engine.answer import Answer
from exchange.engine.sequencer import Engine
from exchange.gateway import policy, public_events
from exchange.gateway.auth import Identity, Keys
from exchange.gateway.decoding import checked
from exchange.gateway.loading.loads import Loads
from exchange.gateway.notation import InstantText
from exchange.gateway.problems import NO_SCALES, Refused, Scales
from exchange.gateway.stored.bank_details import BankDetailsTable
from exchange.gateway.stored.deal_texts import DealTexts
from exchange.gateway.stored.feedback_texts import FeedbackTexts
from exchange.gateway.stored.profiles import Profiles
from exchange.gateway.stored.records import Records
from exchange.gateway.stored.supplier_profiles import SupplierProfiles
from exchange.gateway.stored.webhooks import WebhooksTable
from exchange.views.views import Views

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ANSWER_S_MAX: Final = 30.0
"""Patience for a commit. The engine halts long before, so this only keeps a fault of ours from piling up."""

_UNKNOWN: Final = (
    "The outcome is unknown. Send the same request with the same Idempotency-Key later; without one, read "
    "what it would have changed first."
)


class NoBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The request has no body; an empty object will do."""


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The request has no query."""


class Settled(Struct, frozen=True):
    """The command took effect and is on disk. `sequence` counts the member's own commands."""

    sequence: int
    at: InstantText


B = TypeVar("B", bound=Struct)
Q = TypeVar("Q", bound=Struct)
R = TypeVar("R")


@dataclass(frozen=True)
class Ports:
    """What endpoints reach."""

    engine: Engine
    keys: Keys
    profiles: Profiles
    deal_texts: DealTexts
    records: Records
    bank_details: BankDetailsTable
    feedback_texts: FeedbackTexts
    documents: Mapping[str, bytes]
    """The descriptions that this server gives of itself, ready to send."""
    loads: Loads
    figures: Callable[[], bytes]
    """All metrics as text, read now."""
    supplier_profiles: SupplierProfiles
    connected: Callable[[str], bool]
    """Whether a member has a WebSocket open, said hello included."""
    webhooks: WebhooksTable
    printer: Printer = field(default_factory=Printer)

    @property
    def views(self) -> Views:
        """What was released; always the engine's own, since a recovery may replace them."""
        return self.engine.views


@dataclass
class Call(Generic[B, Q]):
    """One request that may be answered: it is decoded, and policy has let it pass."""

    ports: Ports
    request: web.Request
    body: B
    query: Q
    holder: Identity | None = None
    idempotency: str = ""  # hashed; empty: none was sent
    raw: bytes = b""  # the body of a route that takes no JSON
    expected_version: int = 0
    """Of what the command is about, as the header If-Match tells it; 0: any."""
    version: int = 0
    """Of what is answered, where it can be changed under a condition by whoever asks; else 0."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """Who asks; only for routes that need a key."""
        assert self.holder is not None, "policy lets nobody pass without a key"
        return self.holder

    @property
    def member_id(self) -> str:
        """The member who asks."""
        return self.identity.member_id

    @property
    def views(self) -> Views:
        """What was released."""
        return self.ports.views

    def id(self, name: str) -> str:
        """An id from the path."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A number from the path, which counts something from 1; 0 where it is none, or too large for anything."""
        text = self.id(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0

    def subject(self, asked: str | None) -> str:
        """Whose lines are meant: the asking member's own, or for an operator those of the member it names."""
        if asked in {None, self.member_id}:
            return self.member_id
        if not policy.operates(self.identity, self.views.members):
            raise Refused(Reject(RejectCode.NOT_PERMITTED, field="member_id"))
        if asked not in self.views.members:
            raise Refused(Reject(RejectCode.MEMBER_UNKNOWN, field="member_id"))
        return asked

    async def settle(
        self, command: MemberCommand, scales: Scales = NO_SCALES, names: Mapping[str, str] | None = None
    ) -> Reply:
        """What the command did, once it is on disk; refused if a field is out of bounds or the exchange refuses.

        `scales` says how a missed bound reads, `names` what REST calls fields that the command names otherwise.
        """
        names = {"expected_version": "If-Match"} | dict(names or {})
        if isinstance(command, ConditionalCommand):
            command = replace(command, expected_version=self.expected_version)
        waiting, asked = Answer(), checked(command, names)
        refused = public_events.refusal(asked, self.views.sourcing) or self.ports.engine.submit(
            self.member_id, 0, asked, waiting, self.idempotency
        )
        answer = refused or await _heard(waiting)
        if isinstance(answer, Reply) and answer.code == 0:
            return answer
        lot = self.views.sourcing.lots.get(getattr(command, "lot_id", ""))
        direction = None if lot is None else lot.direction
        step = 0
        if isinstance(answer, Reply):
            step = step_told(lot, self.member_id, answer.code, answer.bound)
            bound = bound_told(lot, answer.code, answer.bound, answer.at_us)
            answer = Reject(RejectCode(answer.code), bound, names.get(answer.field, answer.field))
        in_doubt = refused is None and answer.code in _IN_DOUBT
        raise Refused(answer, _UNKNOWN if in_doubt else "", scales=scales, step=step, direction=direction)


_IN_DOUBT: Final = frozenset({RejectCode.HALTED})


async def _heard(answer: Answer) -> Reply | Reject:
    """What the engine said; HALTED where it says nothing for too long."""
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            return await answer.heard
    except TimeoutError:
        return Reject(RejectCode.HALTED)


@dataclass(frozen=True)
class Streamed:
    """An answer that is sent as it is made: the first piece is waited for before anything is promised."""

    content_type: str
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True)
class Route(Generic[B, Q, R]):
    """One line of the table."""

    method: Method
    path: str
    summary: str
    endpoint: Callable[[Call[B, Q]], Awaitable[R]]
    body: type[B]
    query: type[Q]
    response: type[R]
    command: type[Command] | None = None
    status: int = 200
    media: str = "text/plain"
    """What `bytes` are."""
    takes: tuple[str, ...] = ()
    """Media types of a body that is no JSON and comes as `raw`."""
    bytes_max: int = 0
    """Of such a body."""

    @property
    def name(self) -> str:
        """As policy and logs call it."""
        return f"{self.method} {self.path}"

    @property
    def need(self) -> type[Command] | str:
        """What policy is asked for."""
        return self.command or self.name

    @property
    def is_conditional(self) -> bool:
        """Whether the header If-Match is taken."""
        return self.command is not None and issubclass(self.command, ConditionalCommand)

    @property
    def takes_body(self) -> bool:
        """Whether a body is read."""
        return self.method in {"POST", "PUT", "PATCH"}


AnyRoute = Route[Any, Any, Any]
