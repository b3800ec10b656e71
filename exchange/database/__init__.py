"""The database room: a PostgreSQL server of our own, and the migrations of whichever server is used."""
