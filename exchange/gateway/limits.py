"""Every bound of the WebSocket's side of the gateway, each with its unit and its reason."""

from typing import Final

FRAME_BYTES_MAX: Final = 64 * 1024
"""A larger text frame is answered with an error: no command needs a hundredth of it."""
MESSAGE_BYTES_MAX: Final = 256 * 1024
"""A larger message is not even read; the connection is closed with 1009, as the protocol asks."""

NOTICED_INSTRUMENTS_MAX: Final = 10_000
"""Instruments in a snapshot of notices: a few megabytes; REST lists and searches all."""
HELLO_US_MAX: Final = 10_000_000
"""From the connection to its hello: a connection that nobody speaks for is closed."""
SILENCE_S: Final = 7.5
"""After so long to twice so long without a word a connection is pinged, and cut if that gets no answer in so long."""
PULSE_S: Final = 0.1
"""Between two looks at who is silent: with ten thousand connections, each look pings at most some hundred."""
CLOSING_S_MAX: Final = 5.0
"""For the other end to answer a close; then the connection is cut."""
HEARTBEAT_US: Final = 1_000_000
"""Between two heartbeats on the book channels."""

IN_FLIGHT_MAX: Final = 2_048
"""Commands of one member that wait for their commit, over all its connections: half of what a session remembers, and
an eighth of what the engine lets wait, so that nobody keeps others from bidding."""
SUBSCRIPTIONS_MAX: Final = 256
"""Channels of one connection: a large screen; programs that want more open another one."""
CONNECTIONS_PER_MEMBER_MAX: Final = 64
"""Connections of one member, over all its keys."""
CONNECTIONS_PER_ADDRESS_MAX: Final = 256
"""Connections from one address, which may stand for a whole company."""

BUFFERED_SOFT_BYTES: Final = 128 * 1024
"""What may wait in our own memory for a reader, the system's buffers being full already, before its feeds
are thinned out: more than the acks of a whole batch, which some event loops only write when the turn ends."""
BUFFERED_HARD_BYTES: Final = 4 * 1024 * 1024
"""More than the largest book's snapshot; whoever is further behind has stopped reading."""
BEHIND_US_MAX: Final = 20_000_000
"""A reader that takes longer to catch up had better reconnect and recover."""

RING_FRAMES_MAX: Final = 1_024
"""Frames of a stream that are kept for those who come back: some seconds of a busy book."""
RING_BYTES_MAX: Final = 256 * 1024
"""The same in bytes, so that no stream of large frames takes more memory than it is worth."""
IDLE_US_MAX: Final = 60_000_000
"""How long a stream that nobody follows is kept up for those who come back."""
