"""Cases: one contact from opening to close, with the thread of posts it holds."""

from hearout.cases.models.case import Case
from hearout.cases.models.closure import Closure
from hearout.cases.models.note import Note
from hearout.cases.models.snooze import Snooze
from hearout.cases.models.tag import Tag
from hearout.cases.models.thread import CasePost

__all__ = ["Case", "CasePost", "Closure", "Note", "Snooze", "Tag"]
