"""Promises: the contracts that trades leave behind."""
