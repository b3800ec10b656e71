"""The end of a run: everything that is left of it, compared with the truth and with everything else."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.messages import Side
from exchange.core.messages import shown as server_shown
from exchange.engine.replica import Replica
from exchange.journal.base import Snapshot
from exchange.views.market import OrderView
from exchange.views.views import Views
from exchange_client import shown
from exchange_client.errors import NotExecuted, Rejected, Unknown
from exchange_client.messages import Side as BookSide
from tests.simulation.client import Claim, Client
from tests.simulation.oracle import balances_of
from tests.simulation.truth import Broken
from tests.simulation.world import World

OWN_KINDS: Final = (
    "wallet", "held", "payable", "deposit", "stock", "reserved", "rejected", "receivable:fees", "receivable:recourse",
)  # fmt: skip


def judge(world: World) -> None:
    """Raises `Broken` for the first promise that was not kept."""
    world.truth.catch_up()
    kernel = _replayed(world)
    _same_after_recovery(world, kernel)
    _kernel_is_as_foretold(world, kernel)
    _archive_agrees(world, kernel)
    for claim in world.claims:
        _claim_is_true(world, claim)


def judge_pictures(world: World) -> None:
    """In quiet, who follows a channel sees what is. Raises `Broken`."""
    world.truth.catch_up()
    for client in world.clients:
        if not world.loop.is_dead(client.host):
            _picture_is_true(world, client)


def _expect(promise: str, what: str, is_: object, due: object) -> None:
    if is_ != due:
        raise Broken(promise, f"{what}: {is_}, not {due}")


# --- journal and kernel --------------------------------------------------------------------------


def _replayed(world: World) -> Exchange:
    """The kernel of the whole journal; the books balance after every command."""
    replica = Replica()
    execute = replica.kernel.execute

    def executed(sent: Any) -> Any:
        outcome = execute(sent)
        try:
            replica.kernel.ledger.check_invariants()
        except AssertionError as error:
            raise Broken("P4", f"after {sent}: {error}") from error
        return outcome

    replica.kernel.execute = executed  # type: ignore[method-assign,assignment]
    for batch in world.store.batches:
        replica.apply(batch)
    _expect("P1", "the end of the journal", replica.next_seq - 1, world.truth.seq)
    return replica.kernel


def _same_after_recovery(world: World, kernel: Exchange) -> None:
    """The running kernel, and that of every snapshot brought up to date, dump as the whole journal does."""
    dumped = kernel.dump()
    server = world.serving
    assert server is not None, "the exchange serves at the end"
    _expect("P1", "the running kernel's state", server.engine._kernel.dump() == dumped, True)
    for snapshot in world.store.snapshots.values():
        _expect("P1", f"the state from snapshot {snapshot.seq}", _from(world, snapshot) == dumped, True)
    live, fresh = server.engine.views, Views.from_kernel(kernel)
    for name in ("members", "instruments", "commission"):
        _expect("P1", f"the view of {name}", getattr(live, name), getattr(fresh, name))
    _expect("P1", "the view of accounts", live.accounts.balances, fresh.accounts.balances)
    orders = _unnumbered(live.market.orders), _unnumbered(fresh.market.orders)
    _expect("P1", "the view of orders", *orders)
    for instrument_id, book in fresh.market.books.items():
        shown_book = live.market.books[instrument_id]
        _expect("P1", "the view of a book", (shown_book.bids, shown_book.asks), (book.bids, book.asks))


def _unnumbered(orders: dict[str, dict[str, OrderView]]) -> dict[str, dict[str, OrderView]]:
    """Every order as the views hold it, but for its number in the queue, which begins anew with every start."""
    return {
        member_id: {order_id: replace(order, number=0) for order_id, order in own.items()}
        for member_id, own in orders.items()
        if own
    }


def _from(world: World, snapshot: Snapshot) -> bytes:
    replica = Replica(snapshot)
    for batch in world.store.batches:
        if batch.first_seq >= replica.next_seq:
            replica.apply(batch)
    return replica.kernel.dump()


def _kernel_is_as_foretold(world: World, kernel: Exchange) -> None:
    """All that the oracle knows, and the refs of every session."""
    truth = world.truth
    for promise, what, is_, due in truth.oracle.mismatches(kernel):
        raise Broken(promise, f"{what}: {is_}, not {due}")
    for (member_id, session), ref in truth.high.items():
        if truth.oracle.session_is_open(member_id, session):
            _expect("P2", "the highest ref", kernel.sessions.high_water(member_id, session), ref)


def _archive_agrees(world: World, kernel: Exchange) -> None:
    """The history's tables hold what the ledger, the books and the trades came from."""
    if not world.temper.follows:
        return
    tables, truth = world.tables, world.truth
    _expect("P1", "the follower's position", tables.seq, truth.seq)
    _expect("P4", "the sums of the archive's transfers", tables.balances(), balances_of(kernel))
    open_ = {
        order_id: (row["open_quantity"], row["filled_quantity"])
        for order_id, row in tables.orders.items()
        if row["status"] == "open"
    }
    _expect("P1", "the archive's open orders", open_, truth.oracle.resting())
    trades = [(row[0], row[1]) for row in tables.trades]
    due = [(instrument_id, number) for instrument_id, prints in truth.prints.items() for number in prints]
    _expect("P1", "the archive's trades", sorted(map(str, trades)), sorted(map(str, due)))
    settled = truth.oracle.settled()
    if settled is not None:
        fees = sum(fee for fee, _ in tables.settled.values())
        _expect("P4", "the archive's settled trades and fees", (len(tables.settled) / 2, fees), settled)


# --- what clients were told ----------------------------------------------------------------------


def _claim_is_true(world: World, claim: Claim) -> None:
    reply = world.truth.replies.get((claim.member_id, claim.session, claim.ref))
    match claim.outcome:
        case shown.Ack() as ack:
            is_so = reply is not None and (reply.code, reply.sequence) == (0, ack.sequence)
        case Rejected() as refusal if refusal.sequence:
            is_so = reply is not None and (reply.code, reply.sequence) == (refusal.code, refusal.sequence)
        case Rejected() | NotExecuted() | Unknown(sent=False):
            is_so = reply is None
        case _:
            is_so = True  # it is unknown, and said so
    if not is_so:
        raise Broken("P10", f"{claim} is not what happened: {reply}")


def _picture_is_true(world: World, client: Client) -> None:
    for channel in client.channels:
        kind, _, subject = channel.partition(":")
        _PICTURES.get(kind, _any)(world, client, channel, subject)


def _any(world: World, client: Client, channel: str, subject: str) -> None:
    _expect("P5", f"{client.name} has had a frame of {channel}", channel in client.pictures.places, True)


def _book(world: World, client: Client, channel: str, instrument_id: str) -> None:
    book = client.session.book(channel)
    assert book is not None, f"{client.name} has no {channel}"
    for side, shown_side in ((Side.BUY, BookSide.BUY), (Side.SELL, BookSide.SELL)):
        due = world.truth.levels(instrument_id, side)
        _expect("P5", f"{channel} of {client.name}", book.top(shown_side, 1_000), due)


def _ticker(world: World, client: Client, channel: str, instrument_id: str) -> None:
    ticker = client.pictures.tickers[channel]
    bids, asks = (world.truth.levels(instrument_id, side) for side in (Side.BUY, Side.SELL))
    told = (ticker.bid, ticker.bid_quantity), (ticker.ask, ticker.ask_quantity)
    _expect("P5", f"{channel} of {client.name}", told, ((bids or [(0, 0)])[0], (asks or [(0, 0)])[0]))


def _own(world: World, client: Client, channel: str, _subject: str) -> None:
    oracle, member_id = world.truth.oracle, client.member_id
    open_ = {order_id: left for order_id, (left, _) in oracle.resting(member_id).items()}
    _expect("P5", f"open orders of {client.name}", client.pictures.open_orders(), open_)
    balances = {
        (kind, unit): -balance
        for (name, unit), balance in oracle.balances().items()
        for kind, _, owner in (name.rpartition(":"),)
        if owner == member_id and kind in OWN_KINDS
    }
    _expect("P5", f"balances of {client.name}", client.pictures.balances(), balances)


def _lot(world: World, client: Client, channel: str, lot_id: str) -> None:
    frame = as_sent(client.pictures.lots[lot_id])
    is_so = world.truth.oracle.shows(frame, client.member_id, now=True)
    _expect("P5", f"{channel} of {client.name} shows what is: {frame}", is_so, True)


def as_sent(lot: shown.Lot) -> server_shown.Lot:
    """The frame as the exchange wrote it."""
    return msgspec.json.decode(msgspec.json.encode(lot), type=server_shown.Lot)


_PICTURES: Final[dict[str, Callable[[World, Client, str, str], None]]] = {
    "book": _book,
    "ticker": _ticker,
    "own": _own,
    "lot": _lot,
}
