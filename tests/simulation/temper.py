"""What kind of world a seed makes: which faults there are and how often, how fast people are, how tight the bounds.

Every seed draws its own mixture, so that some worlds are torn by one fault alone and others by all of them.
"""

from dataclasses import dataclass, field
from random import Random

from exchange.engine.sequencer import EngineSettings
from exchange_client.session import Settings

MS = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

STARTS_US = (
    1_767_268_800 * SECOND,  # 2026-01-01T12:00Z
    1_769_903_940 * SECOND,  # a minute before February 2026
    1_798_761_540 * SECOND,  # a minute before 2027
)


@dataclass(frozen=True)
class Temper:
    """Instants and durations are virtual microseconds; a mean gap of 0 says that it never happens."""

    start_us: int
    storm_us: int  # how long there are faults
    commands: int  # about how many are sent meanwhile
    # the machine
    dawdle: float
    dawdle_us_max: int
    drift_ppm: int
    clock_step_gap_us: int
    clock_step_us_max: int
    crash_per_step: float  # at each step of the exchange's journal
    crash_gap_us: int
    crash_notice_us_max: int  # until a connection notices that the other end is dead
    restart_us_max: int
    long_outage: float  # share of crashes after which the exchange stays away for long
    takeover: float  # share of crashes where a second exchange starts while the first one still runs
    # the store
    flush_us_max: int
    slow_flush: float
    fail_per_step: float
    down_gap_us: int
    down_us_max: int
    # the net
    latency_us_max: int
    hiccup: float
    tear_gap_us: int
    stall_gap_us: int
    bytes_weigh: int
    # the clients
    twice: float  # share of commands that are sent once more
    impatient: float  # share of commands with a deadline
    client_crash_gap_us: int
    poison_gap_us: int
    # the follower
    follows: bool
    snapshot_every: int
    follower_crash_gap_us: int

    engine: EngineSettings = field(default_factory=EngineSettings)
    client: Settings = field(default_factory=Settings)


def temper_of(chance: Random) -> Temper:
    """The mixture of one seed."""

    def maybe(share: float, *values: int) -> int:
        return chance.choice(values) if chance.random() < share else 0

    def rarely(share: float, value: float) -> float:
        return value * chance.random() if chance.random() < share else 0.0

    storm_us = chance.choice((40, 60, 90, 150, 400)) * SECOND
    return Temper(
        start_us=chance.choice(STARTS_US) - storm_us // 2,
        storm_us=storm_us,
        commands=chance.choice((250, 450, 700)),
        dawdle=chance.choice((0.0, 0.05, 0.3, 0.6)),
        dawdle_us_max=chance.choice((50, 1 * MS, 20 * MS)),
        drift_ppm=chance.randint(-200, 200),
        clock_step_gap_us=maybe(0.5, storm_us // 4, storm_us // 20),
        clock_step_us_max=chance.choice((2 * SECOND, 10 * MINUTE, 600 * MINUTE)),
        crash_per_step=chance.choice((0.0, 0.005, 0.01, 0.03)),
        crash_gap_us=maybe(0.8, storm_us // 8, storm_us // 20, storm_us // 30),
        crash_notice_us_max=chance.choice((1 * MS, 50 * MS, 4 * SECOND)),
        restart_us_max=chance.choice((100 * MS, SECOND, 5 * SECOND)),
        long_outage=rarely(0.3, 0.2),
        takeover=rarely(0.3, 0.6),
        flush_us_max=chance.choice((200, 2 * MS, 20 * MS)),
        slow_flush=rarely(0.3, 0.1),
        fail_per_step=rarely(0.6, 0.04),
        down_gap_us=maybe(0.4, storm_us // 3, storm_us // 10),
        down_us_max=chance.choice((500 * MS, 10 * SECOND)),
        latency_us_max=chance.choice((200, 5 * MS, 50 * MS)),
        hiccup=rarely(0.4, 0.1),
        tear_gap_us=maybe(0.7, storm_us // 15, storm_us // 60),
        stall_gap_us=maybe(0.4, storm_us // 10, storm_us // 30),
        bytes_weigh=chance.choice((1, 100, 4_000)),
        twice=rarely(0.5, 0.3),
        impatient=rarely(0.5, 0.5),
        client_crash_gap_us=maybe(0.4, storm_us // 6, storm_us // 20),
        poison_gap_us=maybe(0.3, storm_us // 3, storm_us // 8),
        follows=chance.random() < 0.8,
        snapshot_every=chance.choice((10, 50, 200)),
        follower_crash_gap_us=maybe(0.5, storm_us // 4, storm_us // 15),
        engine=EngineSettings(
            inbox_max=chance.choice((8, 40, 16_384)),
            batch_max=chance.choice((2, 8, 1_024)),
            follower_lag_max=chance.choice((100, 5_000_000, 5_000_000)),
            watch_us=chance.choice((200 * MS, SECOND)),
            retry_first_us=chance.choice((1 * MS, 100 * MS)),
            retry_last_us=chance.choice((200 * MS, SECOND)),
        ),
        client=Settings(
            resend=chance.random() < 0.7,
            reconnect_us_first=chance.choice((1 * MS, 250 * MS)),
            reconnect_us_last=SECOND,
            healthy_us=SECOND,
            busy_us_last=300 * MS,
            sync_us=2 * SECOND,
            silence_us_max=3 * SECOND,
        ),
    )
