"""One click on a case that leaked: it goes on at the care handle; and the way back."""

from __future__ import annotations

from hearout.cases.models import Case
from hearout.desk.case.answering import case_verb
from hearout.desk.request import DeskRequest
from hearout.replies.moving import move, move_back


@case_verb
def moving(request: DeskRequest, case: Case) -> str:
    if request.POST.get("do") == "undo":
        move_back(case, by=request.user)
        return "The move is taken back."
    moved = move(case, by=request.user)
    return f"From now on {moved.care} answers. Your answer begins with where that is."
