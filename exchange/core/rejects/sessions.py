"""Refusals of sessions, capacity, the state of the exchange: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
    (_C.BUSY, "The exchange has too much waiting.", "Send the same again a little later.", _WAIT),
    (_C.HALTED, "The exchange cannot write its journal now.", "Send the same again later.", _WAIT),
    (_C.SESSION_UNKNOWN, "There is no such session.", "Open a new one.", _FIX),
    (_C.REF_TOO_OLD, "The ref is below those remembered.", "Ask the history; use a higher ref.", _FIX),
    (_C.REF_REUSED, "The ref stands for another command.", "Use the next ref.", _FIX),
    (_C.QUARANTINED, "This command made the exchange fail before.", "Tell the operator.", _GIVE_UP),
    (_C.TOO_MANY_CONNECTIONS, "Too many connections are open.", "Close some.", _WAIT),
    (_C.TOO_MANY_SUBSCRIPTIONS, "Too many channels are subscribed.", "Unsubscribe some.", _FIX),
    (_C.CHANNEL_UNKNOWN, "There is no such channel for you.", "Check its name.", _FIX),
    (
        _C.IDEMPOTENCY_KEY_REUSED,
        "The Idempotency-Key stands for another request.",
        "Use a new key for a new request.",
        _FIX,
    ),
    (_C.RECORDS_UNAVAILABLE, "The records cannot be read now.", "Ask again a little later.", _WAIT),
    (_C.TOO_MANY_REQUESTS, "Too many requests wait for an answer.", "Wait for some.", _WAIT),
)
