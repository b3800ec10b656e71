"""Refusals of orders and phases of the continuous book: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
    (_C.PRICE_OFF_TICK, "The price is not a multiple of the tick.", "Use a multiple of the bound.", _FIX),
    (_C.PRICE_BELOW_BAND, "The price is below the band.", "Raise it to the bound.", _FIX),
    (_C.PRICE_ABOVE_BAND, "The price is above the band.", "Lower it to the bound.", _FIX),
    (_C.QUANTITY_OFF_LOT, "The quantity is not a multiple.", "Use a multiple of the bound.", _FIX),
    (_C.TOO_MANY_OPEN_ORDERS, "Too many orders are open.", "Cancel some.", _WAIT),
    (_C.WOULD_TRADE, "A post-only order would trade at once.", "Step behind the bound.", _FIX),
    (_C.NOT_FILLABLE, "The whole quantity cannot trade now.", "Ask for the bound, or wait.", _WAIT),
    (_C.POST_ONLY_NOT_RESTING, "A post-only order must be able to rest.", "Use it with gtc.", _FIX),
    (_C.ORDER_UNKNOWN, "You have no such order.", "Check order_id or order_ref.", _FIX),
    (_C.ORDER_CLOSED, "The order is not open any more.", "Nothing is left to do.", _GIVE_UP),
    (_C.ORDER_TERMS_CONTRADICT, "This term does not go with the others.", "Leave it out.", _FIX),
    (_C.PART_OUT_OF_RANGE, "This part does not fit the order's quantity.", "Use the bound.", _FIX),
    (_C.ORDER_TOO_SMALL, "The order's amount is too small.", "Order for the bound or more.", _FIX),
    (_C.EXPIRY_OUT_OF_RANGE, "It would expire too early or too late.", "Use the bound or earlier.", _FIX),
    (_C.PHASE_TAKES_NO_ORDERS, "Halted or closed: only cancels.", "Wait for the next phase.", _WAIT),
    (_C.PHASE_TAKES_RESTING_ONLY, "Nothing trades before the uncross.", "Use gtc, or wait.", _FIX),
    (_C.PHASE_NOT_REACHABLE, "No such change of phase.", "See the table of phases.", _FIX),
)
