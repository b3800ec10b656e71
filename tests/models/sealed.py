"""A sealed lot as the list of all that came in, judged anew at every question. Slow and obvious."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Came(NamedTuple):
    """An envelope (what it says of lot, bidder and price), or nothing: the one before was withdrawn."""

    member_id: str
    at_us: int
    says: tuple[str, str, int] | None


@dataclass
class NaiveSealedLot:
    """Instants are those of the timetable, moved by every pause and outage."""

    lot_id: str
    open_at_us: int
    close_at_us: int
    tick: int
    ceiling_price: int
    floor_price: int
    reserve_price: int
    second_price: bool
    notice_us: int
    keyed: bool = False
    state: str = "waiting"
    paused_at_us: int = 0
    came: list[Came] = field(default_factory=list)

    # Time

    def pass_to(self, at_us: int) -> None:
        if self.paused_at_us:
            return
        if self.state == "waiting" and at_us >= self.open_at_us and self.keyed:
            self.state = "open"
        if self.state == "open" and at_us >= self.close_at_us:
            self.state = "closed"

    def key(self, at_us: int) -> None:
        late_us = (self.paused_at_us or at_us) - self.open_at_us
        self.keyed = True
        if late_us > 0:
            self._move(late_us)

    def resume(self, at_us: int) -> None:
        moved_us, self.paused_at_us = at_us - self.paused_at_us, 0
        if self.state in {"waiting", "open"}:
            self._move(moved_us)

    def outage(self, down_us: int, at_us: int) -> None:
        if self.paused_at_us or self.state not in {"waiting", "open"}:
            return
        was_due = self.open_at_us <= at_us
        self._move(down_us)
        if was_due:
            self.close_at_us = max(self.close_at_us, at_us + self.notice_us)

    def extend(self, by_us: int) -> bool:
        """The buyer moves the close; whether it may."""
        may = by_us > 0 and self.state in {"waiting", "open"}
        self.close_at_us += by_us * may
        return may

    def _move(self, by_us: int) -> None:
        if self.state == "waiting":
            self.open_at_us += by_us
        self.close_at_us += by_us

    # Envelopes

    def refuses(self, at_us: int) -> str:
        if self.state == "waiting":
            return "LOT_NOT_OPEN_YET"
        if self.state == "open" and self.paused_at_us:
            return "EVENT_PAUSED"
        return "" if self.state == "open" and at_us < self.close_at_us else "LOT_NOT_OPEN"

    def stands(self, member_id: str) -> bool:
        mine = [each for each in self.came if each.member_id == member_id]
        return bool(mine) and mine[-1].says is not None

    def standing(self) -> list[Came]:
        """The last of each, in the order in which these came."""
        last = {each.member_id: place for place, each in enumerate(self.came)}
        return [each for place, each in enumerate(self.came) if last[each.member_id] == place and each.says]

    def fault(self, came: Came) -> str:
        assert came.says is not None
        lot_id, member_id, price = came.says
        rules = {
            "other_lot": lot_id == self.lot_id,
            "other_member": member_id == came.member_id,
            "off_tick": price % self.tick == 0,
            "above_ceiling": price <= self.ceiling_price,
            "below_floor": price >= self.floor_price,
            "reserve_not_met": not self.reserve_price or price <= self.reserve_price,
        }
        return next((name for name, kept in rules.items() if not kept), "")

    def valid(self) -> list[tuple[str, int]]:
        """Bidders and prices, in the order of their aliases."""
        return [
            (each.member_id, each.says[2]) for each in self.standing() if each.says and not self.fault(each)
        ]

    def voids(self) -> dict[str, str]:
        return {each.member_id: self.fault(each) for each in self.standing() if self.fault(each)}

    def ranking(self) -> list[str]:
        """Lowest first, of equals the earlier one."""
        valid = self.valid()
        return [member_id for member_id, _ in sorted(valid, key=lambda bid: (bid[1], valid.index(bid)))]

    def paid(self, member_id: str) -> int:
        """What this bidder would get."""
        prices = dict(self.valid())
        if not self.second_price:
            return prices[member_id]
        ranking = self.ranking()
        behind = [prices[each] for each in ranking[ranking.index(member_id) + 1 :]]
        return min([self.ceiling_price, *filter(None, [self.reserve_price]), *behind])


@dataclass
class NaiveTwoEnvelopes(NaiveSealedLot):
    """`verdicts` is what the buyer says of each alias that can be read; `unreadable` whose offers can't."""

    unreadable: list[str] = field(default_factory=list)
    revealed: bool = False
    verdicts: dict[int, bool] = field(default_factory=dict)

    def aliases(self) -> list[str]:
        """Who bids, by alias from 1: as the envelopes came."""
        return [each.member_id for each in super().standing()]

    def judged(self) -> bool:
        """Nothing is left to be judged."""
        return self.revealed and not any(self.to_judge(alias) for alias in range(1, len(self.aliases()) + 1))

    def to_judge(self, alias: int) -> bool:
        """Whether there is such an offer, to be read, and no word on it."""
        there = self.revealed and alias <= len(self.aliases())
        return there and self.aliases()[alias - 1] not in self.unreadable and alias not in self.verdicts

    def passed(self, member_id: str) -> bool:
        return self.verdicts.get(self.aliases().index(member_id) + 1, False)

    def standing(self) -> list[Came]:
        """Once all is judged, of those that passed."""
        whole = super().standing()
        return [each for each in whole if self.passed(each.member_id)] if self.judged() else whole

    def failed(self) -> list[str]:
        return [member_id for member_id in self.aliases() if not self.passed(member_id)]
