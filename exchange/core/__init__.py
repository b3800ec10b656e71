"""The exchange itself: a pure, deterministic function from sequenced commands to events."""
