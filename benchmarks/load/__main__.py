"""The load generator: `python -m benchmarks.load SEED CONNECTIONS INSTRUMENTS LENGTH CORE`.

Makes its scripts, says so in a line, and then runs one round for every order it reads on stdin; each answer is
a line of JSON on stdout. CORE is the processor it stays on, -1 for any.
"""

import asyncio
import gc
import os
import sys
from time import perf_counter, process_time

import msgspec
import uvloop

from benchmarks.load.connection import Connection, LoadError, Tally
from benchmarks.load.orders import Round, Seen
from benchmarks.load.script import Script
from benchmarks.machine import cpu_seconds

READY_S_MAX = 20.0
DRAIN_S_MAX = 10.0


async def run(order: Round, scripts: list[Script]) -> Seen:
    """One round: connect, warm up, count for a while, let what is in flight be answered."""
    tally = Tally()
    connections = await _connected(order, scripts, tally)
    share, more = divmod(order.in_flight, len(connections))
    for number, connection in enumerate(connections):
        connection.start(share + (number < more))
    await asyncio.sleep(order.warm_up_s)
    began, own, engine = perf_counter(), process_time(), cpu_seconds(order.engine_pid)
    tally.counts = True
    await _until(began + order.seconds, connections)
    tally.counts = False
    seconds, own, engine = (
        perf_counter() - began,
        process_time() - own,
        cpu_seconds(order.engine_pid) - engine,
    )
    for connection in connections:
        connection.stop()
    await _drained(connections)
    return Seen.of(tally, seconds, own, engine)


async def _connected(order: Round, scripts: list[Script], tally: Tally) -> list[Connection]:
    loop, connections = asyncio.get_running_loop(), []
    for key, script in zip(order.keys, scripts, strict=True):
        connection = Connection(order.host, order.port, key, script.named(order.instruments), tally)
        await loop.create_connection(lambda made=connection: made, order.host, order.port)  # type: ignore[misc]
        connections.append(connection)
    async with asyncio.timeout(READY_S_MAX):
        await asyncio.gather(*(connection.ready for connection in connections))
    return connections


async def _until(end: float, connections: list[Connection]) -> None:
    """Until the time is over or somebody has nothing left to send. Raises LoadError if a connection broke."""
    while (left := end - perf_counter()) > 0 and not any(each.exhausted for each in connections):
        await asyncio.sleep(min(left, 0.05))
        if any(each.ended.done() for each in connections):
            raise LoadError("the server closed a connection in the middle of a round")


async def _drained(connections: list[Connection]) -> None:
    async with asyncio.timeout(DRAIN_S_MAX):
        await asyncio.gather(*(connection.drained.wait() for connection in connections))
    for connection in connections:
        connection.close()
    await asyncio.gather(*(connection.ended for connection in connections))


def main() -> None:
    """Serve orders until stdin ends."""
    seed, connections, instruments, length, core = map(int, sys.argv[1:])
    if core >= 0:
        os.sched_setaffinity(0, {core})
    gc.disable()  # nothing here makes cycles, and a pause would count as the server's
    scripts = [Script.of(seed, member, instruments, length) for member in range(connections)]
    print("ready", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            seen = runner.run(run(msgspec.json.decode(line, type=Round), scripts))
            print(msgspec.json.encode(seen).decode(), flush=True)


if __name__ == "__main__":
    main()
