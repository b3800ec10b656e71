"""Every route, asked by everybody: who may not, may not, and nobody reaches what is another's."""

import re
from itertools import combinations

import pytest
from msgspec import Struct

from exchange.core.messages import BuyNow, PlaceOrder, PublishEvent, Role, Side, SubmitBid
from exchange.core.messages.awards import PlaceBond
from exchange.core.messages.bids import RevokeBid, SetProxy, WithdrawProxy
from exchange.core.messages.changing import RemoveLot
from exchange.core.messages.currencies import ChooseCurrency
from exchange.core.messages.inquiries import Inquire
from exchange.core.messages.invitations import AnswerInvitation
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_sales import PaySale
from exchange.core.messages.qualification import AcceptTerms, AnswerQuestionnaire, SetQuestionnaire, SetTerms
from exchange.core.messages.scoring import SubmitDeclaration
from exchange.core.messages.sealed import SubmitEnvelope, WithdrawEnvelope
from exchange.core.messages.standstill import FileComplaint
from exchange.gateway import policy
from exchange.gateway.auth import Scope
from exchange.gateway.rest.awards import NewDefault, NewSplit
from exchange.gateway.rest.bids import Limit, NewCurrency, NewSurrogateBid, PricedBid, Revocation
from exchange.gateway.rest.currencies import NewCurrencies
from exchange.gateway.rest.declarations import NewDeclaration, NewTransformation
from exchange.gateway.rest.delivery import Acceptance, Decision
from exchange.gateway.rest.drafting import EventChange, LotChange
from exchange.gateway.rest.feedback import NewFeedback
from exchange.gateway.rest.inquiries import InquiryText
from exchange.gateway.rest.invitations import InvitationReply
from exchange.gateway.rest.lots import Grounds, NewClose, Reopening, Seed
from exchange.gateway.rest.orders import OrderChange
from exchange.gateway.rest.qualification import NewAnswers, NewDecision, NewQuestionnaire
from exchange.gateway.rest.sealed import NewEnvelope, NewVerdict
from exchange.gateway.rest.sourcing import Cancellation, Invitation, NewAward, NewBid, NewLot
from exchange.gateway.rest.standstill import ComplaintAnswer, NewComplaint
from exchange.gateway.rest.suppliers import BulkInvitation
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.rest.templates import NewClone
from exchange.gateway.rest.terms import AcceptedTerms, NewAddendum, NewEventTerms
from exchange.gateway.routes import AnyRoute, NoBody
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_money import Sale
from tests.gateway.rest.test_sourcing import Market, published

SCOPES = [frozenset(scopes) for count in range(1, len(Scope) + 1) for scopes in combinations(Scope, count)]
SUPPLIERS_ONLY = {
    SubmitBid,
    BuyNow,
    PlaceBond,
    PaySale,
    FileComplaint,
    RevokeBid,
    AcceptLevel,
    SetProxy,
    WithdrawProxy,
    AcceptTerms,
    AnswerInvitation,
    Inquire,
    AnswerQuestionnaire,
    SubmitEnvelope,
    WithdrawEnvelope,
    SubmitDeclaration,
    ChooseCurrency,
}
"""What the owner of a reverse lot, who buys, doesn't do."""
SELLERS_ONLY = {"GET /v1/lots/{lot_id}/seller-score", "GET /v1/lots/{lot_id}/sale"}
"""Of a lot whose owner sells."""
KEYED = [route for route in ROUTES if policy.need_of(route.need) != policy.Need(None)]
ASKED_WITH = {"/v1/statements": "/v1/statements?month=2026-01"}
"""Lists that answer only a question that says more."""
EVENTS_ROLES = {
    *((command, Role.SELLER) for command in (PublishEvent, RemoveLot, SetTerms, SetQuestionnaire)),
    (WithdrawProxy, Role.BUYER),
    (WithdrawEnvelope, Role.BUYER),
}
"""Who could draw up, or bid in, an event from stock alone: where there is no event, the role of all others is asked."""
LACKS = {"SCOPE_MISSING", "ROLE_MISSING", "NOT_PERMITTED"}


async def asked(
    house: House, route: AnyRoute, holder: Holder | None, body: object = None, **ids: str
) -> Answer:
    """The route with ids that name nothing, unless they are given."""
    known = {"line": "1"} | ids
    path = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "nothing"), route.path)
    return await house.call(holder, route.method, path, body)


@pytest.mark.parametrize("route", KEYED, ids=lambda route: route.name)
async def test_a_route_lets_pass_whom_its_line_names_and_nobody_else(house: House, route: AnyRoute) -> None:
    need = policy.need_of(route.need)
    assert need is not None
    assert (await asked(house, route, None)).status == 401
    for role in Role:
        member = await house.member(role)
        for scopes in SCOPES:
            holder = await house.key_for(member.member_id, scopes)
            answer = await asked(house, route, holder)

            may = need.scope in scopes and (not need.roles or role in need.roles)
            told = answer.body.get("reason")
            if may and told == "ROLE_MISSING":
                assert (route.command, role) in EVENTS_ROLES, (role, scopes, answer)
            else:
                assert (told in LACKS) != may, (role, scopes, answer)


class Belongings:
    """Something behind every id that a path can hold, and whose it is."""

    def __init__(self, sale: Sale, market: Market, buyer: Holder, order_id: str, key_id: str) -> None:
        self.sale = sale
        self.ids = {
            "member_id": buyer.member_id,
            "key_id": key_id,
            "order_id": order_id,
            "contract_id": sale.bought,
            "event_id": market.event,
            "lot_id": market.lot,
        }
        self.owners = {
            "member_id": buyer,
            "key_id": buyer,
            "order_id": buyer,
            "contract_id": sale.buyer,
            "event_id": market.buyer,
            "lot_id": market.buyer,
        }

    def secrets(self) -> set[str]:
        """What nobody but the owners may read."""
        return {*self.ids.values(), *(owner.member_id for owner in self.owners.values())}


async def belongings(house: House) -> Belongings:
    sale, market, buyer = await Sale(house).make(), await published(house), await house.buyer()
    resting = PlaceOrder(instrument_id=sale.instrument, side=Side.BUY, price=1_000, quantity=10)
    order = await house.do(buyer.member_id, resting)
    await house.archive()
    key_id = house.keys.of_member(buyer.member_id)[0].key_id
    return Belongings(sale, market, buyer, order.id, key_id)


def body_for(route: AnyRoute, belongings: Belongings) -> object:
    """A body that nothing is wrong with but whose it is."""
    bodies: dict[type[Struct], object] = {
        NoBody: None,
        OrderChange: {"quantity": 5},
        NewLot: {"title": "t", "quantity": 1, "ceiling_price": "9.00", "min_step": "1.00"},
        Invitation: {"member_id": belongings.sale.seller.member_id},
        Cancellation: {"reason": "none"},
        NewBid: {"price": "1.00"},
        PricedBid: {"price": "1.00"},
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
        NewDeclaration: {},
        NewTransformation: {},
        Decision: {"take": True},
        Acceptance: {},
        Grounds: {"reason": "none"},
        Limit: {"price": "5"},
        NewSurrogateBid: {"member_id": "m", "price": "5", "reason": "none"},
        Revocation: {"number": 1, "reason": "none"},
        NewClose: {"close_at": "2026-01-01T20:00:00Z"},
        NewEventTerms: {"text": "t"},
        NewAddendum: {"text": "t"},
        AcceptedTerms: {"version": 1},
        NewQuestionnaire: {},
        NewAnswers: {},
        NewDecision: {"approve": True},
        NewClone: {"open_at": "2026-01-02T00:00:00Z"},
        EventChange: {"title": "t"},
        LotChange: {"quantity": 7},
        InquiryText: {"text": "t"},
        InvitationReply: {"accept": True},
        BulkInvitation: {"member_ids": [belongings.sale.seller.member_id]},
        NewFeedback: {"as_described": 5, "delivery": 5, "communication": 5},
    }
    return bodies[route.body]


def done(house: House) -> int:
    """Commands that took effect."""
    metrics = house.engine.metrics
    return metrics.commands - sum(metrics.refused.values())


def own_id_of(route: AnyRoute) -> str:
    """The id in the path that belongs to a member; empty where none does, or where only the operator asks."""
    need = policy.need_of(route.need)
    found = re.findall(r"\{(\w+)\}", route.path)
    private = found and found[0] in {"member_id", "key_id", "order_id", "contract_id", "event_id", "lot_id"}
    return found[0] if private and need is not None and need.roles != {Role.OPERATOR} else ""


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if own_id_of(route)], ids=lambda route: route.name
)
async def test_what_is_anothers_is_out_of_reach_and_its_owner_is_not(house: House, route: AnyRoute) -> None:
    owned = await belongings(house)
    stranger = await house.member(*(role for role in Role if role is not Role.OPERATOR))
    before = done(house), len(house.keys._live)

    refused = await asked(house, route, stranger, body_for(route, owned), **owned.ids)
    unknown = await asked(house, route, stranger, body_for(route, owned))

    assert refused.status in {403, 404}
    assert (done(house), len(house.keys._live)) == before
    assert not any(secret.encode() in refused.raw for secret in owned.secrets())
    assert refused.raw == unknown.raw, "it must not tell what exists"
    owner = owned.owners[own_id_of(route)]
    if route.command not in SUPPLIERS_ONLY and route.name not in SELLERS_ONLY:
        answer = await asked(house, route, owner, body_for(route, owned), **owned.ids)
        assert answer.status not in {403, 404}, answer


@pytest.mark.parametrize(
    "route",
    [route for route in KEYED if route.method == "GET" and "{" not in route.path],
    ids=lambda r: r.name,
)
async def test_no_list_holds_what_is_anothers(house: House, route: AnyRoute) -> None:
    owned = await belongings(house)
    stranger = await house.member(*(role for role in Role if role is not Role.OPERATOR))
    path = ASKED_WITH.get(route.path, f"{route.path}?")
    need = policy.need_of(route.need)

    plain = await house.call(stranger, "GET", path)
    others = await house.call(stranger, "GET", f"{path}&member_id={owned.ids['member_id']}")

    for_operators = need is not None and need.roles == {Role.OPERATOR}
    assert plain.status == (403 if for_operators else 200)
    assert others.status in {403, 422}
    assert not any(secret.encode() in plain.raw + others.raw for secret in owned.secrets())


async def test_a_suspended_operator_sees_no_more_than_a_member(house: House) -> None:
    owned, operator = await belongings(house), await house.member(Role.OPERATOR)
    path = f"/v1/accounts?member_id={owned.ids['member_id']}"
    assert (await house.call(operator, "GET", path)).status == 200

    other = await house.member(Role.OPERATOR)
    standing = f"/v1/members/{operator.member_id}/standing"
    assert (await house.call(other, "PUT", standing, {"standing": "suspended"})).status == 200

    assert (await house.call(operator, "GET", path)).status == 403
    assert [each["member_id"] for each in (await house.get(operator, "/v1/members"))["members"]] == [
        operator.member_id
    ]
