"""Who is silent is pinged, who stays silent is cut, and pings come one by one."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.gateway.websocket.pulse import TURN, Pulse


class Peer:
    """A connection whose other end comes at a beat, speaks every `every` beats (0: never), and answers pings or doesn't."""

    def __init__(self, every: int, *, answers: bool, joins: int = 1) -> None:
        self.heard = False
        self.joins = joins
        self.every = every
        self.answers = answers
        self.beat = self.spoke = 0
        self.pinged: list[int] = []
        self.cut_at: int | None = None

    def live(self, beat: int) -> None:
        self.beat = beat
        if self.every and beat % self.every == 0 and self.cut_at is None:
            self.heard, self.spoke = True, beat

    def ping(self) -> None:
        self.pinged.append(self.beat)
        if self.answers:
            self.heard, self.spoke = True, self.beat

    def cut(self) -> None:
        self.cut_at = self.beat


def lived(peers: list[Peer], beats: int) -> Pulse:
    """All of them on one wheel for so many beats."""
    pulse = Pulse()
    for beat in range(1, beats + 1):
        for peer in peers:
            peer.live(beat)
            if peer.joins == beat:
                pulse.join(peer)
        pulse.beat()
    return pulse


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * TURN), st.booleans(), st.integers(1, 3 * TURN), st.integers(1, 9)),
        min_size=1,
        max_size=9,
    )
)
def test_who_answers_stays_and_who_does_not_is_cut_after_a_whole_turn(
    drawn: list[tuple[int, bool, int, int]],
) -> None:
    peers = [
        Peer(every, answers=answers, joins=joins)
        for every, answers, joins, times in drawn
        for _ in range(times)
    ]
    pulse = lived(peers, 14 * TURN)

    for peer in peers:
        if peer.answers or 0 < peer.every <= TURN:
            assert peer.cut_at is None
        elif not peer.every:
            assert peer.cut_at is not None
        if peer.cut_at is not None:
            assert peer.cut_at - peer.pinged[-1] >= TURN
            assert peer.spoke <= peer.pinged[-1]
    assert pulse.cut == sum(peer.cut_at is not None for peer in peers)


def test_the_silent_are_found_in_three_turns_at_most_while_nobody_comes_or_goes() -> None:
    mute = Peer(0, answers=False)
    lived([mute, *(Peer(9, answers=True) for _ in range(100))], 4 * TURN)

    assert mute.cut_at is not None
    assert mute.cut_at <= 3 * TURN + 1


def test_a_ping_has_its_time_though_ten_thousand_come_after_it() -> None:
    mute = Peer(0, answers=False)
    lived([mute, *(Peer(9, answers=True, joins=2 * TURN + 2) for _ in range(10_000))], 2 * TURN + 9)

    assert mute.pinged == [2 * TURN]
    assert mute.cut_at is None


def test_who_speaks_is_not_pinged() -> None:
    peers = [Peer(10, answers=False) for _ in range(50)]
    lived(peers, 4 * TURN)

    assert not any(peer.pinged for peer in peers)


def test_ten_thousand_who_spoke_last_in_the_same_moment_are_not_pinged_in_the_same_moment() -> None:
    peers = [Peer(0, answers=True) for _ in range(10_000)]
    lived(peers, 4 * TURN)
    pings = [beat for peer in peers for beat in peer.pinged]

    assert len(pings) >= len(peers), "all were silent, so all were pinged"
    assert max(map(pings.count, set(pings))) <= len(peers) // TURN + 2


def test_who_has_left_is_not_looked_at() -> None:
    peer, pulse = Peer(0, answers=False), Pulse()
    pulse.join(peer)
    pulse.leave(peer)
    pulse.leave(peer)
    for _ in range(3 * TURN):
        pulse.beat()

    assert (peer.pinged, peer.cut_at, pulse.cut) == ([], None, 0)
