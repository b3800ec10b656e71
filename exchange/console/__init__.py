"""Commands that talk to a running exchange over REST, as its operator or any member would."""


class ConsoleError(Exception):
    """The exchange cannot be reached, or refused; the message ends with what to do."""


class CallRefused(ConsoleError):
    """The exchange understood the call and refused what it asks for, for a reason with this name; with what was missed."""

    def __init__(self, message: str, reason: str = "", bound: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.bound = bound


class WrongUsage(ValueError):
    """These arguments make no sense together; the message says which do."""
