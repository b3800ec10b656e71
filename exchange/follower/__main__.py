"""`python -m exchange.follower`, with the database in DATABASE_URL: started by the server, not by people."""

import asyncio
import os
import sys
from argparse import ArgumentParser

import uvloop

from exchange.follower.process import BANK, POSTING, follow
from exchange.logs import log_as_json
from exchange.outbound.house import HouseBank
from exchange.outbound.posting import Posting


def main() -> int:
    """Follow one journal."""
    parser = ArgumentParser(prog="exchange.follower", description=__doc__)
    parser.add_argument("--snapshot-every", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args()
    log_as_json()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = os.environ.get(BANK)
        house = HouseBank.of_text(told) if told else None
        posting = Posting.of_text(os.environ.get(POSTING, "{}"))
        dsn = os.environ["DATABASE_URL"]
        return runner.run(follow(dsn, given.snapshot_every, given.parent, house, posting))


if __name__ == "__main__":
    sys.exit(main())
