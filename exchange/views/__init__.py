"""Read models: what the exchange looks like after the last commit, for whoever reads or follows it."""
