"""Every refusal of the exchange: a stable number, one sentence, and what the sender can do about it.

A refusal is a value, not an exception. Numbers are published and never reused. Ranges: 1xx input,
2xx parties, 3xx market, 4xx deals, 5xx ledger, 6xx session and capacity.
"""

from enum import IntEnum, StrEnum
from typing import Final

from msgspec import Struct


class Advice(StrEnum):
    """What a program should do with a refusal."""

    FIX = "fix"  # the command is wrong: change it
    WAIT = "wait"  # the same command can succeed later
    GIVE_UP = "give_up"  # it never will


class RejectCode(IntEnum):
    """Why a command was refused. The name is as stable as the number."""

    # 1xx input: 100-119 are found by the gateway, before a command is sequenced
    MALFORMED = 100
    UNKNOWN_TYPE = 101
    DUPLICATE_KEY = 102
    TOO_LARGE = 103
    NOT_TEXT = 104
    REF_MISSING = 105
    NOT_FOUND = 106
    METHOD_UNKNOWN = 107
    CONTENT_TYPE_UNKNOWN = 108
    INSTRUMENT_UNKNOWN = 120
    MEMBER_UNKNOWN = 121
    CURRENCY_UNKNOWN = 122
    TICK_NOT_WHOLE = 123
    BAND_EMPTY = 124
    AMOUNT_TOO_LARGE = 125
    NOTHING_TO_CHANGE = 126
    SYMBOL_TAKEN = 127
    TERMS_CONTRADICT = 128
    REFERENCE_PRICE_UNFIT = 129
    SYMBOL_MISSING = 130
    PART_TAKEN = 131
    PART_UNREADABLE = 132
    DATE_CODE_WRONG = 133
    SHEET_UNREADABLE = 134
    SHEET_WRONG = 135
    LOAD_UNKNOWN = 136
    TOO_MANY_LOADS = 137

    # 2xx parties
    NOT_AUTHENTICATED = 200
    NOT_PERMITTED = 201
    ROLE_MISSING = 202
    MEMBER_SUSPENDED = 203
    SCOPE_MISSING = 204
    TOO_MANY_KEYS = 205
    DEAL_NOT_FINISHED = 206
    NO_DEAL_TO_RATE = 207

    # 3xx market: 300-329 book, 330-369 auction
    PRICE_OFF_TICK = 300
    PRICE_BELOW_BAND = 301
    PRICE_ABOVE_BAND = 302
    QUANTITY_OFF_LOT = 303
    TOO_MANY_OPEN_ORDERS = 304
    WOULD_TRADE = 305
    NOT_FILLABLE = 306
    POST_ONLY_NOT_RESTING = 307
    ORDER_UNKNOWN = 308
    ORDER_CLOSED = 309
    ORDER_TERMS_CONTRADICT = 310
    PART_OUT_OF_RANGE = 311
    ORDER_TOO_SMALL = 312
    EXPIRY_OUT_OF_RANGE = 313
    PHASE_TAKES_NO_ORDERS = 320
    PHASE_TAKES_RESTING_ONLY = 321
    PHASE_NOT_REACHABLE = 322
    EVENT_UNKNOWN = 330
    LOT_UNKNOWN = 331
    EVENT_NOT_DRAFT = 332
    EVENT_WITHOUT_LOT = 333
    TOO_MANY_LOTS = 334
    OPENS_IN_THE_PAST = 335
    EVENT_ENDED = 336
    ALREADY_INVITED = 337
    NOT_INVITED = 338
    OWN_EVENT = 339
    OWNER_ALREADY_INVITED = 340
    LOT_NOT_OPEN = 341
    BID_ABOVE_CEILING = 342
    STEP_TOO_SMALL = 343
    TOO_MANY_BIDS = 344
    LOT_NOT_CLOSED = 345
    LOT_ALREADY_AWARDED = 346
    ALIAS_UNKNOWN = 347
    STEP_OFF_TICK = 348
    TOO_MANY_SUPPLIERS = 349
    EVENT_WITHOUT_SUPPLIERS = 350
    LOT_NOT_OPEN_YET = 351
    BID_BELOW_FLOOR = 352
    NOT_QUALIFYING = 353
    STEP_NOT_MULTIPLE = 354
    STEP_TOO_LARGE = 355
    TOO_NEAR_LEAD = 356
    TIE_FORBIDDEN = 357
    RULES_CONTRADICT = 358
    BUY_NOW_GONE = 359
    BUY_NOW_PRICE_OTHER = 360
    SEED_OTHER = 361
    SEED_NOT_REVEALED = 362
    EVENT_NOT_RUNNING = 363
    EVENT_PAUSED = 364
    EVENT_NOT_PAUSED = 365
    CLOSE_NOT_LATER = 366
    CLOSE_TOO_LATE = 367

    # 4xx deals
    CONTRACT_UNKNOWN = 400
    NOTHING_TO_SETTLE = 401
    DELIVERED_BY_HUB = 402
    OUT_OF_TURN = 403
    LINE_UNKNOWN = 404
    LINE_TWICE = 405
    OTHER_INSTRUMENT = 406
    QUANTITY_ABOVE_LINE = 407
    CONSIGNMENT_UNKNOWN = 408
    HUB_LOT_UNKNOWN = 409
    QUANTITIES_DONT_ADD_UP = 410
    SAMPLE_TOO_LARGE = 411
    INSPECTOR_NOT_INDEPENDENT = 412
    SHIPMENT_UNKNOWN = 413
    OTHER_BUYER = 414
    QUANTITY_ABOVE_SHIPMENT = 415
    CLAIM_UNKNOWN = 420
    CLAIM_OPEN = 421
    CLAIM_NOT_ANSWERED = 422
    SHARE_TWICE = 423
    FLOAT_SHORT = 424
    NOTHING_TO_RELEASE = 425

    # 5xx ledger
    MONEY_SHORT = 500
    STOCK_SHORT = 501
    TRANSFER_ID_REUSED = 502
    SCHEDULE_NOT_CHARGEABLE = 503
    SCHEDULE_CONTRADICTS = 504
    SCHEDULE_IN_THE_PAST = 505
    SCHEDULE_OVERLAPS = 506
    PERIOD_INVALID = 507
    PERIOD_NOT_ENDED = 508
    PERIOD_INVOICED = 509
    EARLIER_PERIOD_OPEN = 510
    BANK_DETAILS_MISSING = 511
    PAYOUT_UNKNOWN = 512
    PAYOUT_SETTLED = 513
    PAYOUT_NOT_BOOKED = 514
    BANK_ENTRY_UNMATCHED = 515
    BANK_ENTRY_DIFFERS = 516
    SUSPENSE_UNKNOWN = 517
    CREDIT_IN_USE = 518
    NOTHING_OWED = 519

    # 6xx session and capacity
    INVOICE_UNKNOWN = 550
    BUSY = 600
    HALTED = 601
    SESSION_UNKNOWN = 602
    REF_TOO_OLD = 603
    REF_REUSED = 604
    QUARANTINED = 605
    TOO_MANY_CONNECTIONS = 606
    TOO_MANY_SUBSCRIPTIONS = 607
    CHANNEL_UNKNOWN = 608
    IDEMPOTENCY_KEY_REUSED = 609
    RECORDS_UNAVAILABLE = 610
    TOO_MANY_REQUESTS = 611


class Reject(Struct, frozen=True, gc=False):
    """A refusal: the code, the bound that was missed (0 where there is none) and the field that missed it."""

    code: RejectCode
    bound: int = 0
    field: str = ""


class Explanation(Struct, frozen=True):
    """For people: what was wrong, and what to do."""

    sentence: str
    remedy: str
    advice: Advice


_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP
_C = RejectCode

EXPLANATIONS: Final[dict[RejectCode, Explanation]] = {
    code: Explanation(sentence, remedy, advice)
    for code, sentence, remedy, advice in (
        (_C.MALFORMED, "The message is not valid.", "Correct the named field.", _FIX),
        (_C.UNKNOWN_TYPE, "There is no message of this type.", "Use a type of the wire schema.", _FIX),
        (_C.DUPLICATE_KEY, "A key occurs twice in one object.", "Send each key once.", _FIX),
        (_C.TOO_LARGE, "The message is too large or nested too deeply.", "Send less in one message.", _FIX),
        (_C.NOT_TEXT, "Binary frames are not understood.", "Send JSON in a text frame.", _FIX),
        (_C.REF_MISSING, "The command carries no ref.", "Number your commands: 1, 2, 3 and so on.", _FIX),
        (_C.NOT_FOUND, "There is nothing here that you may see.", "Check path and id.", _FIX),
        (_C.METHOD_UNKNOWN, "This path does not take the method.", "Use a method of Allow.", _FIX),
        (_C.CONTENT_TYPE_UNKNOWN, "The body is not JSON.", "Send Content-Type: application/json.", _FIX),
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
        (
            _C.CONTRACT_UNKNOWN,
            "You have no such contract.",
            "Check the id, or it is performed already: GET /v1/contracts/{contract_id} tells.",
            _FIX,
        ),
        (_C.NOTHING_TO_SETTLE, "Every line of the contract is settled.", "Wait for another fill.", _WAIT),
        (
            _C.DELIVERED_BY_HUB,
            "These goods come through the hub.",
            "Confirm their shipment, then accept them.",
            _FIX,
        ),
        (
            _C.OUT_OF_TURN,
            "Where these goods are now, this cannot be done.",
            "Read the deal: its state tells what is due and by whom.",
            _FIX,
        ),
        (
            _C.LINE_UNKNOWN,
            "You have no such line, or it is over.",
            "Check contract and line; GET /v1/deals lists those that go on.",
            _FIX,
        ),
        (_C.LINE_TWICE, "The same line is there twice.", "Name each line once.", _FIX),
        (_C.OTHER_INSTRUMENT, "The line is of another instrument.", "One box holds one instrument.", _FIX),
        (_C.QUANTITY_ABOVE_LINE, "The line has fewer pieces.", "Ask for the bound or less.", _FIX),
        (
            _C.CONSIGNMENT_UNKNOWN,
            "No such consignment is on its way.",
            "Check the id; what came is a hub lot now.",
            _FIX,
        ),
        (
            _C.HUB_LOT_UNKNOWN,
            "No such hub lot waits for its inspection.",
            "Check the id; GET /v1/hub/lots lists those that wait.",
            _FIX,
        ),
        (
            _C.QUANTITIES_DONT_ADD_UP,
            "Passed, conditional and rejected pieces are not all pieces.",
            "Make them add up to the bound.",
            _FIX,
        ),
        (_C.SAMPLE_TOO_LARGE, "The sample is empty or larger than the hub lot.", "Use 1 to the bound.", _FIX),
        (
            _C.INSPECTOR_NOT_INDEPENDENT,
            "The inspector belongs to a side of these deals.",
            "Let another inspector do it.",
            _GIVE_UP,
        ),
        (
            _C.SHIPMENT_UNKNOWN,
            "No such shipment is on its way to you.",
            "Check the id, or it was received already.",
            _FIX,
        ),
        (_C.OTHER_BUYER, "The line is another buyer's than the first.", "Ship to one buyer at a time.", _FIX),
        (_C.QUANTITY_ABOVE_SHIPMENT, "Fewer pieces were sent.", "Confirm the bound or less.", _FIX),
        (_C.CLAIM_UNKNOWN, "No such claim is open.", "Check the id, or it was resolved already.", _FIX),
        (_C.CLAIM_OPEN, "A claim on this line is open already.", "Wait for its resolution.", _WAIT),
        (
            _C.CLAIM_NOT_ANSWERED,
            "The seller can still answer the claim.",
            "Wait for the answer, or until the bound.",
            _WAIT,
        ),
        (_C.SHARE_TWICE, "Share and quantity are both given.", "Give one of them.", _FIX),
        (
            _C.FLOAT_SHORT,
            "The exchange's float does not cover the remedy.",
            "Fund the float up to the remedy; the bound is what is there.",
            _WAIT,
        ),
        (_C.NOTHING_TO_RELEASE, "There are no words to release.", "Read the claim.", _GIVE_UP),
        (
            _C.MONEY_SHORT,
            "The wallet holds too little.",
            "Top up, or order less: a bound tells how much.",
            _WAIT,
        ),
        (
            _C.STOCK_SHORT,
            "The stock is too small.",
            "Declare more, or ask for less: a bound tells how much.",
            _WAIT,
        ),
        (_C.TRANSFER_ID_REUSED, "The transfer id stands for another transfer.", "Use a new id.", _FIX),
        (
            _C.SCHEDULE_NOT_CHARGEABLE,
            "Nothing is charged on such terms yet.",
            "Use market surplus, base price and payer seller.",
            _FIX,
        ),
        (
            _C.SCHEDULE_CONTRADICTS,
            "Two terms of the schedule contradict each other.",
            "Amounts need a currency, tiers rise, a cap is not below minimum or fixed part, an end is after the begin.",
            _FIX,
        ),
        (
            _C.SCHEDULE_IN_THE_PAST,
            "The schedule would apply to the past.",
            "Begin at the bound or later.",
            _FIX,
        ),
        (
            _C.SCHEDULE_OVERLAPS,
            "Another schedule has the same scope in this window.",
            "Choose a window that does not meet that of the version in the bound.",
            _FIX,
        ),
        (_C.PERIOD_INVALID, "The period is not a month.", "Write it yyyymm.", _FIX),
        (_C.PERIOD_NOT_ENDED, "The period has not ended.", "Wait for its end (UTC).", _WAIT),
        (_C.PERIOD_INVOICED, "The period is invoiced already.", "Nothing is left to do.", _GIVE_UP),
        (
            _C.EARLIER_PERIOD_OPEN,
            "An earlier period is not invoiced.",
            "Invoice that of the bound first.",
            _FIX,
        ),
        (_C.BANK_DETAILS_MISSING, "The member has given no bank details.", "Give them first.", _FIX),
        (_C.PAYOUT_UNKNOWN, "There is no such payout.", "Check its id.", _FIX),
        (_C.PAYOUT_SETTLED, "The payout is settled already.", "Nothing is left to do.", _GIVE_UP),
        (
            _C.PAYOUT_NOT_BOOKED,
            "The payout comes back before the bank has booked it.",
            "Book the entry of its payment first.",
            _WAIT,
        ),
        (
            _C.BANK_ENTRY_UNMATCHED,
            "The entry matches nothing that was sent.",
            "Check its reference, or ask the bank.",
            _FIX,
        ),
        (
            _C.BANK_ENTRY_DIFFERS,
            "The entry differs from the payout that it names.",
            "Ask the bank; the bound is what was sent.",
            _FIX,
        ),
        (_C.SUSPENSE_UNKNOWN, "No such entry is in suspense.", "List what is.", _FIX),
        (_C.CREDIT_IN_USE, "More credit is in use.", "Set the bound or more.", _WAIT),
        (_C.NOTHING_OWED, "The member owes nothing.", "Nothing is left to do.", _GIVE_UP),
        (_C.INVOICE_UNKNOWN, "There is no such invoice of yours.", "List what there are.", _FIX),
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
}
assert EXPLANATIONS.keys() == set(RejectCode), "every code is explained"
