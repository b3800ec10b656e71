"""The table of all routes: what is not here does not exist over HTTP, but for the WebSocket itself."""

from typing import Final

from exchange.gateway import (
    rest_about,
    rest_bank,
    rest_catalogue,
    rest_claims,
    rest_deals,
    rest_delivery,
    rest_delivery_lists,
    rest_docs,
    rest_feedback,
    rest_instruments,
    rest_invoices,
    rest_loads,
    rest_lots,
    rest_money,
    rest_orders,
    rest_parties,
    rest_phases,
    rest_sourcing,
    rest_statements,
    rest_treasury,
)
from exchange.gateway.routes import AnyRoute

ROUTES: Final[tuple[AnyRoute, ...]] = (
    *rest_parties.ROUTES,
    *rest_catalogue.ROUTES,
    *rest_loads.ROUTES,
    *rest_instruments.ROUTES,
    *rest_orders.ROUTES,
    *rest_phases.ROUTES,
    *rest_sourcing.ROUTES,
    *rest_lots.ROUTES,
    *rest_deals.ROUTES,
    *rest_delivery.ROUTES,
    *rest_delivery_lists.ROUTES,
    *rest_claims.ROUTES,
    *rest_money.ROUTES,
    *rest_statements.ROUTES,
    *rest_invoices.ROUTES,
    *rest_treasury.ROUTES,
    *rest_bank.ROUTES,
    *rest_about.ROUTES,
    *rest_feedback.ROUTES,
    *rest_docs.ROUTES,
)
