"""The table of all routes: what is not here does not exist over HTTP, but for the WebSocket itself."""

from typing import Final

from exchange.gateway.rest import about as rest_about
from exchange.gateway.rest import adverts as rest_adverts
from exchange.gateway.rest import awards as rest_awards
from exchange.gateway.rest import bank as rest_bank
from exchange.gateway.rest import bids as rest_bids
from exchange.gateway.rest import calendars as rest_calendars
from exchange.gateway.rest import catalogue as rest_catalogue
from exchange.gateway.rest import claims as rest_claims
from exchange.gateway.rest import corrections as rest_corrections
from exchange.gateway.rest import deals as rest_deals
from exchange.gateway.rest import declarations as rest_declarations
from exchange.gateway.rest import delivery as rest_delivery
from exchange.gateway.rest import delivery_lists as rest_delivery_lists
from exchange.gateway.rest import docs as rest_docs
from exchange.gateway.rest import drafting as rest_drafting
from exchange.gateway.rest import event_report as rest_event_report
from exchange.gateway.rest import feedback as rest_feedback
from exchange.gateway.rest import hub_address as rest_hub_address
from exchange.gateway.rest import inquiries as rest_inquiries
from exchange.gateway.rest import instruments as rest_instruments
from exchange.gateway.rest import invitations as rest_invitations
from exchange.gateway.rest import invoices as rest_invoices
from exchange.gateway.rest import loads as rest_loads
from exchange.gateway.rest import lot_clocks as rest_lot_clocks
from exchange.gateway.rest import lot_loads as rest_lot_loads
from exchange.gateway.rest import lot_sales as rest_lot_sales
from exchange.gateway.rest import lots as rest_lots
from exchange.gateway.rest import money as rest_money
from exchange.gateway.rest import monitor as rest_monitor
from exchange.gateway.rest import notes as rest_notes
from exchange.gateway.rest import orders as rest_orders
from exchange.gateway.rest import parties as rest_parties
from exchange.gateway.rest import phases as rest_phases
from exchange.gateway.rest import qualification as rest_qualification
from exchange.gateway.rest import receipts as rest_receipts
from exchange.gateway.rest import releases as rest_releases
from exchange.gateway.rest import sealed as rest_sealed
from exchange.gateway.rest import sourcing as rest_sourcing
from exchange.gateway.rest import standstill as rest_standstill
from exchange.gateway.rest import statements as rest_statements
from exchange.gateway.rest import suppliers as rest_suppliers
from exchange.gateway.rest import templates as rest_templates
from exchange.gateway.rest import terms as rest_terms
from exchange.gateway.rest import treasury as rest_treasury
from exchange.gateway.rest import webhooks as rest_webhooks
from exchange.gateway.routes import AnyRoute

ROUTES: Final[tuple[AnyRoute, ...]] = (
    *rest_parties.ROUTES,
    *rest_catalogue.ROUTES,
    *rest_loads.ROUTES,
    *rest_lot_loads.ROUTES,
    *rest_adverts.ROUTES,
    *rest_instruments.ROUTES,
    *rest_orders.ROUTES,
    *rest_phases.ROUTES,
    *rest_corrections.ROUTES,
    *rest_sourcing.ROUTES,
    *rest_lots.ROUTES,
    *rest_drafting.ROUTES,
    *rest_templates.ROUTES,
    *rest_monitor.ROUTES,
    *rest_event_report.ROUTES,
    *rest_lot_clocks.ROUTES,
    *rest_awards.ROUTES,
    *rest_standstill.ROUTES,
    *rest_lot_sales.ROUTES,
    *rest_terms.ROUTES,
    *rest_qualification.ROUTES,
    *rest_sealed.ROUTES,
    *rest_bids.ROUTES,
    *rest_receipts.ROUTES,
    *rest_suppliers.ROUTES,
    *rest_invitations.ROUTES,
    *rest_inquiries.ROUTES,
    *rest_calendars.ROUTES,
    *rest_releases.ROUTES,
    *rest_declarations.ROUTES,
    *rest_deals.ROUTES,
    *rest_notes.ROUTES,
    *rest_delivery.ROUTES,
    *rest_hub_address.ROUTES,
    *rest_delivery_lists.ROUTES,
    *rest_claims.ROUTES,
    *rest_money.ROUTES,
    *rest_statements.ROUTES,
    *rest_invoices.ROUTES,
    *rest_treasury.ROUTES,
    *rest_bank.ROUTES,
    *rest_about.ROUTES,
    *rest_feedback.ROUTES,
    *rest_webhooks.ROUTES,
    *rest_docs.ROUTES,
)
