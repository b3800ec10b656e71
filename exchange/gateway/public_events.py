"""At the door for drafts of public events: they keep a standstill, and say why if they award to another than the best.

Guarantees: whatever way a draft or a change of it comes in, `refusal` is asked before the engine is. The kernel doesn't
ask, so that journals with public events that were drafted without either replay as they were.

Known limits: such older events, and their clones, go on without.
"""

from typing import Final

from exchange.core.market.lots.terms import public_refusal
from exchange.core.messages import Command
from exchange.core.messages.changing import ChangeEvent
from exchange.core.messages.sourcing import CreateEvent
from exchange.core.rejects import Reject
from exchange.views.sourcing import Sourcing

DRAFTING: Final = frozenset({CreateEvent, ChangeEvent})
"""The commands that are asked about."""


def refusal(command: Command, sourcing: Sourcing) -> Reject | None:
    """RULES_CONTRADICT, for a public event that binds."""
    if isinstance(command, CreateEvent):
        return None if command.practice else public_refusal(command.rules)
    if not isinstance(command, ChangeEvent) or command.rules is None:
        return None
    event = sourcing.events.get(command.event_id)
    return None if event is not None and event.practice else public_refusal(command.rules)
