"""What is traded: instruments."""
