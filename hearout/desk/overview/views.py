from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from hearout.desk.request import DeskRequest, at_the_desk


@at_the_desk
def overview(request: DeskRequest) -> HttpResponse:
    return render(request, "overview/page.html")
