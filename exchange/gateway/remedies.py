"""What a refusal tells people to do, with its bound in the words: "Bid 1.4120 or lower; one step is 0.0060."

Guarantees: a remedy that speaks of the bound names it as it is told beside, or says that none can be told. Decides
neither what a bound is nor how it is written.
"""

import re
from typing import Final

from exchange.core.messages.lot_rules import LotDirection
from exchange.core.rejects import EXPLANATIONS, RejectCode

_THE_BOUND: Final = "the bound"
UNTOLD: Final = "Try another: no bound can be told, or none is left."
"""Where what would do is not disclosed to the sender, or nothing would."""

_BOUNDED: Final = {
    RejectCode.LOT_NOT_OPEN: "It could take them until the bound.",
    RejectCode.RULES_CONTRADICT: "Change one of them; the border is the bound.",
}
"""Of refusals that only sometimes have a bound: what is said where they do."""

_WAYS: Final = {
    LotDirection.REVERSE: {"better": "lower", "worse": "higher"},
    LotDirection.FORWARD: {"better": "higher", "worse": "lower"},
}


def remedy_told(
    code: RejectCode, bound: str = "", *, step: str = "", direction: LotDirection | None = None
) -> str:
    """The remedy of a refusal with this bound, which is empty where there is none; in the words of a lot of this direction."""
    remedy = EXPLANATIONS[code].remedy
    if bound:
        remedy = _BOUNDED.get(code, remedy)
    if _THE_BOUND not in remedy:
        return remedy
    if not bound:
        return UNTOLD
    if direction is not None:
        ways = _WAYS[direction]
        remedy = re.sub("better|worse", lambda found: ways[found[0]], remedy)
    told = remedy.replace(_THE_BOUND, bound)
    return f"{told[:-1]}; one step is {step}." if step else told
