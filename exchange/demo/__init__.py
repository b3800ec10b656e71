"""A live market to look at: an exchange of its own, simulated members, real part numbers and prices.

Everything goes through the public interface: REST for members and keys, WebSocket with the Python client
for the rest. The company names are invented on the spot and stand for nobody.
"""
