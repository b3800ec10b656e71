"""The HTTP server: REST and WebSocket on one port, with what they share: keys, caps, TLS, trusted proxies.

Guarantees: it answers from the first moment on (`/readyz` tells whether commands are taken); whoever sends
nothing, or its headers too slowly, is cut off; at the end every WebSocket is told to come back.
Doesn't start the engine, the database or the follower: `app` does.
"""

import asyncio
import logging
import ssl
from functools import cache, partial
from pathlib import Path
from typing import Final, Protocol

import msgspec
import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from exchange.engine.base import EngineState
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine
from exchange.gateway import openapi
from exchange.gateway.auth import Keys
from exchange.gateway.decoding import BODY_BYTES_MAX
from exchange.gateway.dispatch import Dispatcher, Requests, problems_for_paths
from exchange.gateway.docs.page import render
from exchange.gateway.loading.loads import Loads
from exchange.gateway.metrics import Figures
from exchange.gateway.proxies import Network, is_loopback, networks_of
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.routes import Ports
from exchange.gateway.stored import texts
from exchange.gateway.stored.bank_details import BankDetailsTable
from exchange.gateway.stored.deal_texts import DealTexts
from exchange.gateway.stored.feedback_texts import FeedbackTexts
from exchange.gateway.stored.profiles import Profiles
from exchange.gateway.stored.records import Records, RecordsUnavailable
from exchange.gateway.stored.supplier_profiles import SupplierProfiles
from exchange.gateway.stored.webhooks import WebhooksTable
from exchange.gateway.websocket import asyncapi
from exchange.gateway.websocket.ws import Sockets

SILENCE_S_MAX: Final = 30.0
"""Of a connection between two requests, and before its first one is whole."""
LINGER_S: Final = 1.0
"""For a refused body that is still coming in."""
STOP_S_MAX: Final = 5.0
"""For requests under way at the end."""
BACKLOG: Final = 1_024
"""Connections that may wait to be accepted: a whole reconnect storm."""
SWEEP_S: Final = 600.0

log = structlog.get_logger(__name__)


class UnfitSettings(ValueError):
    """The server can't be set up like this; the message is for the operator and ends with what to do."""


class AddressTaken(UnfitSettings):
    """Something else listens there, or the address is not this machine's."""


class Settings(Protocol):
    """Where it listens, and whom it believes."""

    @property
    def host(self) -> str:
        """Name or address."""
        ...

    @property
    def port(self) -> int:
        """0 takes a free one."""
        ...

    @property
    def tls_cert(self) -> Path | None:
        """Certificate chain in PEM."""
        ...

    @property
    def tls_key(self) -> Path | None:
        """Its private key in PEM."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins from which browsers may open a WebSocket, besides our own."""
        ...

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Addresses and networks whose X-Forwarded-For is believed."""
        ...

    @property
    def webhooks_to_loopback(self) -> bool:
        """Whether webhooks may go to this machine itself."""
        ...


@cache
def descriptions() -> dict[str, bytes]:
    """OpenAPI and AsyncAPI of this program, as served and as `exchange describe` writes them."""
    return {
        "openapi": msgspec.json.encode(openapi.describe(ROUTES)),
        "asyncapi": msgspec.json.encode(asyncapi.describe()),
    }


@cache
def _documents() -> dict[str, bytes]:
    """The same, and the page made from them."""
    told = descriptions()
    return told | {"docs": render(*(msgspec.json.decode(told[name]) for name in ("openapi", "asyncapi")))}


def tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """TLS 1.2 or later with the certificate; None without one. UnfitSettings names what can't be used."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UnfitSettings("TLS needs a certificate and its key. Give both --tls-cert and --tls-key.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # an SSLError is one too
        raise UnfitSettings(
            f"{cert} and {key} can't be used: {error}. Give PEM files that belong together."
        ) from error
    return context


def refuse_to_be_overheard(settings: Settings) -> None:
    """UnfitSettings if other machines could reach us without TLS: keys travel in every request."""
    safe = settings.tls_cert or settings.trusted_proxies or is_loopback(settings.host)
    if not safe:
        raise UnfitSettings(
            f"On {settings.host} keys would travel unencrypted. Give --tls-cert and --tls-key, or --trusted-proxy "
            "with the address of the proxy that ends TLS, or listen on 127.0.0.1."
        )


def refuse_unfit(settings: Settings) -> None:
    """All that a `Gateway` would refuse of its settings, before anything is started for it."""
    tls_context(settings.tls_cert, settings.tls_key)
    _trusted(settings.trusted_proxies)
    refuse_to_be_overheard(settings)


class Gateway:
    """`listen` first; `open` once the engine has recovered; `run` beside it; `close` at the end.

    UnfitSettings at once where a certificate or a proxy's address can't be used, or keys could be overheard.
    """

    def __init__(
        self, engine: Engine, keys: Keys, records: Records, randomness: Randomness, settings: Settings
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._settings = settings
        self._tls = tls_context(settings.tls_cert, settings.tls_key)
        trusted = _trusted(settings.trusted_proxies)
        refuse_to_be_overheard(settings)
        self.sockets = Sockets(engine, keys, origins=settings.origins, trusted=trusted)
        keys.on_revoked = self.sockets.seats.revoked
        self._records = records
        self._profiles = Profiles(records, randomness)
        requests = Requests()
        figures = Figures(engine, requests, self.sockets)
        self._deal_texts = DealTexts(records, randomness)
        self._feedback_texts = FeedbackTexts(records, randomness)
        self._supplier_profiles = SupplierProfiles(records, randomness)
        self._loads = Loads(engine, records)
        ports = Ports(
            engine,
            keys,
            self._profiles,
            self._deal_texts,
            records,
            BankDetailsTable(records, randomness),
            self._feedback_texts,
            _documents(),
            self._loads,
            figures.text,
            self._supplier_profiles,
            self.sockets.seats.seated,
            WebhooksTable(records, randomness, loopback=settings.webhooks_to_loopback),
        )
        self._runner = _runner(Dispatcher(ports, requests, trusted), self.sockets)

    async def listen(self) -> str:
        """Take connections; the URL under which. Raises AddressTaken."""
        host, port = self._settings.host, self._settings.port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=self._tls, backlog=BACKLOG).start()
        except OSError as error:
            await self._runner.cleanup()
            raise AddressTaken(
                f"Can't listen on {host}:{port}: {error}. Choose another host or port."
            ) from error
        scheme, name = "https" if self._tls else "http", f"[{host}]" if ":" in host else host
        return f"{scheme}://{name}:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Tell WebSockets to come back later, finish what is under way, stop listening."""
        await self._runner.cleanup()
        await self._loads.close()

    def open(self) -> None:
        """The engine has recovered: let WebSockets in and feed them from the next commit on."""
        self.sockets.start()

    async def run(self) -> None:
        """Until cancelled: follow changed keys, beat for the feeds, sweep profiles and descriptions."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keys.watch())
            tasks.create_task(self.sockets.beat())
            tasks.create_task(self.sockets.keep_pulse())
            tasks.create_task(self._sweep())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            if self._engine.state is not EngineState.SERVING:
                continue  # Views that don't know all members would make orphans of their profiles.
            members = self._engine.views.members.values()
            try:
                await texts.sweep(self._records, self._engine.now_us())
                await self._profiles.sweep(
                    {member.profile_hash: member.member_id for member in members}, self._engine.now_us()
                )
                await self._deal_texts.sweep()
                await self._supplier_profiles.sweep(
                    self._engine.views.supplier_profiles.values(), self._engine.now_us()
                )
                await self._feedback_texts.sweep(
                    self._engine.views.feedback.text_hashes(), self._engine.now_us()
                )
            except RecordsUnavailable as error:
                log.warning("records_not_swept", reason=str(error))


def _trusted(texts: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return networks_of(texts)
    except ValueError as error:
        raise UnfitSettings(f"A trusted proxy: {error}. Write it like 10.0.0.1 or 10.0.0.0/8.") from error


def _runner(dispatcher: Dispatcher, sockets: Sockets) -> web.AppRunner:
    app = web.Application(middlewares=[problems_for_paths], client_max_size=BODY_BYTES_MAX)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, partial(dispatcher.serve, route))
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, partial(dispatcher.serve, route))
    app.router.add_get(asyncapi.PATH, sockets.handle, allow_head=False)
    app.on_response_prepare.append(_finish)
    app.on_shutdown.append(partial(_stop, sockets))
    return web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        logger=_http_log(),
        keepalive_timeout=SILENCE_S_MAX,
        auto_decompress=False,
        lingering_time=LINGER_S,
        shutdown_timeout=STOP_S_MAX,
    )


def _http_log() -> logging.Logger:
    """For bugs in connections. What is no HTTP is answered and forgotten, or anybody could fill the log."""
    http_log = logging.getLogger("exchange.http")
    http_log.addFilter(_is_ours)
    return http_log


def _is_ours(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    """Answers are not kept, and not taken for what they aren't; versions of our libraries are nobody's business."""
    del request
    response.headers["Cache-Control"] = "no-store"
    response.headers["Server"] = "exchange"
    response.headers["X-Content-Type-Options"] = "nosniff"


async def _stop(sockets: Sockets, app: web.Application) -> None:
    del app
    sockets.stop()
