"""The naive twin of reviews: whether a lot takes bids is asked afresh of everything that was done to it, in order."""

from typing import NamedTuple


class Act(NamedTuple):
    """At an instant: `bid`, `end`, `award`, `default` or `reopen` until a new close."""

    at_us: int
    kind: str
    close_at_us: int = 0


class Lot(NamedTuple):
    """A window of bids and what follows it."""

    close_at_us: int
    open: bool
    awarded: bool
    reviewed_until_us: int  # 0: not at all
    extended_us: int


def stands(acts: list[Act], at_us: int, first_close_us: int, review_us: int, window_us: int) -> Lot:
    """The lot at an instant; an overtime of `window_us` ends each window no sooner than so long after its last bid."""
    close, closed_at, extended = first_close_us, 0, 0
    awarded, spent = False, False

    def pass_to(instant: int) -> None:
        nonlocal closed_at
        if not closed_at and instant >= close:
            closed_at = close

    for act in acts:
        pass_to(act.at_us)
        if act.kind == "bid":
            longer = max(close, act.at_us + window_us)
            extended, close = extended + longer - close, longer
        elif act.kind == "end":
            closed_at = act.at_us
        elif act.kind == "award":
            awarded = spent = True
        elif act.kind == "default":
            awarded = False
        else:
            close, closed_at, extended = act.close_at_us, 0, 0
    pass_to(at_us)
    until = closed_at + review_us if closed_at and review_us and not spent else 0
    return Lot(close, not closed_at, awarded, until, extended)
