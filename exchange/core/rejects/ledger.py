"""Refusals of money, commission, the bank: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
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
        "Use market surplus with base price, or market sourcing with base award or savings.",
        _FIX,
    ),
    (
        _C.SCHEDULE_CONTRADICTS,
        "Two terms of the schedule contradict each other.",
        (
            "Amounts need a currency, tiers rise, a cap is not below minimum or fixed part, an end is after the begin. "
            "A seller's own schedule has payer seller; a split alone has a buyer_share_bps, above 0 and below 10000."
        ),
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
        "Choose a window that does not meet that of the version that is the bound.",
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
)
