"""Whatever is sent to any route, the answer is no failure of ours, and every refusal says what to do."""

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from exchange.core.messages import PlaceOrder, Role, Side, Standing, TimeInForce
from exchange.core.rejects import RejectCode
from exchange.gateway.auth import Scope
from exchange.gateway.new_instrument import NewInstrument
from exchange.gateway.rest.awards import NewDefault, NewSplit
from exchange.gateway.rest.bank import (
    NewBankDetails,
    NewBankEntry,
    NewMatch,
    NewPayout,
    NewReturn,
    NewSweep,
    NewWithdrawal,
)
from exchange.gateway.rest.bids import Limit, NewCurrency, NewSurrogateBid, PricedBid, Revocation
from exchange.gateway.rest.claims import NewAnswer, NewClaim, Release, Resolution
from exchange.gateway.rest.corrections import NewBust, NewTradeTerms
from exchange.gateway.rest.currencies import NewCurrencies
from exchange.gateway.rest.deals import NewStock, StockChange
from exchange.gateway.rest.declarations import NewDeclaration, NewTransformation
from exchange.gateway.rest.delivery import (
    Acceptance,
    Counting,
    Decision,
    NewConsignment,
    NewInspection,
    NewShipment,
    Receiving,
    Reclaim,
)
from exchange.gateway.rest.drafting import EventChange, LotChange
from exchange.gateway.rest.feedback import NewFeedback
from exchange.gateway.rest.hub_address import NewHubAddress
from exchange.gateway.rest.inquiries import InquiryText
from exchange.gateway.rest.invitations import InvitationReply
from exchange.gateway.rest.lots import Grounds, NewClose, Reopening, Seed
from exchange.gateway.rest.money import NewCommission, NewTopUp
from exchange.gateway.rest.orders import NewOrder, NewSwitch, OrderChange
from exchange.gateway.rest.parties import NewKey, NewMember, NewStanding
from exchange.gateway.rest.phases import NewCall, NewPhase
from exchange.gateway.rest.qualification import NewAnswers, NewDecision, NewQuestionnaire
from exchange.gateway.rest.sealed import NewEnvelope, NewVerdict
from exchange.gateway.rest.sourcing import Cancellation, Invitation, NewAward, NewBid, NewEvent, NewLot
from exchange.gateway.rest.standstill import ComplaintAnswer, NewComplaint
from exchange.gateway.rest.suppliers import BulkInvitation, NewSupplierProfile, Search
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.rest.templates import NewClone
from exchange.gateway.rest.terms import AcceptedTerms, NewAddendum, NewEventTerms
from exchange.gateway.rest.treasury import (
    NewCreditLimit,
    NewForfeit,
    NewInvoices,
    NewMove,
    NewSchedule,
    NewWriteOff,
)
from exchange.gateway.rest.webhooks import NewWebhook, Redelivery
from exchange.gateway.routes import AnyRoute, NoBody
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_money import Sale
from tests.gateway.rest.test_sourcing import published

CASES_A_ROUTE = 50

DECIMALS = ["0", "1", "2.50", "0.0001", "90.00", "-1", "1e5", "1.", ".5", "00", "9" * 30, "1,5", "٣", "2.5\n"]
INSTANTS = [
    "2026-01-01T13:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
]
TEXTS = st.one_of(
    st.sampled_from(
        [*DECIMALS, *INSTANTS, "USD", "JPY", "GB", *Role, *Scope, *Side, *Standing, *TimeInForce]
    ),
    st.text(max_size=40),
    st.sampled_from(["\u0000", "\ud83d\ude00", "x" * 300, "../..", "' or 1=1 --", "%s%n", "\u202e"]),
)
NUMBERS = st.one_of(
    st.integers(-2, 600),
    st.integers(),
    st.sampled_from([2**31, 2**53 - 1, 2**53, 2**63, 10**400]),
    st.floats(),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=5,
)


GOOD: dict[type[Struct], dict[str, object]] = {
    NoBody: {},
    NewMember: {"roles": ["buyer"], "name": "n", "country": "GB", "contact": "c"},
    NewStanding: {"standing": "good"},
    NewKey: {"scopes": ["read"], "member_id": ""},
    NewInstrument: {"symbol": "s", "currency": "USD", "price_scale": 2},
    NewOrder: {"instrument_id": "", "side": "buy", "price": "1.000", "quantity": 10},
    NewSwitch: {"seconds": 60},
    OrderChange: {"price": "1.000", "quantity": 20},
    NewEvent: {
        "title": "t",
        "currency": "USD",
        "open_at": "2026-01-02T00:00:00Z",
        "duration_us": 10**9,
        "rules": {"prebid": "required", "bid_bond_amount": "1.00", "fee_from_bond": True},
        "disclosure": {"gap": True, "light": {"green_bps": 1, "yellow_bps": 2}},
    },
    NewLot: {"title": "t", "quantity": 1, "ceiling_price": "9", "min_step": "1"},
    Invitation: {"member_id": ""},
    Cancellation: {"reason": "r"},
    NewBid: {"price": "1"},
    PricedBid: {"price": "1", "lines": ["1", "0"]},
    NewEnvelope: {"envelope": "A" * 384},
    NewVerdict: {"alias": 1, "passed": True, "reason": "none"},
    NewAward: {"alias": 0},
    NewCurrency: {"currency": "EUR"},
    NewCurrencies: {"currencies": [{"currency": "USD", "rate": "0.9"}]},
    NewSplit: {"parts": [{"alias": 1, "quantity": 1}]},
    NewComplaint: {"text": "x"},
    ComplaintAnswer: {"alias": 1, "uphold": True, "text": "x"},
    Reopening: {"close_at": "2030-01-01T00:00:00Z", "reason": "x"},
    NewDefault: {"alias": 1, "reason": "x"},
    Seed: {"seed": "seed"},
    NewDeclaration: {"options": [2], "amounts": [10]},
    NewTransformation: {"factor": "1.05", "addend": "-0.50"},
    Grounds: {"reason": "none"},
    Limit: {"price": "5"},
    NewSurrogateBid: {"member_id": "m", "price": "5", "reason": "none"},
    Revocation: {"number": 1, "reason": "none"},
    NewClose: {"close_at": "2026-01-01T20:00:00Z"},
    NewStock: {"instrument_id": "", "quantity": 10, "advertise": True},
    StockChange: {"instrument_id": "", "quantity": 10},
    NewTopUp: {"transfer_id": "t", "member_id": "", "currency": "USD", "amount": "1.00"},
    NewCommission: {"rate_bps": 100},
    NewSchedule: {"rate_bps": 100, "currency": "USD", "minimum": "1.00"},
    NewInvoices: {"period": 202_501},
    NewMove: {"currency": "USD", "amount": "1.00"},
    NewForfeit: {"member_id": "", "currency": "USD"},
    NewCreditLimit: {"currency": "USD", "limit": "1.00"},
    NewWriteOff: {"member_id": "", "currency": "USD", "amount": "1.00"},
    NewConsignment: {"instrument_id": "i", "lines": [{"contract_id": "c", "line": 1, "quantity": 1}]},
    Counting: {"counted_quantity": 1},
    NewInspection: {
        "plan": "every_piece",
        "sample_quantity": 1,
        "checks": [{"method": "visual", "result": "passed"}],
        "evidence": "a" * 64,
        "passed_quantity": 1,
        "cost": "1.00",
    },
    Decision: {"take": True},
    NewShipment: {"lines": [{"contract_id": "c", "line": 1}]},
    Receiving: {"received_quantity": 1},
    Acceptance: {"line": 1},
    Reclaim: {"instrument_id": "i", "quantity": 1},
    NewHubAddress: {"name": "Hub", "address": "Quay 3"},
    NewClaim: {"contract_id": "c", "line": 1, "reason": "damaged", "text": "Bent."},
    NewAnswer: {"contract_id": "c", "line": 1, "admit": False},
    Resolution: {"upheld_bps": 1},
    Release: {"text": "claim"},
    NewBankDetails: {"name": "n", "iban": "GB33BUKB20201555555555"},
    NewWithdrawal: {"currency": "USD", "amount": "1.00"},
    NewPayout: {"member_id": "", "currency": "USD"},
    NewSweep: {"currency": "USD"},
    NewBankEntry: {"entry_id": "e", "direction": "credit", "currency": "USD", "amount": "1.00"},
    NewMatch: {"entry_id": "e", "member_id": ""},
    NewEventTerms: {"text": "t", "documents": [{"name": "n", "sha256": "a" * 64}]},
    NewAddendum: {"text": "t"},
    AcceptedTerms: {"version": 1},
    NewQuestionnaire: {"questions": [{"kind": "choice", "text": "t", "choices": ["A", "B"]}]},
    NewAnswers: {"answers": [{"place": 1, "text": "t"}]},
    NewDecision: {"approve": False, "lots": ["l"], "reason": "r"},
    NewClone: {"open_at": "2026-01-02T00:00:00Z", "title": "t", "invitations": True},
    EventChange: {"title": "t", "open_at": "2026-01-02T00:00:00Z", "duration_us": 10**9},
    LotChange: {"quantity": 7, "ceiling_price": "9", "min_step": "1", "tick": "1"},
    InquiryText: {"text": "t"},
    InvitationReply: {"accept": False},
    BulkInvitation: {"member_ids": ["m"]},
    Search: {"categories": ["c"], "regions": ["GB"], "capabilities": ["c"], "certificates": ["c"]},
    NewSupplierProfile: {
        "name": "n",
        "capabilities": ["c"],
        "certificates": [{"name": "n", "sha256": "a" * 64}],
    },
    NewWebhook: {"url": "https://example.org/", "kinds": ["own.fill"]},
    Redelivery: {"since": "2026-01-01T13:00:00Z"},
    NewFeedback: {"as_described": 5, "delivery": 5, "communication": 5},
    NewPhase: {"phase": "halted"},
    NewCall: {"duration_s": 1},
    NewBust: {"cause": "consent"},
    NewTradeTerms: {"price": "1.000", "cause": "consent", "quantity": 10},
    NewReturn: {"entry_id": "e", "name": "n", "iban": "GB33BUKB20201555555555"},
}
"""A body for every Struct that would do; empty ids are filled with the target's."""


class Target:
    """Something behind every kind of id, so that requests get past the first look-up, and who asks."""

    def __init__(self, holder: Holder, ids: dict[str, str]) -> None:
        self.holder = holder
        self.ids = ids

    def id_for(self, name: str, junk: str | None) -> str:
        return self.ids.get(name, "BUSY") if junk is None else junk


@pytest.fixture
async def target(house: House) -> Target:
    sale, market = await Sale(house).make(), await published(house)
    resting = PlaceOrder(instrument_id=sale.instrument, side=Side.BUY, price=1_000, quantity=10)
    holder = await house.member(*Role)
    await house.top_up(holder, 1_000_000)
    order = await house.do(holder.member_id, resting)
    return Target(
        holder,
        {
            "instrument_id": sale.instrument,
            "order_id": order.id,
            "member_id": sale.buyer.member_id,
            "contract_id": sale.bought,
            "event_id": market.event,
            "lot_id": market.lot,
        },
    )


def json_of(value: object) -> bytes:
    """JSON as a careless client writes it: NaN, huge numbers and lone surrogates included."""
    return json.dumps(value).encode()


def escaped(text: str) -> str:
    """For a URL: what is no UTF-8 comes through too."""
    return quote(text, safe="", errors="surrogatepass")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@given(draw=st.data())
@settings(max_examples=CASES_A_ROUTE, suppress_health_check=list(HealthCheck))
async def test_no_request_makes_the_server_fail(
    house: House, target: Target, route: AnyRoute, draw: st.DataObject
) -> None:
    junk = st.integers(0, 3).flatmap(lambda number: TEXTS if number == 0 else st.none())
    path = re.sub(r"\{(\w+)\}", lambda found: escaped(target.id_for(found[1], draw.draw(junk))), route.path)
    query = draw.draw(st.dictionaries(names_of(route.query), TEXTS, max_size=1))
    text = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in query.items())
    body = draw.draw(bodies_for(route, target).map(json_of) | st.binary(max_size=60))
    headers = {"Idempotency-Key": draw.draw(st.sampled_from(["a", "b"]))} if route.command else {}
    if route.is_conditional:
        headers |= draw.draw(st.sampled_from([{}, {"If-Match": "*"}, {"If-Match": '"1"'}, {"If-Match": "1"}]))

    answer = await house.call(
        target.holder, route.method, f"{path}?{text}", raw=body if route.takes_body else None, headers=headers
    )

    assert answer.status < 500 or route.path == "/readyz", answer
    if answer.status >= 400:
        assert answer.body["reason"] in RejectCode.__members__
        assert answer.body["remedy"]


def names_of(kind: type[Struct]) -> st.SearchStrategy[str]:
    """Names that the query knows, else nearly none."""
    known = [field.encode_name for field in fields(kind)]
    return st.sampled_from(known) if known else st.sampled_from(["x"])


def bodies_for(route: AnyRoute, target: Target) -> st.SearchStrategy[dict[str, object]]:
    """A body that would do, with a few of its fields replaced or left out, and perhaps one too many."""
    good = GOOD[route.body] | {name: text for name, text in target.ids.items() if name in GOOD[route.body]}
    known = [field.encode_name for field in fields(route.body)]
    changes = st.dictionaries(st.sampled_from([*known, "extra"]), VALUES, max_size=2)
    left_out = st.lists(st.sampled_from(known), max_size=1) if known else st.just([])
    return st.builds(
        lambda change, gone: {name: value for name, value in (good | change).items() if name not in gone},
        changes,
        left_out,
    )
