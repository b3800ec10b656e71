"""Commands that talk to a running exchange over REST, as its operator or any member would."""


class ConsoleError(Exception):
    """The exchange cannot be reached, or refused; the message ends with what to do."""


class CallRefused(ConsoleError):
    """The exchange understood the call and refused what it asks for."""
