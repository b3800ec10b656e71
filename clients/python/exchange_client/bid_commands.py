"""What a client sends about bids beyond making them."""

from exchange_client.command import Command
from exchange_client.currencies import ChooseCurrency, SetCurrencies


class RevokeBid(Command, frozen=True, tag="revoke_bid"):
    """Take an own bid back, where the lot lets it; operator: that of the bidder with an alias."""

    lot_id: str
    number: int
    reason: str
    alias: int = 0


class SetProxy(Command, frozen=True, tag="set_proxy"):
    """Let the lot bid for oneself, up to a limit that nobody else sees."""

    lot_id: str
    price: int


class WithdrawProxy(Command, frozen=True, tag="withdraw_proxy"):
    """Bid for oneself again."""

    lot_id: str


class SubmitSurrogateBid(Command, frozen=True, tag="submit_surrogate_bid"):
    """Operator: bid for a supplier that can't, marked as such."""

    lot_id: str
    member_id: str
    price: int
    reason: str


BidCommand = RevokeBid | SetProxy | WithdrawProxy | SubmitSurrogateBid | SetCurrencies | ChooseCurrency
