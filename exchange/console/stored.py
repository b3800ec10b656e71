"""The database of an exchange that is there already, running or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from exchange.app import database, has_cluster
from exchange.config import Settings
from exchange.console import ConsoleError
from exchange.database.migrate import refuse_unmigrated


@asynccontextmanager
async def stored(settings: Settings) -> AsyncIterator[str]:
    """Its DSN, for as long as the block lasts. ConsoleError where there is none, or one of another version."""
    if not settings.database_url and not has_cluster(settings):
        raise ConsoleError(
            f"There is no exchange in {settings.data}. Name its folder with --data, or its database with --database-url."
        )
    async with database(settings, share=True) as dsn:
        await refuse_unmigrated(dsn)
        yield dsn
