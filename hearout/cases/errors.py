"""What a person at the desk is told when a verb cannot be done."""


class CaseError(Exception):
    """The message is a sentence that the person can act on."""
