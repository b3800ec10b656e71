"""`python -m tests.golden --write`: write the golden journals of the present rules; older ones stay as they are."""

import json
import sys
from pathlib import Path

from msgspec import msgpack

from exchange.core.kernel import RULES, Exchange
from exchange.engine.replica import Replica
from exchange.journal.base import Batch
from tests.golden.scenarios import SCENARIOS, journal_of

FOLDER = Path(__file__).parent
DIGESTS = FOLDER / "digests.json"


def told(batches: list[Batch]) -> dict[str, int | str]:
    """What a replay of the journal must give again: the chain covers every outcome.

    The state's form is the program's own and may change; it must only come back from its dump.
    """
    replica = Replica()
    for batch in batches:
        replica.apply(batch)
    state = replica.kernel.dump()
    assert Exchange.load(state).dump() == state, "a state comes back from its dump"
    return {"commands": replica.next_seq - 1, "chain": replica.chain.hex()}


def keep(name: str, batches: list[Batch]) -> None:
    """Write a journal of the present rules, with what it must give again, and name it."""
    digests = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}
    path = FOLDER / f"{name}.rules{RULES}.journal"
    path.write_bytes(msgpack.encode(batches))
    digests[path.name] = told(batches)
    DIGESTS.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")
    print(path.name, digests[path.name]["commands"], "commands")


def main() -> int:
    """Write the journals of all scenarios; what a simulated seed left is written by the simulation."""
    if "--write" not in sys.argv[1:]:
        print(__doc__)
        return 2
    for name, scenario in SCENARIOS.items():
        keep(name, journal_of(scenario()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
