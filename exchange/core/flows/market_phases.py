"""The phases of an instrument's market: the operator's word, the band's, and the clock's.

A call lasts its duration and ends at a random instant after it. Chance is drawn by the sequencer for the
FireDeadlines that meets the end of the duration, and stands in the journal: nobody, the operator included,
knows the instant before. At its end the call is prolonged while its price would leave the dynamic band, at most
CALL_EXTENSIONS_MAX times; then it trades at the price that it has found.
"""

from hashlib import sha256
from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.holds import Holds
from exchange.core.flows.outcome import Done, Handlers, Steps
from exchange.core.goods.instruments import Instruments
from exchange.core.limits import CALL_EXTENSIONS_MAX, CALL_RANDOM_US_MAX, OUTAGE_NOTICE_US
from exchange.core.market.book import Book
from exchange.core.market.books import Books
from exchange.core.market.call import indicated, trade_at_one_price
from exchange.core.market.phases import phase_refusal
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.phases import (
    CallExtended,
    CallTraded,
    Phase,
    PhaseCause,
    PhaseSet,
    SetPhase,
    StartCall,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode

END_CALL: Final = "end_call"
"""The duration of an instrument's call is over: its end is drawn."""
UNCROSS_CALL: Final = "uncross_call"
"""The instant that was drawn."""
_CALL: Final = Phase.CALL_AUCTION


class MarketPhases:
    """The commands and deadlines of phases. `drawn` is the chance of the FireDeadlines under way."""

    def __init__(
        self,
        members: Members,
        instruments: Instruments,
        books: Books,
        deadlines: Deadlines,
        holds: Holds,
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.deadlines = deadlines
        self.holds = holds
        self.drawn = ""

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SetPhase: self.set_phase,
            StartCall: self.start_call,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            END_CALL: self.meet,
            UNCROSS_CALL: self.meet,
        }

    # --- the operator's word -----------------------------------------------------------------------

    def set_phase(self, sent: Sequenced, command: SetPhase, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, instrument, and that the table of phases has the way."""
        book = self._book(sent, command.instrument_id)
        if isinstance(book, Reject):
            return book
        if refused := phase_refusal(book.stage, command.phase, PhaseCause.SET_PHASE):
            return refused
        self._enter(book, command.phase, PhaseCause.SET_PHASE, events)
        return Done(command.instrument_id)

    def start_call(self, sent: Sequenced, command: StartCall, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, instrument, that a call can begin now, and that it can end so."""
        book = self._book(sent, command.instrument_id)
        if isinstance(book, Reject):
            return book
        if refused := phase_refusal(book.stage, _CALL, PhaseCause.START_CALL):
            return refused
        if command.next_phase not in (Phase.CONTINUOUS, Phase.CLOSED):
            return Reject(RejectCode.PHASE_NOT_REACHABLE, field="next_phase")
        book.stage.random_us, book.stage.next_phase = command.random_us, command.next_phase
        self._call(book, PhaseCause.START_CALL, sent.at_us + command.duration_us, events)
        return Done(command.instrument_id)

    def _book(self, sent: Sequenced, instrument_id: str) -> Book | Reject:
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        book = self.books.books.get(instrument_id)
        return book or Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")

    # --- the band's word ---------------------------------------------------------------------------

    def start_calls(self, at_us: int, events: list[AnyEvent]) -> None:
        """Begin a call wherever the band kept an order of this command from trading and it rests now.

        What the order could trade within the band has traded; what is left takes part in the call. Only an order
        that can rest starts one.
        """
        for instrument_id in dict.fromkeys(self.books.breaches):
            book = self.books.books[instrument_id]
            book.stage.random_us, book.stage.next_phase = CALL_RANDOM_US_MAX, Phase.CONTINUOUS
            self._call(book, PhaseCause.BAND, at_us + book.stage.call_us, events)
        self.books.breaches.clear()

    # --- the clock's word --------------------------------------------------------------------------

    def meet(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """Draw the end of a call, or end it."""
        book = self.books.books[deadline.subject]
        if deadline.kind == END_CALL:
            self.deadlines.set(UNCROSS_CALL, deadline.subject, at_us + self._drawn_us(book))
            return
        assert deadline.kind == UNCROSS_CALL, deadline.kind
        stage = book.stage
        found = indicated(book)
        if found and stage.leaves_band(found.price) and stage.extensions < CALL_EXTENSIONS_MAX:
            stage.extensions += 1
            self._prolong(book, at_us + stage.call_us, PhaseCause.BAND, events)
            return
        self._uncross(book, events)
        self._enter(book, stage.next_phase, PhaseCause.UNCROSS, events)

    def end_outage(self, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        """Shift the end of every call by the outage, to OUTAGE_NOTICE_US from now at least, and draw it anew."""
        for instrument_id in sorted(self.books.books):
            book = self.books.books[instrument_id]
            if book.stage.phase is _CALL:
                self.deadlines.drop(UNCROSS_CALL, instrument_id)
                ends_at_us = max(book.stage.ends_at_us + down_us, at_us + OUTAGE_NOTICE_US)
                self._prolong(book, ends_at_us, PhaseCause.OUTAGE, events)

    def _drawn_us(self, book: Book) -> int:
        """How long after its duration the call ends; calls that share a draw end apart."""
        seed = sha256(f"{self.drawn} {book.instrument_id}".encode()).digest()
        return int.from_bytes(seed[:8]) % (book.stage.random_us + 1)

    # --- what all three do -------------------------------------------------------------------------

    def _call(self, book: Book, cause: PhaseCause, ends_at_us: int, events: list[AnyEvent]) -> None:
        book.stage.enter(_CALL, cause)
        book.stage.ends_at_us = ends_at_us
        self.deadlines.set(END_CALL, book.instrument_id, ends_at_us)
        events.append(PhaseSet(book.instrument_id, _CALL, cause, ends_at_us))

    def _prolong(self, book: Book, ends_at_us: int, cause: PhaseCause, events: list[AnyEvent]) -> None:
        book.stage.ends_at_us = ends_at_us
        self.deadlines.set(END_CALL, book.instrument_id, ends_at_us)
        events.append(CallExtended(book.instrument_id, ends_at_us, book.stage.extensions, cause))

    def _enter(self, book: Book, phase: Phase, cause: PhaseCause, events: list[AnyEvent]) -> None:
        self.deadlines.drop(END_CALL, book.instrument_id)
        self.deadlines.drop(UNCROSS_CALL, book.instrument_id)
        book.stage.enter(phase, cause)
        events.append(PhaseSet(book.instrument_id, phase, cause, 0))

    def _uncross(self, book: Book, events: list[AnyEvent]) -> None:
        """Everything that can trade trades at one price; money and goods follow."""
        instrument = self.instruments.get(book.instrument_id)
        assert instrument is not None, "a book has an instrument"
        first = len(events)
        buyers = trade_at_one_price(book, events)
        for event in events[first:]:
            if isinstance(event, CallTraded):
                self.holds.settle_in_call(event, buyers[event.buy_order_id], instrument, events)
