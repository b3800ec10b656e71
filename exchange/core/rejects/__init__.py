"""Every refusal of the exchange: a stable number, one sentence, and what the sender can do about it.

A refusal is a value, not an exception. `codes` has the numbers, a module per room the words.
"""

from typing import Final

from msgspec import Struct

from exchange.core.rejects import auction, awards, deals, inputs, ledger, market, parties, sessions
from exchange.core.rejects.codes import Advice, Reject, RejectCode


class Explanation(Struct, frozen=True):
    """For people: what was wrong, and what to do."""

    sentence: str
    remedy: str
    advice: Advice


EXPLANATIONS: Final[dict[RejectCode, Explanation]] = {
    code: Explanation(sentence, remedy, advice)
    for room in (inputs, parties, market, auction, awards, deals, ledger, sessions)
    for code, sentence, remedy, advice in room.EXPLAINED
}
assert EXPLANATIONS.keys() == set(RejectCode), "every code is explained"

__all__ = ["EXPLANATIONS", "Advice", "Explanation", "Reject", "RejectCode"]
