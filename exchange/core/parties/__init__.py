"""Who takes part: members, their roles, their owners and their standing."""
