"""What the gateway's tests may ask for."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from tests.conftest import Databases
from tests.gateway.house import House, a_house

TABLES = (
    "webhook_messages", "webhook_endpoints", "mails", "event_calendars",
    "supplier_profiles",
    "member_profiles", "api_keys", "follower_position", "orders", "trades", "bids",
    "bid_notes", "event_steps", "transfers", "contract_lines", "invoices", "invoice_lines",
    "bank_details", "payouts", "payout_batches", "outbound_positions", "bank_entries",
    "instruments", "instrument_texts",
    "feedback_texts", "deal_texts", "hub", "deal_steps", "inspections", "deal_text_uses", "resolved_claims",
)  # fmt: skip


@pytest.fixture(scope="session")
def house_database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """One database for all houses, since a fresh one costs more than most tests."""
    name = databases.create(migrated_template)
    yield databases.server.url_of(name)
    databases.execute(f"drop database {name} with (force)")


@pytest.fixture
async def house(house_database_url: str) -> AsyncIterator[House]:
    """A gateway with an engine of its own, and tables that are empty."""
    connection = await asyncpg.connect(house_database_url)
    await connection.execute(";".join(f"delete from {table}" for table in TABLES))
    await connection.close()
    async with a_house(house_database_url) as house:
        yield house
