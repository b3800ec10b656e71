"""The wide world: members who use every command there is, under the same faults, and the shadow kernel as oracle.

Half of the commands that a client can send go over its connection; all others go by REST, each with its key, until
there is an answer. Beside the engine the desk of the lots' keys runs as it does beside a server.
"""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Final

from msgspec import ValidationError, json

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.messages import Command, CreateInstrument, Delivery, Role
from exchange.engine.sequencer import Engine
from exchange.outbound.unsealing import KeyDesk
from exchange_client import messages
from tests.simulation.client import Client
from tests.simulation.postman import Postman
from tests.simulation.safe import Safe
from tests.simulation.shadow import ShadowOracle
from tests.simulation.temper import DAY, SECOND
from tests.simulation.traders import pause
from tests.simulation.wishes import Wishes
from tests.simulation.world import INSTRUMENTS, ROLES, Habit, World

LETTERS_MAX: Final = 6
"""Requests of one member that wait for an answer."""
AFTER_US: Final = 120 * SECOND
"""How long the suppliers go on after the storm: lots close, orders expire."""
AWARDS_US: Final = 20 * SECOND
"""How long members then go on: lots that an outage has kept open are awarded."""
DAWN_US: Final = 10 * SECOND
"""Until it has begun again."""
NIGHTS_US: Final = (8 * DAY, 91 * DAY)
"""For how long all is switched off in the end: terms of deals end, and guarantees after them."""

_for_client: Final = json.Decoder(messages.AnyCommand).decode


class Person:
    """A member with any wish that its roles allow."""

    def __init__(self, world: "WideWorld", client: Client, postman: Postman) -> None:
        self.world = world
        self.client = client
        self.postman = postman
        self._roles = world.roles[client.name.rpartition("-")[0]]

    async def live(self) -> None:
        """Want something every now and then, and sometimes much at once."""
        world, chance = self.world, self.world.chance
        self.client.follow("own")
        for goods in world.goods:
            if chance.random() < 0.3:
                self.client.follow(f"{chance.choice(('book', 'trades', 'ticker'))}:{goods.instrument_id}")
        while True:
            await pause(world, world.think_us() // 2)
            for _ in range(chance.randrange(1, 12) if chance.random() < 0.1 else 1):
                if world.trading or world.bidding:
                    self._want()

    def _want(self) -> None:
        world = self.world
        wish = world.wishes.wish(self.client.member_id, self._roles, self.client.exchange_us())
        for lot in list(world.shadow.kernel.auctions.lots())[-6:]:
            channel = f"lot:{lot.lot_id}"
            if lot.published and channel not in self.client.refused and world.chance.random() < 0.1:
                self.client.follow(channel)
        if wish is None:
            return
        by_socket = as_client(wish) if world.chance.random() < 0.5 else None
        if by_socket is not None:
            self.client.post(by_socket, self._learn)
        elif len(self.postman.open) < LETTERS_MAX:
            self.postman.send(wish)

    def _learn(self, _command: messages.AnyCommand, _outcome: object) -> None:
        """What it needs to know next it sees in the shadow."""


class WideWorld(World):
    """One seed of the wide world."""

    roles: ClassVar[Mapping[str, tuple[Role, ...]]] = {
        **ROLES,
        "inspector": (Role.INSPECTOR,),
        "auditor": (Role.AUDITOR,),
    }
    instruments: ClassVar[Sequence[CreateInstrument]] = (
        *INSTRUMENTS,
        CreateInstrument(
            symbol="GAUGE",
            currency="EUR",
            price_scale=2,
            price_min=50,
            price_max=150,
            delivery=Delivery.HUB,
            guarantee_bps=500,
        ),
    )

    def oracle(self) -> ShadowOracle:
        """A kernel without faults."""
        self.safe = Safe(self.chance)
        self.shadow = ShadowOracle(self.safe)
        self.wishes = Wishes(self.shadow.kernel, self.chance, self.shadow.done, self.safe)
        return self.shadow

    def _postmen(self) -> list[Postman]:
        return [Postman(self, self.members[name]) for name in self.roles]

    def overhear(self, where: str, told: bytes) -> None:
        """Nothing may tell a sealed price."""
        self.safe.search(where, told)

    def beside(self, engine: Engine) -> list[Coroutine[Any, Any, None]]:
        """The desk of the lots' keys."""
        return [KeyDesk(engine, self.safe).run()]

    def _habits_of(self, client: Client) -> list[Habit]:
        own = next(postman for postman in self.postmen if postman.member_id == client.member_id)
        return [Person(self, client, own).live]

    def close_lots(self) -> None:
        """Nothing but the wall clock goes wrong, for as long as most lots are open."""
        self.note("the suppliers go on")
        self.bidding = True
        for _ in range(AFTER_US // (20 * SECOND)):
            self._pass(20 * SECOND)
            if self.temper.clock_step_gap_us:
                self._step_clock()
        self.bidding = False
        self._pass(OUTAGE_NOTICE_US)  # what an outage has put off falls due, with nobody to pay it
        self.bidding = True
        self._pass(AWARDS_US)
        self.bidding = False

    def pass_terms(self) -> None:
        """Nobody is there any more but the exchange and its follower, every now and then."""
        for client in self.clients:
            client.crash()
        for night_us in NIGHTS_US:
            self._switch_off()
            self._pass(night_us)
            self.start_server()
            if self.temper.follows:
                self.start_follower()
            self._pass(DAWN_US)
            self.quieten()

    def _switch_off(self) -> None:
        server = self.serving
        assert server is not None, "the exchange serves after the storm"
        server.end_term("is switched off")
        self.loop.cut_power(server.host)
        self.loop.cut_power(f"follower-{self.follower_starts}")


def as_client(command: Command) -> messages.AnyCommand | None:
    """The command as a client sends it, or nothing: clients don't."""
    try:
        sent: messages.AnyCommand = _for_client(json.encode(command))
    except ValidationError:
        return None
    return sent
