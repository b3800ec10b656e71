from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import msgpack

from exchange.core.deadlines import NEVER, Deadline, Deadlines


def fired(deadlines: Deadlines, at_us: int) -> list[tuple[int, str, str]]:
    """All that is due, in the order in which it fires."""
    due: list[tuple[int, str, str]] = []
    while (deadline := deadlines.pop(at_us)) is not None:
        due.append((deadline.due_us, deadline.kind, deadline.subject))
    return due


def test_deadlines_fire_by_instant_and_equal_ones_in_the_order_they_were_set() -> None:
    deadlines = Deadlines()
    for subject, due_us in (("late", 30), ("second", 20), ("third", 20), ("first", 10)):
        deadlines.set("close", subject, due_us)

    assert fired(deadlines, 20) == [(10, "close", "first"), (20, "close", "second"), (20, "close", "third")]
    assert deadlines.next_us() == 30


def test_a_deadline_is_due_at_its_instant_and_not_before() -> None:
    deadlines = Deadlines()
    deadlines.set("close", "lot", 10)

    assert deadlines.pop(9) is None
    assert deadlines.pop(10) == Deadline(10, 1, "close", "lot")
    assert deadlines.pop(10) is None


def test_a_moved_deadline_fires_once_and_behind_those_already_set_for_that_instant() -> None:
    deadlines = Deadlines()
    deadlines.set("close", "moved", 10)
    deadlines.set("close", "other", 20)

    deadlines.set("close", "moved", 20)

    assert deadlines.next_us() == 20
    assert fired(deadlines, 99) == [(20, "close", "other"), (20, "close", "moved")]


def test_kinds_of_one_subject_have_deadlines_of_their_own() -> None:
    deadlines = Deadlines()
    deadlines.set("open", "lot", 10)
    deadlines.set("close", "lot", 20)

    deadlines.drop("open", "lot")

    assert fired(deadlines, 99) == [(20, "close", "lot")]


def test_dropping_what_is_not_set_does_nothing() -> None:
    deadlines = Deadlines()

    deadlines.drop("close", "lot")

    assert deadlines.next_us() is None


def test_deadlines_moved_many_times_do_not_pile_up() -> None:
    deadlines = Deadlines()
    for due_us in range(10_000):
        deadlines.set("close", f"lot {due_us % 3}", due_us)

    assert sum(map(len, deadlines._due.values())) <= 65
    assert [due_us for due_us, *_ in fired(deadlines, 10_000)] == [9_997, 9_998, 9_999]


def test_many_moved_deadlines_still_fire_in_order() -> None:
    deadlines = Deadlines()
    for shift_us in range(3):
        for lot in range(40):
            deadlines.set("close", f"lot {lot}", 100 - lot + shift_us)

    assert [due_us for due_us, *_ in fired(deadlines, 999)] == list(range(63, 103))


def test_what_is_set_while_an_instant_is_met_fires_in_its_place() -> None:
    deadlines = Deadlines()
    for lot in range(100):
        deadlines.set("close", f"lot {lot}", 10)
    met = [deadlines.pop(10) for _ in range(40)]

    for _ in range(3):  # often enough that entries of before are forgotten
        for lot in range(60, 90):
            deadlines.set("close", f"lot {lot}", 10)
    deadlines.set("open", "earlier", 9)

    assert [deadline and deadline.subject for deadline in met] == [f"lot {lot}" for lot in range(40)]
    behind = [f"lot {lot}" for lot in (*range(40, 60), *range(90, 100), *range(60, 90))]
    assert [subject for *_, subject in fired(deadlines, 10)] == ["earlier", *behind]
    assert not deadlines._due and not deadlines._entries


def test_a_deadline_set_after_loading_fires_behind_equal_older_ones() -> None:
    deadlines = Deadlines()
    for subject in ("c", "b"):
        deadlines.set("close", subject, 10)
    loaded = Deadlines.load(deadlines.dump())

    loaded.set("close", "a", 10)

    assert [subject for *_, subject in fired(loaded, 10)] == ["c", "b", "a"]


def test_equal_deadlines_dump_equal_bytes_whatever_was_moved_or_dropped_before() -> None:
    restless, plain = Deadlines(), Deadlines()
    restless.set("close", "gone", 5)
    restless.set("close", "b", 1)
    restless.drop("close", "gone")
    for deadlines in (restless, plain):
        deadlines.set("close", "a", 20)
        deadlines.set("close", "b", 20)

    assert msgpack.encode(restless.dump()) == msgpack.encode(plain.dump())


SUBJECTS = st.sampled_from(["a", "b", "c", "d"])
KINDS = st.sampled_from(["open", "close"])
INSTANTS = st.integers(0, 12)


class DeadlineLife(RuleBasedStateMachine):
    """Against a list of (instant, order of setting, kind, subject) that is sorted each time."""

    @initialize()
    def begin(self) -> None:
        self.deadlines = Deadlines()
        self.twin: list[tuple[int, int, str, str]] = []
        self.count = 0

    @rule(kind=KINDS, subject=SUBJECTS, due_us=INSTANTS)
    def set(self, kind: str, subject: str, due_us: int) -> None:
        self.count += 1
        self.deadlines.set(kind, subject, due_us)
        self.forget(kind, subject)
        self.twin.append((due_us, self.count, kind, subject))

    @rule(kind=KINDS, subject=SUBJECTS)
    def drop(self, kind: str, subject: str) -> None:
        self.deadlines.drop(kind, subject)
        self.forget(kind, subject)

    def forget(self, kind: str, subject: str) -> None:
        self.twin = [row for row in self.twin if row[2:] != (kind, subject)]

    @rule(at_us=INSTANTS)
    def pop(self, at_us: int) -> None:
        due = sorted(row for row in self.twin if row[0] <= at_us)
        first = self.deadlines.pop(at_us)
        if first is None:
            assert due == []
        else:
            assert (first.due_us, first.kind, first.subject) == (due[0][0], *due[0][2:])
            self.twin.remove(due[0])

    @rule()
    def restart(self) -> None:
        dumped = msgpack.encode(self.deadlines.dump())
        self.deadlines = Deadlines.load(msgpack.decode(dumped, type=tuple[int, list[Deadline]]))
        assert msgpack.encode(self.deadlines.dump()) == dumped

    @invariant()
    def the_next_instant_is_the_least_and_nothing_is_due_before_what_is_told_in_advance(self) -> None:
        least = min(self.twin)[0] if self.twin else None
        assert self.deadlines.not_before_us <= (NEVER if least is None else least)
        assert self.deadlines.next_us() == least
        assert self.deadlines.not_before_us == (NEVER if least is None else least)
        assert self.deadlines._entries == sum(map(len, self.deadlines._due.values()))


TestDeadlineLife = DeadlineLife.TestCase
TestDeadlineLife.settings = settings(max_examples=60, stateful_step_count=50)
