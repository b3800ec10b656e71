"""The page `/docs`: REST, WebSocket and refusals for people, made from the same documents that programs read."""
