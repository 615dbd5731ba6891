from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from hearout.cases.doors import case_for
from hearout.desk.request import DeskRequest, at_the_desk
from hearout.people.doors import EVERYBODY


@at_the_desk
def show(request: DeskRequest, case_id: int) -> HttpResponse:
    return render(request, "case/page.html", {"case": case_for(request.user, case_id, EVERYBODY)})
