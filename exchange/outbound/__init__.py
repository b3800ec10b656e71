"""What the exchange asks of the outside, beside the engine: payments for now."""
