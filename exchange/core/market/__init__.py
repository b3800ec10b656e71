"""Prices: what the market makes of orders and bids. No money, stock or names live here."""
