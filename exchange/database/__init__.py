"""The database room: a PostgreSQL server of our own, and the migrations of whichever server is used.

It knows no command and no journal row. Known limits: no backup, no failover, no tuning beyond what a
caller hands in as settings.
"""


class DatabaseError(Exception):
    """The database can't be used; the message is for the operator and ends with what to do about it."""
