"""What a server, a network or a full disk can do to whoever speaks to PostgreSQL; anything else is a bug."""

from typing import Final

import asyncpg

WORLD: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg raises at times when the server dies
    OSError,
    TimeoutError,
)
