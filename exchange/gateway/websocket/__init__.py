"""The WebSocket: sessions, channels, and the way out."""
