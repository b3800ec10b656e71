"""Recorded order flow, replayed through the public interface: does the book become what it really was?"""
