"""Python client of the exchange: it speaks the public wire and imports nothing of the server."""
