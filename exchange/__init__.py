"""The exchange server: a pure, deterministic core and the thin asynchronous shell around it."""

__version__ = "0.1.0"
