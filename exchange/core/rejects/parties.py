"""Refusals of members, their roles and what they may do: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
    (_C.NOT_AUTHENTICATED, "The key is unknown or revoked.", "Send a valid key first.", _FIX),
    (_C.NOT_PERMITTED, "This is not yours to do or to see.", "Ask the operator.", _GIVE_UP),
    (_C.ROLE_MISSING, "Your membership lacks the role for this.", "Ask the operator.", _GIVE_UP),
    (_C.MEMBER_SUSPENDED, "The membership is suspended.", "Ask the operator.", _GIVE_UP),
    (
        _C.SCOPE_MISSING,
        "This key does not have the scope for this.",
        "Use a key with the scope for it: read, trade or manage.",
        _FIX,
    ),
    (_C.TOO_MANY_KEYS, "The member has all the keys that it can have.", "Revoke one.", _WAIT),
    (_C.DEAL_NOT_FINISHED, "Part of this deal is still open.", "Rate it when all is settled.", _WAIT),
    (_C.NO_DEAL_TO_RATE, "No deal of yours can be rated by this id.", "Rate within 30 days.", _GIVE_UP),
)
