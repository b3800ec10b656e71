"""Every frame that the exchange writes to one connection, judged at the moment in which it leaves.

Guarantees: what is told is durable then (P6) and true (P1, P3, P10); what a channel shows is the state after some
durable batch; its offsets have no gap that isn't announced (P5); nobody's id is in a frame for another (P8).
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from msgspec.json import Decoder

from exchange.core.limits import SESSION_OUTCOMES_KEPT
from exchange.core.messages import shown
from exchange.core.messages.shown_base import Shown
from exchange.core.rejects import RejectCode
from exchange.gateway.websocket.session import Session
from tests.gateway.floor import applied
from tests.simulation.temper import SECOND
from tests.simulation.truth import Broken, Key, Truth

_decode: Final[Callable[[bytes], shown.ServerFrame]] = Decoder(shown.ServerFrame).decode
_decode_wish: Final[Callable[[bytes], shown.Subscribe]] = Decoder(shown.Subscribe).decode

TOLD_APART: Final = frozenset({"winner_id", "buyer_id", "counterparty_id"})
"""Fields in which an award lets a buyer and a winner learn each other."""


WRITTEN_US_MAX: Final = SECOND
"""How long after it was made a frame may be written."""


class Position:
    """Where a channel of this connection stands; `offset` is nothing until its snapshot comes."""

    def __init__(self, begins: int, offset: int | None) -> None:
        self.begins = begins
        self.offset = offset


class Tap:
    """Shown every frame of one connection, in both directions."""

    def __init__(
        self, truth: Truth, others: Callable[[str], list[bytes]], clock: Callable[[], tuple[int, int]]
    ) -> None:
        self.session: Session | None = None
        self._clock = clock  # between which two instants the exchange's clock may stand now
        self.may_skip = False  # the client reads slowly: its feeds may be thinned out
        self._truth = truth
        self._others = others
        self._wishes: dict[str, deque[shown.Subscribe]] = {}
        self._positions: dict[str, Position] = {}

    # --- what the client sends -------------------------------------------------------------------

    def up(self, frame: bytes) -> None:
        """Remember from where it wants to go on with a channel."""
        if b'"subscribe"' in frame:
            wish = _decode_wish(frame)
            self._wishes.setdefault(wish.channel, deque()).append(wish)

    # --- what the exchange says ------------------------------------------------------------------

    def down(self, payload: bytes) -> None:
        """Hold the frame against the truth."""
        self._truth.catch_up()
        frame = _decode(payload)
        judge = _JUDGES.get(type(frame))
        if judge is not None:
            judge(self, frame)
        self._keep_apart(payload, frame)
        self._truth.overhear("a frame", payload)

    def _key(self, ref: int) -> Key:
        assert self.session is not None
        return self.session.member_id, self.session.number, ref

    def _keep_apart(self, payload: bytes, frame: shown.ServerFrame) -> None:
        if self.session is None or self.session.identity is None:
            return
        if any(member_id in payload for member_id in self._others(self.session.member_id)):
            told = [field for field in TOLD_APART if f'"{field}"'.encode() in payload]
            if not told:
                raise Broken("P8", f"{self.session.member_id} is shown another member's id: {frame}")

    def _welcome(self, frame: shown.Welcome) -> None:
        opened = self._truth.oracle.sessions_opened(frame.member_id)
        high_ref = self._truth.high.get((frame.member_id, frame.session), 0)
        if frame.session > opened or frame.high_ref > high_ref:
            raise Broken("P6", f"{frame} tells of what isn't durable: {opened} sessions, {high_ref}")

    def _ack(self, frame: shown.Ack) -> None:
        key = self._key(frame.ref)
        reply = self._truth.replies.get(key)
        if reply is None:
            raise Broken("P6", f"{key} is acknowledged and not durable: {frame}")
        told = frame.sequence, frame.at_us, frame.id, frame.filled_quantity, frame.open_quantity, frame.number
        due = reply.sequence, reply.at_us, reply.id, reply.filled_quantity, reply.open_quantity, reply.number
        if reply.code or told != due:
            raise Broken("P3", f"{key} is answered with {frame}, not with {reply}")

    def _rejected(self, frame: shown.Rejected) -> None:
        key = self._key(frame.ref)
        reply = self._truth.replies.get(key)
        if frame.sequence:
            if reply is None:
                raise Broken("P6", f"{key} is refused and not durable: {frame}")
            told = frame.code, frame.bound, frame.field, frame.sequence, frame.at_us
            if told != (reply.code, reply.bound, reply.field, reply.sequence, reply.at_us):
                raise Broken("P3", f"{key} is answered with {frame}, not with {reply}")
        elif frame.code == RejectCode.REF_TOO_OLD:
            self._never(frame.ref, f"{frame}")
        elif frame.code == RejectCode.REF_REUSED:
            raise Broken("P2", f"{key} stands for one command only, but {frame}")

    def _unresolved(self, frame: shown.Unresolved) -> None:
        if frame.never:
            self._never(frame.ref, f"{frame}")

    def _never(self, ref: int, why: str) -> None:
        key = self._key(ref)
        high_ref = self._truth.high.get(key[:2], 0)
        if key in self._truth.replies and high_ref - ref < SESSION_OUTCOMES_KEPT:
            raise Broken("P2", f"{key} was executed, but {why}")
        if ref > high_ref:
            raise Broken("P6", f"nothing above {key} is durable, but {why}")
        self._truth.never[key] = why

    def _time(self, frame: shown.Time) -> None:
        first_us, last_us = self._clock()
        if not first_us - WRITTEN_US_MAX <= frame.server_us <= last_us:
            raise Broken("P7", f"{frame} is not between {first_us} and {last_us}")

    # --- channels --------------------------------------------------------------------------------

    def _subscribed(self, frame: shown.Subscribed) -> None:
        wish = self._wishes[frame.channel].popleft()
        if not frame.recovered:
            self._positions[frame.channel] = Position(frame.offset, None)
        elif (wish.epoch, wish.offset) <= (frame.epoch, frame.offset):
            self._positions[frame.channel] = Position(frame.offset, wish.offset)
        else:
            raise Broken("P5", f"{frame} can't recover what was missed after {wish}")

    def _in_place(self, frame: Any, *, whole: bool) -> None:
        """Check that the frame is the next one of its channel; a picture of the whole may begin or skip."""
        position = self._positions[frame.channel]
        if position.offset is None:
            # The first picture of a reader that is behind comes when it has read the rest.
            later = self.may_skip and frame.offset > position.begins
            fits = whole and (frame.offset == position.begins or later)
        elif whole:
            fits = frame.offset == position.offset + 1 or (self.may_skip and frame.offset >= position.offset)
        else:
            fits = frame.offset == position.offset + 1
        if not fits:
            raise Broken("P5", f"{frame} does not follow offset {position.offset} (from {position.begins})")
        position.offset = frame.offset

    def _heartbeat(self, frame: shown.Heartbeat) -> None:
        if frame.offset != self._positions[frame.channel].offset:
            raise Broken("P5", f"{frame} comes at offset {self._positions[frame.channel].offset}")

    def _book(self, frame: shown.BookSnapshot | shown.BookDelta) -> None:
        self._in_place(frame, whole=isinstance(frame, shown.BookSnapshot))
        instrument_id = frame.channel.partition(":")[2]
        if frame.crc32 not in self._truth.checksums[instrument_id]:
            raise Broken("P6", f"the book never stood like this on disk: {frame}")

    def _trades(self, frame: shown.Trades) -> None:
        self._in_place(frame, whole=frame.snapshot)
        instrument_id = frame.channel.partition(":")[2]
        prints = self._truth.prints.get(instrument_id, {})
        for each in frame.trades:
            number = each.trade_number
            restated = self._truth.restated.get((instrument_id, number), [])
            if each not in (prints.get(number), *restated):
                raise Broken("P6", f"{each} of {instrument_id} is not on disk")

    def _ticker(self, frame: shown.Ticker) -> None:
        self._in_place(frame, whole=True)
        instrument_id = frame.channel.partition(":")[2]
        if (frame.bid, frame.bid_quantity, frame.ask, frame.ask_quantity) not in self._truth.tops[
            instrument_id
        ]:
            raise Broken("P6", f"best bid and offer never stood like this on disk: {frame}")

    def _own(self, frame: shown.OwnSnapshot | shown.Own) -> None:
        self._in_place(frame, whole=isinstance(frame, shown.OwnSnapshot))
        fills = [event for event in getattr(frame, "events", ()) if isinstance(event, shown.OwnFill)]
        member_id = self._key(0)[0]
        for fill in fills:
            key = member_id, fill.order_id, fill.instrument_id, fill.trade_number
            if self._truth.fills.get(key) != (fill.price, fill.quantity):
                raise Broken("P6", f"{fill} of {member_id} is not on disk")

    def _notices(self, frame: shown.Notices) -> None:
        self._in_place(frame, whole=frame.snapshot)

    def _lot(self, frame: shown.Lot | shown.LotDelta) -> None:
        self._in_place(frame, whole=isinstance(frame, shown.Lot))
        viewer, pictures = self._key(0)[0], self._truth.pictures
        place = viewer, frame.channel, frame.epoch
        if isinstance(frame, shown.LotDelta):
            frame = applied(frame, pictures[*place, frame.offset - 1])
        pictures[*place, frame.offset] = frame
        if not self._truth.oracle.shows(frame, viewer, now=False):
            raise Broken("P6", f"the lot never stood like this on disk, for {viewer}: {frame}")


_JUDGES: Final[dict[type[Shown], Callable[..., None]]] = {
    shown.Welcome: Tap._welcome,
    shown.Ack: Tap._ack,
    shown.Rejected: Tap._rejected,
    shown.Unresolved: Tap._unresolved,
    shown.Time: Tap._time,
    shown.Subscribed: Tap._subscribed,
    shown.Heartbeat: Tap._heartbeat,
    shown.BookSnapshot: Tap._book,
    shown.BookDelta: Tap._book,
    shown.Trades: Tap._trades,
    shown.Ticker: Tap._ticker,
    shown.Own: Tap._own,
    shown.OwnSnapshot: Tap._own,
    shown.Notices: Tap._notices,
    shown.Lot: Tap._lot,
    shown.LotDelta: Tap._lot,
}
