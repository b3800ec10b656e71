"""Timed lots under load: who stands there, who closes them, who is told."""
