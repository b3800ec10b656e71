"""Refusals of sourcing events and timed lots: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
    (_C.EVENT_UNKNOWN, "There is no such event for you.", "Check the event id.", _FIX),
    (_C.LOT_UNKNOWN, "There is no such lot for you.", "Check the lot id.", _FIX),
    (_C.EVENT_NOT_DRAFT, "The event is published already.", "Cancel it and draft another.", _GIVE_UP),
    (_C.EVENT_WITHOUT_LOT, "The event has no lot.", "Add a lot first.", _FIX),
    (_C.TOO_MANY_LOTS, "The event has all the lots that it can have.", "Draft another event.", _GIVE_UP),
    (_C.OPENS_IN_THE_PAST, "The opening instant has passed.", "Open at the bound or later.", _FIX),
    (_C.EVENT_ENDED, "The event has ended.", "Nothing is left to do.", _GIVE_UP),
    (_C.ALREADY_INVITED, "The supplier is invited already.", "Nothing is left to do.", _GIVE_UP),
    (_C.NOT_INVITED, "You are not invited to this event.", "Ask the buyer.", _GIVE_UP),
    (_C.OWN_EVENT, "The buyer's own owner cannot bid.", "Nothing is left to do.", _GIVE_UP),
    (
        _C.OWNER_ALREADY_INVITED,
        "Another member of the same beneficial owner is invited.",
        "One bidder per owner: invite only one.",
        _GIVE_UP,
    ),
    (_C.LOT_NOT_OPEN, "The lot takes no bids any more.", "Nothing is left to do.", _GIVE_UP),
    (_C.BID_ABOVE_CEILING, "The bid is above the ceiling.", "Bid the bound or lower.", _FIX),
    (_C.STEP_TOO_SMALL, "The bid improves by too little.", "Bid the bound or better.", _FIX),
    (_C.TOO_MANY_BIDS, "You have made all bids that a lot takes.", "Nothing is left to do.", _GIVE_UP),
    (_C.LOT_NOT_CLOSED, "The lot is not closed.", "Wait for its close.", _WAIT),
    (_C.LOT_ALREADY_AWARDED, "The lot is awarded already.", "Nothing is left to do.", _GIVE_UP),
    (_C.ALIAS_UNKNOWN, "Nobody has bid under this alias.", "Use an alias of the lot.", _FIX),
    (
        _C.STEP_OFF_TICK,
        "Every price and step must be a multiple of the tick.",
        "Use a multiple of the bound.",
        _FIX,
    ),
    (_C.TOO_MANY_SUPPLIERS, "The event has all suppliers that it can have.", "Invite fewer.", _GIVE_UP),
    (_C.EVENT_WITHOUT_SUPPLIERS, "Nobody is invited.", "Invite a supplier first.", _FIX),
    (_C.LOT_NOT_OPEN_YET, "The lot takes no bids yet.", "Bid from the bound on: it opens then.", _WAIT),
    (_C.BID_BELOW_FLOOR, "The bid is below the floor.", "Bid the bound or higher.", _FIX),
    (_C.NOT_QUALIFYING, "A first bid must be as good as the bound.", "Bid the bound or better.", _FIX),
    (_C.STEP_NOT_MULTIPLE, "The bid improves by no whole number of steps.", "Bid the bound.", _FIX),
    (
        _C.STEP_TOO_LARGE,
        "The bid improves by more than one bid may.",
        "Bid no better than the bound.",
        _FIX,
    ),
    (_C.TOO_NEAR_LEAD, "The bid is too near behind the lead.", "Bid the bound, or worse.", _FIX),
    (_C.TIE_FORBIDDEN, "Another bid stands at this price.", "Bid the bound or better.", _FIX),
    (_C.RULES_CONTRADICT, "The field contradicts another rule of the lot.", "Change one of them.", _FIX),
    (_C.BUY_NOW_GONE, "The lot can't be bought at once, or no more.", "Bid for it.", _GIVE_UP),
    (_C.BUY_NOW_PRICE_OTHER, "The buy-now price is another.", "Send the bound, if you accept it.", _FIX),
    (_C.SEED_OTHER, "The seed isn't the one that was committed.", "Reveal the committed one.", _FIX),
    (_C.EVENT_NOT_RUNNING, "No lot of the event waits or is open.", "Nothing is left to do.", _GIVE_UP),
    (_C.EVENT_PAUSED, "The event is paused.", "Wait until it goes on.", _WAIT),
    (_C.EVENT_NOT_PAUSED, "The event isn't paused.", "Nothing is left to do.", _GIVE_UP),
    (_C.CLOSE_NOT_LATER, "The lot closes no sooner already.", "Name an instant after the bound.", _FIX),
    (_C.CLOSE_TOO_LATE, "The lot can't close that late.", "Name the bound or an earlier instant.", _FIX),
    (_C.SEED_NOT_REVEALED, "Ties of the lot aren't drawn yet.", "Reveal the seed first.", _WAIT),
    (_C.LOT_NOT_SEALED, "The lot takes no sealed bids.", "Bid as its format says.", _FIX),
    (_C.BIDS_ARE_SEALED, "The lot takes sealed bids only.", "Seal the bid with the lot's key.", _FIX),
    (_C.LOT_KEY_SET, "The lot has its key.", "Nothing is left to do.", _GIVE_UP),
    (_C.ENVELOPE_UNKNOWN, "You have no sealed bid in the lot.", "Nothing is left to do.", _GIVE_UP),
    (_C.BIDS_NOT_REVEALED, "The sealed bids aren't opened yet.", "Wait until they are.", _WAIT),
    (_C.BIDS_REVEALED, "The sealed bids are open already.", "Nothing is left to do.", _GIVE_UP),
    (_C.ENVELOPES_OTHER, "Other envelopes stand in the lot.", "Open those that stand.", _FIX),
    (_C.NOTHING_STUCK, "The sealed bids are being opened.", "Wait until they are.", _WAIT),
)
