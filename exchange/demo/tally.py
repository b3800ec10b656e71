"""What the demo's members saw happen, counted as it comes in."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts since the start."""

    orders_acked: int = 0
    trades: int = 0
    bids_acked: int = 0
    receipts: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    lot_line: str = ""
    last_trade: str = ""

    def refuse(self, reason: str) -> None:
        """Count a refusal by its name."""
        self.refused[reason] = self.refused.get(reason, 0) + 1
