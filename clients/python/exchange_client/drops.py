"""The drop copy as asyncio sees it: everybody's orders and executions, for operators and auditors.

Guarantees: entries come in the order of the journal, each once; where some may be missing, `Resynced` comes first and
then a snapshot of all open orders, from which the next entries go on.
"""

from collections.abc import Iterable
from typing import NamedTuple

from exchange_client.channels import Update
from exchange_client.feeds import Feed, Hub
from exchange_client.shown_drops import DropCopy, DropEntry, DropOrder, DropSnapshot


class DropUpdate(NamedTuple):
    """What one commit did, as the wire tells it: prices are integers in 10^-price_scale of the instrument.

    A snapshot has `orders` and no entries; `seq` is the place in the journal after which it stands, or of the last
    entry, and `left_out` how many orders the snapshot had no room for.
    """

    entries: list[DropEntry]
    orders: list[DropOrder]
    snapshot: bool
    seq: int
    left_out: int = 0


class DropFeed(Feed[DropUpdate]):
    """What becomes of every order. A reader that isn't entitled gets `Rejected`: there is no such channel for it."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub, "drop_copy")

    def _show(self, update: Update) -> Iterable[DropUpdate]:
        frame = update.frame
        if isinstance(frame, DropSnapshot):
            return (DropUpdate([], frame.orders, snapshot=True, seq=frame.seq, left_out=frame.left_out),)
        assert isinstance(frame, DropCopy)
        return (DropUpdate(frame.entries, [], snapshot=False, seq=frame.entries[-1].seq),)
