"""All figures as Prometheus reads them: plain integers of engine, feeds and REST, collected when asked.

Guarantees: nothing is counted here, so scraping costs the hot path nothing.
Known limits: everything counts since the process started; histograms have the bounds of the engine's.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from exchange.core.rejects import RejectCode
from exchange.engine.base import EngineState
from exchange.engine.metrics import Histogram
from exchange.engine.sequencer import Engine
from exchange.gateway.dispatch import Requests
from exchange.gateway.websocket.ws import Sockets

SECOND_US: Final = 1_000_000


class Figures(Collector):
    """One collector for the whole process."""

    def __init__(self, engine: Engine, requests: Requests, sockets: Sockets) -> None:
        self._engine = engine
        self._requests = requests
        self._sockets = sockets
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """Everything, read now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """The families, in an order that does not change."""
        yield from self._of_engine()
        yield from self._of_gateway()

    def _of_engine(self) -> Iterator[Metric]:
        engine, metrics = self._engine, self._engine.metrics
        yield _counter("commits", "Batches made durable.", metrics.commits)
        yield _counter("commands", "Commands made durable, refused ones included.", metrics.commands)
        yield _counter("duplicates", "Commands answered with an earlier reply.", metrics.duplicates)
        yield _counter("busy", "Commands refused because too much was waiting.", metrics.busy)
        yield _counter("halts", "Times that the journal could not be written.", metrics.halts)
        yield _counter("quarantined", "Commands that tripped an assertion.", metrics.quarantined)
        refused = CounterMetricFamily("exchange_refused", "Commands refused, by code.", labels=["reason"])
        for code, count in sorted(metrics.refused.items()):
            refused.add_metric([RejectCode(code).name], count)
        yield refused
        yield _histogram("batch_commands", "Commands in a batch.", metrics.batch_sizes, 1)
        yield _histogram("commit_seconds", "From sealing to disk.", metrics.commit_us, SECOND_US)
        yield _histogram("ack_seconds", "Oldest of a batch, inbox to release.", metrics.ack_us, SECOND_US)
        yield _gauge("inbox_commands", "Commands that wait for the engine.", engine.waiting)
        yield _gauge("loop_lag_seconds", "How late the loop woke up last.", metrics.loop_lag_us / SECOND_US)
        if engine.follower_seq is not None:
            lag = max(0, engine.seq - engine.follower_seq)
            yield _gauge("follower_lag_commands", "How far the follower is behind.", lag)
        state = GaugeMetricFamily("exchange_state", "1 for the state it is in.", labels=["state"])
        for each in EngineState:
            state.add_metric([each], int(engine.state is each))
        yield state

    def _of_gateway(self) -> Iterator[Metric]:
        sockets, feed = self._sockets, self._sockets.feed
        yield _gauge("connections", "WebSockets that are open.", sockets.seats.connections)
        yield _counter("frames", "WebSocket frames received.", sockets.frames)
        yield _counter("connections_refused", "WebSockets not let in.", sockets.refused)
        yield _gauge("streams", "Feeds kept up.", feed.streams if feed else 0)
        yield _counter(
            "slow_readers", "Connections closed as too slow.", feed.post.slow_closed if feed else 0
        )
        yield _counter("silent_connections", "Connections cut that answered no ping.", sockets.pulse.cut)
        yield _gauge("requests_waiting", "REST requests under way.", self._requests.waiting)
        answered = CounterMetricFamily("exchange_requests", "REST requests answered.", labels=["status"])
        for status, count in sorted(self._requests.statuses.items()):
            answered.add_metric([str(status)], count)
        yield answered


def _counter(name: str, meaning: str, count: int) -> Metric:
    return CounterMetricFamily(f"exchange_{name}", meaning, value=count)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"exchange_{name}", meaning, value=value)


def _histogram(name: str, meaning: str, histogram: Histogram, units: int) -> Metric:
    """`units` of the histogram make one of Prometheus's: microseconds become seconds."""
    bounds = [str(bound / units) for bound in histogram.bounds] + ["+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(
        f"exchange_{name}", meaning, buckets=buckets, sum_value=histogram.total / units
    )
