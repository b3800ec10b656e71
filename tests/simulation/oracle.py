"""What must be true of each command: asked by the truth as the journal grows, and by the verdict at the end.

Guarantees: an oracle sees nothing but the journal. The plain world has the naive exchange, which knows the rules in
its own words; the wide world has a kernel that no fault ever touches (`shadow`).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec import UNSET, to_builtins

from exchange.core.kernel import Exchange
from exchange.core.messages import AnyEvent, Outcome, Sequenced, Side, shown
from tests.models.exchange import Foretold, NaiveExchange, as_foretold
from tests.models.sourcing import NaiveEvent

Levels = list[tuple[int, int]]
"""Price and quantity, best first."""


class Mismatch(NamedTuple):
    """What stands otherwise at the end than it should, and which promise that breaks."""

    promise: str
    what: str
    is_: object
    due: object


class Oracle(Protocol):
    """`execute` takes what the journal holds next; the others tell how things stand after it."""

    @property
    def objections(self) -> list[str]:
        """Why the journal should not hold the last command, each with the promise that it breaks."""
        ...

    def execute(self, sent: Sequenced) -> Foretold:
        """What the command must have done."""
        ...

    def told(self, outcome: Outcome) -> Foretold:
        """What a command really did, as far as this oracle can foretell it."""
        ...

    def boundary(self, commands: Sequence[Sequenced], events: Sequence[AnyEvent]) -> None:
        """A batch is whole: what can be seen from outside is the state between two of them."""
        ...

    def books(self, events: Sequence[AnyEvent]) -> list[str]:
        """Instruments whose books these events may have changed."""
        ...

    def levels(self, instrument_id: str, side: Side) -> Levels:
        """The depth that shows."""
        ...

    def sessions_opened(self, member_id: str) -> int:
        """How many sessions the member has opened."""
        ...

    def session_is_open(self, member_id: str, session: int) -> bool:
        """Whether the session is remembered."""
        ...

    def resting(self, member_id: str = "") -> dict[str, tuple[int, int]]:
        """By order, of one member or of all: what is open and what is filled."""
        ...

    def balances(self) -> dict[tuple[str, str], int]:
        """Every account that isn't at zero, by its name and unit."""
        ...

    def duration_us(self, lot_id: str) -> int:
        """How long the lot has to have taken bids before it closes."""
        ...

    def shows(self, frame: shown.Lot, viewer: str, *, now: bool) -> bool:
        """Whether this is how the viewer may see the lot, now or after some batch."""
        ...

    def lots_under_way(self) -> list[str]:
        """Lots that will close by themselves."""
        ...

    def bids(self) -> int:
        """Bids that were taken."""
        ...

    def mismatches(self, kernel: Exchange) -> list[Mismatch]:
        """Where the kernel of the whole journal doesn't stand as foretold."""
        ...

    def settled(self) -> tuple[int, int] | None:
        """Trades that are settled and the fees for them, or nothing: it doesn't count them."""
        ...


class Face(NamedTuple):
    """A lot as it stood after some batch."""

    state: str
    open_at_us: int
    close_at_us: int
    ranking: tuple[tuple[str, int], ...]  # members with their best price, best first


class NaiveOracle:
    """The naive exchange, as an oracle."""

    def __init__(self) -> None:
        self.naive = NaiveExchange()
        self._faces: dict[str, list[Face]] = {}

    @property
    def objections(self) -> list[str]:
        """See `Oracle`."""
        return self.naive.objections

    def execute(self, sent: Sequenced) -> Foretold:
        """See `Oracle`."""
        return self.naive.execute(sent)

    def told(self, outcome: Outcome) -> Foretold:
        """See `Oracle`."""
        return as_foretold(outcome)

    def boundary(self, commands: Sequence[Sequenced], events: Sequence[AnyEvent]) -> None:
        """See `Oracle`."""
        if any(hasattr(event, "lot_id") or hasattr(event, "event_id") for event in events):
            for sourcing in self.naive.sourcing.with_lot:
                self._note_face(sourcing)

    def books(self, events: Sequence[AnyEvent]) -> list[str]:
        """See `Oracle`."""
        named = dict.fromkeys(getattr(event, "instrument_id", "") for event in events)
        return [instrument_id for instrument_id in named if instrument_id]

    def _note_face(self, event: NaiveEvent) -> None:
        lot = event.lot
        assert lot is not None
        timetable = (lot.open_at_us, lot.close_at_us) if event.published else (0, 0)
        ranking = tuple((member_id, min(lot.own(member_id))) for member_id in lot.ranking())
        faces = self._faces.setdefault(lot.lot_id, [])
        face = Face(lot.state, *timetable, ranking)
        if not faces or faces[-1] != face:
            faces.append(face)

    def levels(self, instrument_id: str, side: Side) -> Levels:
        """See `Oracle`."""
        return [(price, open_) for price, open_, _ in self.naive.sale.books.levels(instrument_id, side)]

    def sessions_opened(self, member_id: str) -> int:
        """See `Oracle`."""
        return self.naive.parties.sessions_of(member_id).opened

    def session_is_open(self, member_id: str, session: int) -> bool:
        """See `Oracle`."""
        return bool(self.naive.parties.sessions_of(member_id).find(session))

    def resting(self, member_id: str = "") -> dict[str, tuple[int, int]]:
        """See `Oracle`."""
        orders = self.naive.sale.books.resting
        return {
            order.order_id: (order.open, order.filled)
            for order in orders
            if member_id in {"", order.member_id}
        }

    def balances(self) -> dict[tuple[str, str], int]:
        """See `Oracle`."""
        return {key: balance for key, balance in self.naive.sale.ledger.balances.items() if balance}

    def duration_us(self, lot_id: str) -> int:
        """See `Oracle`."""
        event = self.naive.sourcing.event_of(lot_id)
        assert event is not None
        return event.terms.duration_us

    def shows(self, frame: shown.Lot, viewer: str, *, now: bool) -> bool:
        """See `Oracle`."""
        faces = self._faces[frame.lot_id]
        return any(_shows(frame, face, viewer) for face in reversed(faces[-1:] if now else faces))

    def lots_under_way(self) -> list[str]:
        """See `Oracle`."""
        lots = [event.lot for event in self.naive.sourcing.with_lot if event.lot]
        return [lot.lot_id for lot in lots if lot.state in {"waiting", "open"}]

    def bids(self) -> int:
        """See `Oracle`."""
        return sum(len(event.lot.bids) for event in self.naive.sourcing.with_lot if event.lot)

    def mismatches(self, kernel: Exchange) -> list[Mismatch]:
        """Books, balances, contracts and lots."""
        naive = self.naive
        naive.sale.ledger.check()
        books = to_builtins(kernel.books.dump(), str_keys=True)
        contracts = sorted(contract.contract_id for contract in kernel.contracts.dump())
        found = [
            Mismatch("P3", "the books", _plain(books), _plain(naive.sale.books.dump())),
            Mismatch("P4", "the balances", balances_of(kernel), self.balances()),
            Mismatch("P3", "the contracts", contracts, naive.sale.contracts.in_force()),
        ]
        for event in naive.sourcing.with_lot:
            lot = event.lot
            assert lot is not None
            real = kernel.auctions.lot(lot.lot_id)
            assert real is not None
            stands = real.state, [bid.member_id for bid in real.board.ranking()]
            found.append(Mismatch("P3", f"lot {lot.lot_id}", stands, (lot.state, lot.ranking())))
        return [each for each in found if each.is_ != each.due]

    def settled(self) -> tuple[int, int] | None:
        """See `Oracle`."""
        sale = self.naive.sale
        return sum(trade.settled for trade in sale.contracts.trades), sum(fee.fee_minor for fee in sale.fees)


def balances_of(kernel: Exchange) -> dict[tuple[str, str], int]:
    """Every account of the kernel that isn't at zero."""
    return {
        (account.name, account.unit): account.balance
        for account in kernel.ledger.accounts()
        if account.balance
    }


def _plain(value: object) -> object:
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _shows(frame: shown.Lot, face: Face, viewer: str) -> bool:
    """Whether this is how the viewer may see the lot in that state; what the frame leaves out is not asked for."""
    if (frame.state, frame.open_at_us, frame.close_at_us) != face[:3]:
        return False
    names = [member_id for member_id, _ in face.ranking]
    own = dict(face.ranking).get(viewer, UNSET)
    lead = face.ranking[0][1] if face.ranking else 0
    due = (
        (frame.own_price, own),
        (frame.own_rank, names.index(viewer) + 1 if viewer in names else UNSET),
        (frame.lead_price, lead),
        (frame.participants, len(names)),
    )
    return all(told is UNSET or told == expected for told, expected in due)
