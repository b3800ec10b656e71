"""What each commit has members told outside their feeds, as rows that wait to be sent: webhooks and mails.

Guarantees: the rows are written with the follower's position, so each once; nothing is told to an endpoint of what
was before it. Where a queue is full, the newest messages are left out and counted.
Doesn't decide what may be told: `visibility.notices` does.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import EventState, Lot, SourcingEvent
from exchange.core.visibility.awards import show_result
from exchange.core.visibility.lots import Relation
from exchange.core.visibility.notices import AWARDED, ENDED, PRACTISED, SOLD, WON, Notice, Teller
from exchange.core.visibility.practice import marked
from exchange.engine.base import Released
from exchange.outbound.award_words import own_words, result_words, standstill_words
from exchange.outbound.calendars import times_of
from exchange.outbound.letters import LETTERS
from exchange.outbound.signing import body_of

QUEUE_MAX: Final = 20_000
"""Messages that may wait for one endpoint."""

_ENDPOINTS: Final = """
select endpoint_id, member_id, kinds, created_at_us from webhook_endpoints where disabled_at_us is null
"""
_QUEUE: Final = """
with given as (
    select *, row_number() over (partition by endpoint_id order by place) as nth
    from unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[]) with ordinality
        as told (endpoint_id, kind, body, at_us, place)
), room as (
    select endpoint_id, $5 - (
        select count(*) from webhook_messages waits
        where waits.endpoint_id = webhook_endpoints.endpoint_id and waits.state = 'waiting'
    ) as free
    from webhook_endpoints where endpoint_id = any($1) for share
), queued as (
    insert into webhook_messages (endpoint_id, kind, body, at_us, waits_since_us)
    select endpoint_id, kind, body, at_us, at_us from given join room using (endpoint_id)
    where nth <= free order by place
)
update webhook_endpoints set left_out = left_out + beyond.messages
from (
    select endpoint_id, count(*) as messages from given join room using (endpoint_id)
    where nth > free group by endpoint_id
) as beyond
where webhook_endpoints.endpoint_id = beyond.endpoint_id
"""
_CALENDAR: Final = """
insert into event_calendars (event_id, title, open_at_us, close_at_us, cancelled) values ($1, $2, $3, $4, $5)
on conflict (event_id) do update set title = excluded.title, open_at_us = excluded.open_at_us,
    close_at_us = excluded.close_at_us, cancelled = excluded.cancelled, sequence = event_calendars.sequence + 1
where (event_calendars.title, event_calendars.open_at_us, event_calendars.close_at_us, event_calendars.cancelled)
    is distinct from (excluded.title, excluded.open_at_us, excluded.close_at_us, excluded.cancelled)
"""
MAIL_COLUMNS: Final = ("member_id", "kind", "event_id", "subject", "at_us", "details")
_TO_BIDDERS: Final = (WON, SOLD, ENDED)
"""Letters that a buyer, or a seller from stock, needs none of: it awarded."""


class Endpoint(Struct, frozen=True):
    """Where a member wants to hear; no kinds: of everything, from `since_us` on."""

    endpoint_id: str
    kinds: frozenset[str]
    since_us: int

    def hears(self, notice: Notice) -> bool:
        """Whether the notice is for this endpoint, given that it is for its member."""
        return notice.at_us >= self.since_us and (not self.kinds or notice.kind in self.kinds)


class Notices:
    """The rows of one stretch of the journal."""

    def __init__(self, endpoints: dict[str, list[Endpoint]]) -> None:
        self._endpoints = endpoints  # by member
        self.messages: list[tuple[str, str, bytes, int]] = []
        self.mails: dict[tuple[str, str, str, str, int, str], None] = {}
        self.calendars: dict[str, tuple[str, str, int, int, bool]] = {}

    def add(self, released: Sequence[Released], kernel: Exchange) -> None:
        """One commit, that the kernel has just executed."""
        auctions = kernel.auctions
        teller = Teller(auctions, kernel.members.is_operator, self._endpoints, LETTERS)
        for command in released:
            for event in command.outcome.events:
                teller.take(event, command.sequenced.at_us)
        for notice in teller.notices:
            self._queue(notice)
        for notice in letters(teller.notices):
            self._mail(notice, kernel)
        for event_id in teller.touched:
            self._note_calendar(auctions.event(event_id))

    def _mail(self, notice: Notice, kernel: Exchange) -> None:
        sourcing, lot = kernel.auctions.event(notice.event_id), kernel.auctions.lot(notice.lot_id)
        if sourcing is None or not _is_mailed(notice, sourcing, lot):
            return
        subject = "" if lot is None else marked(sourcing, lot.title)
        details = "" if lot is None else _details(notice, sourcing, lot, kernel)
        about = notice.event_id, subject, notice.at_us, details
        self.mails[notice.member_id, notice.kind, *about] = None

    def _note_calendar(self, event: SourcingEvent | None) -> None:
        times = None if event is None else times_of(event)
        if event is not None and times is not None:
            cancelled = event.state is EventState.CANCELLED
            self.calendars[event.event_id] = event.event_id, marked(event, event.title), *times, cancelled

    def _queue(self, notice: Notice) -> None:
        hearing = [each for each in self._endpoints.get(notice.member_id, ()) if each.hears(notice)]
        if hearing:
            body = body_of(notice.kind, notice.at_us, notice.told, practice=notice.practice)
            self.messages += [(each.endpoint_id, notice.kind, body, notice.at_us) for each in hearing]


def _is_mailed(notice: Notice, sourcing: SourcingEvent, lot: Lot | None) -> bool:
    """To whom it concerns; that a member has a webhook, and hears more there, gets it no letter."""
    member_id = notice.member_id
    if notice.kind == AWARDED:
        return lot is not None and lot.board.of(member_id) is not None
    if notice.kind in _TO_BIDDERS:
        return member_id != sourcing.buyer_id
    return member_id == sourcing.buyer_id or member_id in sourcing.invited


def _details(notice: Notice, sourcing: SourcingEvent, lot: Lot, kernel: Exchange) -> str:
    """What the reader may know of an award; nothing where the letter is about something else."""
    said = own_words(notice.told)
    if notice.kind == AWARDED:
        award = kernel.awards.of(lot.lot_id)
        said = result_words(sourcing, show_result(sourcing, lot, award, notice.member_id, Relation.SUPPLIER))
    standstill = kernel.standstills.get(lot.lot_id)
    if notice.kind in (AWARDED, WON) and standstill is not None and standstill.waits:
        said += standstill_words(standstill.until_us)
    return said


def letters(notices: Sequence[Notice]) -> list[Notice]:
    """Those that are mailed; whoever won a lot isn't told besides that it was awarded."""
    won = {(each.member_id, each.lot_id) for each in notices if each.kind in (WON, PRACTISED)}
    return [
        each
        for each in notices
        if each.kind in LETTERS and not (each.kind == AWARDED and (each.member_id, each.lot_id) in won)
    ]


async def listening(connection: Any) -> Notices:
    """Nothing told yet, to whoever listens now."""
    endpoints: dict[str, list[Endpoint]] = {}
    for row in await connection.fetch(_ENDPOINTS):
        endpoint = Endpoint(row["endpoint_id"], frozenset(row["kinds"]), row["created_at_us"])
        endpoints.setdefault(row["member_id"], []).append(endpoint)
    return Notices(endpoints)


async def write(connection: Any, notices: Notices) -> None:
    """Into the queues, within the caller's transaction."""
    if notices.messages:
        columns = zip(*notices.messages, strict=True)
        await connection.execute(_QUEUE, *(list(column) for column in columns), QUEUE_MAX)
    if notices.calendars:
        await connection.executemany(_CALENDAR, list(notices.calendars.values()))
    if notices.mails:
        await connection.copy_records_to_table("mails", records=list(notices.mails), columns=MAIL_COLUMNS)
