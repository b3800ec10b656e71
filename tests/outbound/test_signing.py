"""What webhooks carry is signed as the Standard Webhooks convention says."""

from exchange.core.messages.shown import OwnInvitation
from exchange.outbound.signing import body_of, headers, secret_of, signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_the_signature_is_that_of_the_conventions_example() -> None:
    assert signature(SECRET, ID, TIMESTAMP, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign() -> None:
    other = secret_of(bytes(32))

    sent = headers([SECRET, other], ID, TIMESTAMP, BODY)

    assert sent["webhook-signature"].split() == [
        signature(SECRET, ID, TIMESTAMP, BODY),
        signature(other, ID, TIMESTAMP, BODY),
    ]
    assert (sent["webhook-id"], sent["webhook-timestamp"]) == (ID, "1614265330")


def test_a_body_tells_its_kind_its_instant_and_what_was_shown() -> None:
    assert body_of("own.invited", 1_000_000, OwnInvitation("e")) == (
        b'{"type":"own.invited","timestamp":"1970-01-01T00:00:01.000000Z",'
        b'"data":{"type":"invited","event_id":"e"}}'
    )
