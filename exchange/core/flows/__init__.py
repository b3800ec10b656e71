"""Business processes: the only files that know several rooms.

A flow asks every room whether it would refuse, in the documented order, and then changes them in the
same turn. What it returns is a `Reject` or a `Done`; what happened stands in the list of events.
"""
