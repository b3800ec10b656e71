"""Ratings of finished deals: who may give one until when, and how little a band tells."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.messages import AnyEvent
from exchange.core.messages.feedback import FeedbackGiven, GiveFeedback
from exchange.core.parties.feedback import (
    BATCH_OWNERS_MIN,
    TERM_US,
    VOICES_MIN,
    Band,
    Feedback,
    FeedbackState,
    Score,
)
from exchange.core.rejects import Reject, RejectCode

DAY_US = 24 * 3_600 * 1_000_000
NOON = 1_767_268_800 * 1_000_000  # 2026-01-01T12:00Z
MARCH, APRIL = 1_772_323_200 * 1_000_000, 1_775_001_600 * 1_000_000  # the first of each, 00:00Z


def a_rating(contract_id: str = "c", choice: int = 5) -> GiveFeedback:
    return GiveFeedback(contract_id=contract_id, as_described=choice, delivery=choice, communication=choice)


def told(rater: int, month: int = 202_602, choice: int = 5, contract_id: str = "") -> FeedbackGiven:
    return FeedbackGiven(
        contract_id or f"c{month}-{rater}", f"b{rater}", f"o{rater}", ("s",), month, choice, choice, choice, ""
    )  # fmt: skip


def feedback_of(*given: FeedbackGiven) -> Feedback:
    feedback = Feedback()
    for each in given:
        feedback.count(each)
    return feedback


# --- who may -----------------------------------------------------------------------------------------


def test_a_deal_is_rated_by_its_member_from_the_first_settled_line_until_its_term_ends() -> None:
    feedback, refused = Feedback(), Reject(RejectCode.NO_DEAL_TO_RATE, field="contract_id")
    feedback.settled("c", "b", "s", NOON)

    cases = [("b", "c", NOON, None), ("b", "c", NOON + TERM_US, None), ("b", "c", NOON + TERM_US + 1, refused),
             ("s", "c", NOON, refused), ("b", "x", NOON, refused)]  # fmt: skip
    assert [feedback.refusal(*case[:3]) for case in cases] == [case[3] for case in cases]


def test_the_term_counts_from_the_last_line_until_the_deal_is_rated() -> None:
    feedback, events = Feedback(), list[AnyEvent]()
    feedback.settled("c", "b", "s1", NOON)
    feedback.settled("c", "b", "s2", NOON + 10 * DAY_US)
    assert feedback.refusal("b", "c", NOON + 10 * DAY_US + TERM_US) is None
    feedback.give("b", "o", a_rating(), events)
    feedback.settled("c", "b", "s3", NOON + 20 * DAY_US)

    assert feedback.refusal("b", "c", NOON + 10 * DAY_US + TERM_US) is None
    assert feedback.refusal("b", "c", NOON + 10 * DAY_US + TERM_US + 1) is not None
    assert [event.rated for event in events if isinstance(event, FeedbackGiven)] == [("s1", "s2")]


def test_the_last_word_counts_and_only_once() -> None:
    feedback, events = Feedback(), list[AnyEvent]()
    for number in range(BATCH_OWNERS_MIN):
        feedback.settled(f"c{number}", f"b{number}", "s", NOON)
        for choice in (1, 5):
            feedback.give(f"b{number}", f"o{number}", a_rating(f"c{number}", choice), events)

    assert feedback.score("s", MARCH) == Score(Band.NEW, BATCH_OWNERS_MIN, 1_500)


def test_deals_over_their_term_are_forgotten_a_few_at_a_time() -> None:
    feedback = Feedback()
    for number in range(20):
        feedback.settled(f"c{number}", "b", "s", NOON)
    for number in range(2):
        feedback.settled(f"later{number}", "b", "s", NOON + TERM_US + 1)

    assert len(feedback.dump().deals) == 22 - 16


# --- what a band tells -------------------------------------------------------------------------------


def test_bands_begin_after_ten_voices_and_are_four() -> None:
    def band(choice: int, count: int = VOICES_MIN) -> Band:
        return feedback_of(*(told(rater, choice=choice) for rater in range(count))).score("s", MARCH).band

    assert [band(choice) for choice in (1, 3, 4, 5)] == [Band.FAIR, Band.FAIR, Band.GOOD, Band.EXCELLENT]
    assert band(5, VOICES_MIN - 1) is Band.NEW


def test_a_month_counts_when_it_is_over_and_with_five_owners_or_waits_for_the_next() -> None:
    few = [told(rater) for rater in range(BATCH_OWNERS_MIN - 1)]
    next_one = told(9, month=202_603)

    assert feedback_of(*few).score("s", APRIL).voices == 0
    assert feedback_of(*few, told(9)).score("s", MARCH - 1).voices == 0
    assert feedback_of(*few, told(9)).score("s", MARCH).voices == BATCH_OWNERS_MIN
    assert feedback_of(*few, next_one).score("s", APRIL - 1).voices == 0
    assert feedback_of(*few, next_one).score("s", APRIL).voices == BATCH_OWNERS_MIN


def test_an_owner_has_one_voice_in_a_batch_however_many_deals_it_rates() -> None:
    many = [told(0, choice=1, contract_id=f"x{number}") for number in range(50)]

    score = feedback_of(*many, *(told(rater) for rater in range(1, BATCH_OWNERS_MIN))).score("s", MARCH)

    assert score == Score(Band.NEW, BATCH_OWNERS_MIN, (300 + 4 * 1_500) // 5)
    assert feedback_of(*many).score("s", MARCH).voices == 0


ratings = st.lists(
    st.builds(
        told,
        st.integers(0, 12),
        st.sampled_from([202_512, 202_601, 202_602, 202_603]),
        st.integers(1, 5),
        st.sampled_from(["", "p", "q"]),
    ),
    max_size=60,
)


@given(ratings, ratings)
def test_nothing_given_in_a_month_moves_a_score_before_its_end(
    before: list[FeedbackGiven], later: list[FeedbackGiven]
) -> None:
    """Two worlds that differ in what was said of deals whose month is not over show the same."""
    settled = [each for each in before if each.month < 202_602 and each.contract_id not in {"p", "q"}]
    open_ = [each for each in later if each.month >= 202_602]
    february = MARCH - 1

    assert feedback_of(*settled, *open_).score("s", february) == feedback_of(*settled).score("s", february)


@given(ratings)
def test_scores_move_by_whole_batches_only(given_: list[FeedbackGiven]) -> None:
    """From one month to the next either nothing changes or at least five voices came."""
    feedback = feedback_of(*given_)
    instants = [NOON, NOON + 31 * DAY_US, MARCH, APRIL]
    voices = [feedback.score("s", at_us).voices for at_us in instants]

    assert all(b == a or b - a >= BATCH_OWNERS_MIN for a, b in pairwise(voices))


@given(ratings, st.permutations(range(13)))
def test_who_rated_does_not_show_only_how_they_are_owned(
    given_: list[FeedbackGiven], order: list[int]
) -> None:
    def swapped(each: FeedbackGiven) -> FeedbackGiven:
        number = order[int(each.member_id[1:])]
        return FeedbackGiven(
            each.contract_id, f"b{number}", f"o{number}", each.rated, each.month,
            each.as_described, each.delivery, each.communication, "",
        )  # fmt: skip

    one, other = feedback_of(*given_), feedback_of(*map(swapped, given_))

    assert one.score("s", APRIL) == other.score("s", APRIL)


@given(ratings)
def test_a_dump_loads_to_the_same(given_: list[FeedbackGiven]) -> None:
    feedback = feedback_of(*given_)
    feedback.settled("c", "b", "s", NOON)
    dumped = msgpack.encode(feedback.dump())

    loaded = Feedback.load(msgpack.decode(dumped, type=FeedbackState))

    assert msgpack.encode(loaded.dump()) == dumped
    assert loaded.score("s", APRIL) == feedback.score("s", APRIL)
    assert loaded.rated_members() == feedback.rated_members()
