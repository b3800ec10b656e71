"""The journal room: the durable order of things, and the only place that says what was acknowledged."""
