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
    (
        _C.TERMS_NOT_ACCEPTED,
        "The event's terms are not accepted.",
        "Accept the terms first; their version is the bound.",
        _FIX,
    ),
    (
        _C.NOT_QUALIFIED,
        "You are not qualified for this lot.",
        "Answer the questionnaire, or ask the buyer.",
        _WAIT,
    ),
    (
        _C.TERMS_OTHER_VERSION,
        "The terms have another version now.",
        "Read and accept the version that is the bound.",
        _FIX,
    ),
    (_C.NO_TERMS, "The event has no terms.", "Nothing is left to do.", _GIVE_UP),
    (
        _C.TOO_MANY_ADDENDA,
        "The event has all the addenda that it can have.",
        "Draft another event.",
        _GIVE_UP,
    ),
    (_C.NO_QUESTIONNAIRE, "The event asks for no qualification.", "Nothing is left to do.", _GIVE_UP),
    (
        _C.QUESTION_UNFIT,
        "A question contradicts itself.",
        "Change the one at the place that is the bound.",
        _FIX,
    ),
    (
        _C.ANSWER_UNFIT,
        "An answer does not fit its question.",
        "Change the one at the place that is the bound.",
        _FIX,
    ),
    (
        _C.ANSWER_MISSING,
        "A required answer is missing.",
        "Answer the question at the place that is the bound.",
        _FIX,
    ),
    (_C.ALREADY_QUALIFIED, "You are qualified already.", "Nothing is left to do.", _GIVE_UP),
    (_C.REASON_MISSING, "A refusal needs a reason.", "Give the reason.", _FIX),
    (
        _C.RULES_FIXED,
        "The event is published: what it rules does not change any more.",
        "Publish an addendum, pause or extend it, or cancel it and draft another.",
        _GIVE_UP,
    ),
    (_C.EVENT_NOT_PUBLISHED, "The event is a draft.", "Change the draft itself, or publish it first.", _FIX),
    (_C.INVITATION_DECLINED, "You have declined the invitation.", "Accept it first.", _FIX),
    (
        _C.INVITATION_ANSWERED,
        "You have answered the invitation so before.",
        "Nothing is left to do.",
        _GIVE_UP,
    ),
    (_C.SUPPLIER_HAS_BID, "The supplier has bid.", "A bid that stands can't be undone like this.", _GIVE_UP),
    (_C.INQUIRY_UNKNOWN, "There is no such inquiry.", "Check the id.", _GIVE_UP),
    (_C.INQUIRY_ANSWERED, "The inquiry is answered already.", "Publish an addendum to correct it.", _GIVE_UP),
    (
        _C.TOO_MANY_INQUIRIES,
        "You have as many unanswered inquiries as you can.",
        "Wait for an answer.",
        _WAIT,
    ),
)
