"""REST of the exchange itself: its clock, its state, its figures, and the descriptions of its interfaces."""

from typing import Final

import msgspec
from msgspec import Struct

from exchange.core.rejects import EXPLANATIONS, Advice, RejectCode
from exchange.engine.base import EngineState
from exchange.gateway import policy
from exchange.gateway.auth import Scope
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.problems import RETRY_AFTER_S, STATUS, Refused
from exchange.gateway.proxies import is_local
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What scrapers of metrics expect."""


class Time(Struct, frozen=True):
    """The exchange's clock as it answered, as an instant and in microseconds since 1970."""

    at: InstantText
    at_us: int


class Health(Struct, frozen=True):
    """What the exchange does with a command right now."""

    state: EngineState


class Reason(Struct, frozen=True):
    """A refusal in general: what it means, what to do, and how HTTP tells it."""

    code: int
    reason: str
    title: str
    remedy: str
    advice: Advice
    status: int


async def get_time(call: Call[NoBody, NoQuery]) -> Time:
    """For a rough comparison of clocks; WebSocket's `sync_time` is closer."""
    at_us = call.ports.engine.now_us()
    return Time(instant_of(at_us), at_us)


async def get_health(call: Call[NoBody, NoQuery]) -> Health:
    """Whether the process lives: it does if this is answered."""
    return Health(call.ports.engine.state)


async def get_readiness(call: Call[NoBody, NoQuery]) -> Health:
    """200 while commands are taken, else 503; reads go on while the exchange is halted."""
    state = call.ports.engine.state
    if state is not EngineState.SERVING:
        call.status = 503
        call.headers["Retry-After"] = str(RETRY_AFTER_S)
    return Health(state)


async def get_reason(call: Call[NoBody, NoQuery]) -> Reason:
    """What the `type` of a problem document refers to."""
    name = call.id("name")
    if name not in RejectCode.__members__:
        raise Refused(RejectCode.NOT_FOUND)
    code = RejectCode[name]
    told = EXPLANATIONS[code]
    return Reason(code, name, told.sentence, told.remedy, told.advice, STATUS[code])


async def get_metrics(call: Call[NoBody, NoQuery]) -> bytes:
    """To programs on this machine and to the operator: figures of all members tell how busy others are."""
    holder = call.holder
    is_operator = (
        holder is not None and Scope.READ in holder.scopes and policy.operates(holder, call.views.members)
    )
    if not is_operator and not is_local(call.request):
        raise Refused(RejectCode.NOT_PERMITTED)
    call.headers["Content-Type"] = TEXT
    return call.ports.figures()


async def get_openapi(call: Call[NoBody, NoQuery]) -> msgspec.Raw:
    """This interface, described in OpenAPI 3.1."""
    return msgspec.Raw(call.ports.documents["openapi"])


async def get_asyncapi(call: Call[NoBody, NoQuery]) -> msgspec.Raw:
    """The WebSocket, described in AsyncAPI 3."""
    return msgspec.Raw(call.ports.documents["asyncapi"])


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/v1/time", "Read the clock", get_time, NoBody, NoQuery, Time),
    Route("GET", "/healthz", "Ask whether it lives", get_health, NoBody, NoQuery, Health),
    Route("GET", "/readyz", "Ask whether it serves", get_readiness, NoBody, NoQuery, Health),
    Route("GET", "/problems/{name}", "Read about a refusal", get_reason, NoBody, NoQuery, Reason),
    Route("GET", "/metrics", "Read the figures", get_metrics, NoBody, NoQuery, bytes),
    Route("GET", "/openapi.json", "Describe REST", get_openapi, NoBody, NoQuery, msgspec.Raw),
    Route("GET", "/asyncapi.json", "Describe the WebSocket", get_asyncapi, NoBody, NoQuery, msgspec.Raw),
)
