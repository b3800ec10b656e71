"""The bids of a lot as one list that is read anew at every question. Slow and obvious."""

from dataclasses import dataclass, field

from tests.models.admission import NaiveAdmission


@dataclass
class NaiveBidding:
    """`made` holds each bidder's prices by number; what was taken back is None there and gone from `lot.bids`."""

    lot: NaiveAdmission
    made: dict[str, list[int | None]] = field(default_factory=dict)

    def bid(self, member: str, price: int) -> None:
        self.lot.bids.append((member, price))
        self.made.setdefault(member, []).append(price)

    def aliases(self) -> list[str]:
        return list(self.made)

    def not_revocable(self, member: str, number: int) -> str:
        """Why not; empty where it can be taken back."""
        made = self.made.get(member, [])
        if number > len(made):
            return "BID_UNKNOWN"
        return "" if made[number - 1] is not None else "BID_REVOKED"

    def revoke(self, member: str, number: int) -> None:
        price = self.made[member][number - 1]
        assert price is not None
        self.lot.bids.remove((member, price))
        self.made[member][number - 1] = None
