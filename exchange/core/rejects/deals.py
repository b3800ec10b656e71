"""Refusals of contracts, goods on their way, claims: the sentence and the remedy of each."""

from typing import Final

from exchange.core.rejects.codes import Advice, RejectCode

_C = RejectCode
_FIX, _WAIT, _GIVE_UP = Advice.FIX, Advice.WAIT, Advice.GIVE_UP

EXPLAINED: Final = (
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
    (_C.LINE_NOT_SETTLED, "The line is not settled yet.", "Ask again when its money has moved.", _WAIT),
    (_C.NOTHING_TO_RELEASE, "There are no words to release.", "Read the claim.", _GIVE_UP),
    (
        _C.TRADE_UNKNOWN,
        "The instrument has no trade with this number.",
        "Check it: GET /v1/instruments/{instrument_id}/trades lists them.",
        _FIX,
    ),
    (
        _C.TRADE_OVER,
        "Nothing of the trade is open: it is settled, void or busted.",
        "Nothing: a settled trade is undone by a claim, or outside.",
        _GIVE_UP,
    ),
    (
        _C.TRADE_DISPATCHED,
        "The goods of the trade have left the seller.",
        "Let the hub inspect them: what does not pass is refunded.",
        _GIVE_UP,
    ),
    (
        _C.TRADE_TOO_OLD,
        "The trade is too old to be undone.",
        "Nothing: the bound is until when it could be.",
        _GIVE_UP,
    ),
    (
        _C.QUANTITY_ABOVE_TRADE,
        "A correction can only make the quantity smaller.",
        "Ask for the bound or less.",
        _FIX,
    ),
)
