"""Benchmarks: each prints a ratio of one run and its limit; no test asserts a speed."""
