"""Bulk loads: spreadsheets to commands."""
