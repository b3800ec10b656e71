"""A load generator in a process of its own: it must cost less than what it measures."""
