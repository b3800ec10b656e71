"""Refusals of awards and bid bonds: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _GIVE_UP = Advice.FIX, Advice.GIVE_UP

EXPLAINED: Final = (
    (
        _C.ALIAS_BARRED,
        "The supplier behind the alias has defaulted on this lot.",
        "Choose another alias.",
        _FIX,
    ),
    (
        _C.LOT_IN_UNITS,
        "The lot has several winners, who win a unit each.",
        "Give each alias a unit, which is the bound, or award the best.",
        _FIX,
    ),
    (_C.ALIAS_TWICE, "An alias is named twice.", "Name each alias once.", _FIX),
    (
        _C.PARTS_MIXED,
        "Parts need a quantity each, or a share each, and not both.",
        "Give every part a quantity, or every part a share.",
        _FIX,
    ),
    (
        _C.PARTS_OFF,
        "The parts do not add up to the lot, or one of them is nothing.",
        "Let them add up to the bound, each with a piece at least.",
        _FIX,
    ),
    (
        _C.AWARD_UNREASONED,
        "An award to others than the best bid needs a reason.",
        "Say why it goes to others.",
        _FIX,
    ),
    (
        _C.PRACTICE_ONLY,
        "The event is a practice: nothing in it binds anybody.",
        "Draft an event in earnest, as a clone of it say.",
        _GIVE_UP,
    ),
    (
        _C.LOT_PRICED_OTHERWISE,
        "The instrument has another currency or other decimals than the event's prices.",
        "Draft an event with the instrument's currency and as many decimals as the bound.",
        _FIX,
    ),
    (
        _C.BIDDERS_HIDDEN,
        "The seller of a surplus lot learns nobody who bids.",
        "Ask an operator to do it.",
        _GIVE_UP,
    ),
    (
        _C.SOLD_WHOLE,
        "A surplus lot is sold whole.",
        "Award it to one alias.",
        _FIX,
    ),
    (
        _C.DEFAULT_BY_DEADLINE,
        "The winner of a surplus lot has until the payment deadline, which decides by itself.",
        "Wait for it.",
        _GIVE_UP,
    ),
    (
        _C.SALE_UNKNOWN,
        "No lot of this id waits for your payment.",
        "Check the lot id, and whether it is paid or its payment is overdue.",
        _GIVE_UP,
    ),
    (_C.NOT_THE_WINNER, "The alias has won nothing of the lot.", "Name an alias that has won.", _FIX),
    (
        _C.NOT_REOPENED,
        "A lot of this format is not reopened: its bids were opened together, or its clock has run out.",
        "Award it, or draft another lot.",
        _GIVE_UP,
    ),
    (
        _C.REVIEW_OVER,
        "The lot has no review period, or it is over.",
        "Award it, or draft another lot.",
        _GIVE_UP,
    ),
    (
        _C.SEED_REVEALED,
        "The ties of the lot are drawn, so it stays closed.",
        "Award it as it is drawn.",
        _GIVE_UP,
    ),
    (
        _C.NO_STANDSTILL,
        "The lot has no award that stands still, or its standstill is over.",
        "Complain while an award is provisional.",
        _GIVE_UP,
    ),
    (
        _C.NOT_A_BIDDER,
        "Only those complain of an award who have bid and not won.",
        "Leave it to others who have bid.",
        _GIVE_UP,
    ),
    (_C.COMPLAINT_MADE, "You have complained of this award.", "Wait for the answer.", _GIVE_UP),
    (_C.COMPLAINT_UNKNOWN, "The alias has no open complaint.", "Name the alias of an open complaint.", _FIX),
    (
        _C.BOND_MISSING,
        "The event asks for a bid bond, and you have placed none.",
        "Place the bond of the bound first.",
        _FIX,
    ),
    (_C.BOND_NOT_ASKED, "The event asks for no bid bond.", "Bid without one.", _GIVE_UP),
    (_C.BOND_PLACED, "Your bond is placed already.", "Nothing is left to do.", _GIVE_UP),
    (_C.BOND_UNKNOWN, "There is no bond to return.", "Return a winner's bond, once its event is over.", _FIX),
)
