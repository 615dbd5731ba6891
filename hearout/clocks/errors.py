"""What a person at the desk is told when a promise cannot be changed so."""


class StandardError(Exception):
    """The message is a sentence that the person can act on."""
