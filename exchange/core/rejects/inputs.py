"""Refusals of what is wrong with a message itself: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
    (_C.MALFORMED, "The message is not valid.", "Correct the named field.", _FIX),
    (_C.UNKNOWN_TYPE, "There is no message of this type.", "Use a type of the wire schema.", _FIX),
    (_C.DUPLICATE_KEY, "A key occurs twice in one object.", "Send each key once.", _FIX),
    (_C.TOO_LARGE, "The message is too large or nested too deeply.", "Send less in one message.", _FIX),
    (_C.NOT_TEXT, "Binary frames are not understood.", "Send JSON in a text frame.", _FIX),
    (_C.REF_MISSING, "The command carries no ref.", "Number your commands: 1, 2, 3 and so on.", _FIX),
    (_C.NOT_FOUND, "There is nothing here that you may see.", "Check path and id.", _FIX),
    (_C.METHOD_UNKNOWN, "This path does not take the method.", "Use a method of Allow.", _FIX),
    (_C.CONTENT_TYPE_UNKNOWN, "The body is not JSON.", "Send Content-Type: application/json.", _FIX),
    (
        _C.VERSION_OTHER,
        "It was changed since you read it, or is about something else.",
        "Read it again, and decide anew. The bound is its version now.",
        _FIX,
    ),
    (_C.INSTRUMENT_UNKNOWN, "There is no such instrument.", "List the instruments.", _FIX),
    (_C.MEMBER_UNKNOWN, "There is no such member.", "Check the member id.", _FIX),
    (_C.CURRENCY_UNKNOWN, "The currency is not traded here.", "Use a currency of the list.", _FIX),
    (
        _C.TICK_NOT_WHOLE,
        "Tick times lot multiple is not a whole number of minor units.",
        "Choose a coarser tick or a larger multiple.",
        _FIX,
    ),
    (_C.BAND_EMPTY, "No price lies within the band.", "Raise price_max or lower price_min.", _FIX),
    (_C.AMOUNT_TOO_LARGE, "Price times quantity is larger than can be booked.", "Divide it.", _FIX),
    (_C.NOTHING_TO_CHANGE, "The command changes nothing.", "Give a new price or quantity.", _FIX),
    (_C.SYMBOL_TAKEN, "Another instrument has this symbol.", "Find it, or add what differs.", _FIX),
    (
        _C.TERMS_CONTRADICT,
        "Two terms of the instrument contradict each other.",
        "A guarantee needs delivery hub, a tax on goods needs tax_regime own_name.",
        _FIX,
    ),
    (_C.REFERENCE_PRICE_UNFIT, "The reference price is off tick or band.", "Use the bound.", _FIX),
    (_C.SYMBOL_MISSING, "There is neither a symbol nor a part.", "Give one of them.", _FIX),
    (_C.PART_TAKEN, "Another instrument is the same part.", "Search for it by its number.", _FIX),
    (_C.PART_UNREADABLE, "This is no part number or maker.", "Use Latin letters and digits.", _FIX),
    (_C.DATE_CODE_WRONG, "This is no band of weeks.", "Write YYYYWW, the earlier week first.", _FIX),
    (_C.SHEET_UNREADABLE, "The spreadsheet can't be read.", "Send a table as CSV or XLSX.", _FIX),
    (_C.SHEET_WRONG, "Rows are wrong, so none was loaded.", "Correct the named cells.", _FIX),
    (_C.LOAD_UNKNOWN, "You have no such load.", "Send the file again: what is done stays done.", _FIX),
    (_C.TOO_MANY_LOADS, "A load of yours, or too many of others, are under way.", "Wait for it.", _WAIT),
    (
        _C.TARGET_REFUSED,
        "Nothing is sent to this URL.",
        "Give one that begins with https:// and leads to a public address.",
        _FIX,
    ),
    (_C.TOO_MANY_WEBHOOKS, "The member has all the webhooks that it can have.", "Delete one.", _FIX),
    (_C.WEBHOOK_UNKNOWN, "You have no such webhook, or it no such message.", "List them first.", _FIX),
    (_C.WEBHOOK_DISABLED, "The webhook is disabled.", "Enable it first.", _FIX),
)
