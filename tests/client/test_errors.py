from exchange_client import shown
from exchange_client.errors import Rejected, Stopped, Unknown


def test_a_refusal_tells_all_that_the_exchange_told() -> None:
    frame = shown.Rejected(7, 343, "STEP_TOO_SMALL", "fix", "Too little.", "Bid lower.", 3, 9, 1_240, "price")

    refused = Rejected.of(frame)

    assert str(refused) == "STEP_TOO_SMALL (343): Too little. Bid lower."
    assert (refused.ref, refused.code, refused.reason, refused.advice) == (7, 343, "STEP_TOO_SMALL", "fix")
    assert (refused.bound, refused.field, refused.sequence, refused.at_us) == (1_240, "price", 3, 9)


def test_an_error_is_a_refusal_to_fix() -> None:
    refused = Rejected.of(shown.Error(100, "MALFORMED", "Not valid.", "Correct it.", "price", 4))

    assert (refused.ref, refused.advice, refused.field, refused.sequence) == (4, "fix", "price", 0)


def test_an_unknown_outcome_names_ref_and_session() -> None:
    unknown = Unknown(7, 2, "no answer in time")

    assert str(unknown) == "outcome of ref 7 in session 2 unknown: no answer in time"
    assert unknown.sent


def test_an_end_tells_its_close_code_if_there_was_one() -> None:
    assert str(Stopped("the key is refused", 4502)) == "the key is refused (close code 4502)"
    assert str(Stopped("closed")) == "closed"
