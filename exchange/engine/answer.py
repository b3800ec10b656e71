"""A sink for whoever waits for the outcome of one command."""

import asyncio

from exchange.core.messages import Reply
from exchange.core.rejects import Reject


class Answer:
    """`heard` is done when the engine has spoken. Whoever asked may have gone meanwhile: then nobody hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[Reply | Reject] = asyncio.get_running_loop().create_future()

    def settled(self, reply: Reply) -> None:
        """Durable."""
        self._hear(reply)

    def lost(self, reject: Reject) -> None:
        """Unknown."""
        self._hear(reject)

    def _hear(self, answer: Reply | Reject) -> None:
        if not self.heard.done():
            self.heard.set_result(answer)
