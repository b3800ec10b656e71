"""The lot machine: which bids a timed lot takes, and whether its rules fit together."""
