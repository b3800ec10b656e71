"""The outside comes in: REST and WebSocket on one port, keys, policy, feeds."""
