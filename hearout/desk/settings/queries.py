"""Listening queries: written with errors that point, told in words, tried before they are saved, kept in versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, refused, saved, told
from hearout.desk.settings.connecting import tell_networks
from hearout.desk.settings.place import Place, settings_page
from hearout.desk.settings.wordings import WordingField, compared, names_in
from hearout.listening.models import Mention
from hearout.listening.precision import Standing, TermStanding, by_query, by_term
from hearout.listening.queries import Query, QueryVersion
from hearout.listening.query.errors import QueryError
from hearout.listening.query.in_words import in_words
from hearout.listening.query.scanner import LANGUAGE, NETWORK
from hearout.listening.query.toml import QueriesError
from hearout.listening.recall import recall, recall_of_query
from hearout.listening.relevance import NOT_US
from hearout.listening.revising import (
    RevisingError,
    Wording,
    current,
    current_versions,
    go_back,
    revise,
    switch,
    take_in,
    toml_of,
    write,
)
from hearout.listening.trying import tried
from hearout.people.models import Brand, User

WEEK = timedelta(days=7)
MOST_SHOWN = 200
LARGEST_FILE = 2 << 20
SURE_FROM = 20
"""Judged posts from which a precision is more than an impression."""
FORGIVES = "Long are words from eight letters on; words of three letters or fewer are never forgiven one."
TOLERANCES = (
    (2, "One letter, in long words two"),
    (1, "One letter at most"),
    (0, "None: as it is written"),
)


@dataclass(frozen=True)
class Line:
    """A query as the list tells it. `words`: what it asks, in plain English."""

    query: Query
    version: QueryVersion
    words: str
    standing: Standing


class QueryForm(forms.Form):
    """One query. `pointed`: the line of the expression that cannot be read, with a caret under the place."""

    name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    expression = WordingField()
    languages = forms.CharField(
        required=False, max_length=200, help_text="Codes with commas between, such as en, de. Empty: all."
    )
    networks = forms.CharField(
        required=False, max_length=200, help_text="Names with commas between, such as bluesky. Empty: all."
    )
    tolerance = forms.TypedChoiceField(
        choices=TOLERANCES, coerce=int, initial=2, label="Misspellings", help_text=FORGIVES
    )
    note = forms.CharField(
        required=False, max_length=200, label="Why", help_text="For those who read the versions later."
    )

    def __init__(self, data: Any = None, *, brand: Brand, query: Query | None = None) -> None:
        self.brand, self.query = brand, query
        super().__init__(data, initial=_initial(query) if query else None)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = Query.objects.filter(brand=self.brand, name__iexact=name)
        if self.query:
            others = others.exclude(pk=self.query.pk)
        if others.exists():
            raise forms.ValidationError(f"There is a query “{name}” already.")
        return name

    def clean_languages(self) -> tuple[str, ...]:
        return names_in(self.cleaned_data["languages"].replace("_", "-"), LANGUAGE, "the code of a language")

    def clean_networks(self) -> tuple[str, ...]:
        return names_in(self.cleaned_data["networks"], NETWORK, "the name of a network")

    @property
    def wording(self) -> Wording:
        told = self.cleaned_data
        return Wording(told["expression"], told["languages"], told["networks"], told["tolerance"])

    @property
    def pointed(self) -> str:
        field = self.fields["expression"]
        if self.is_bound and self.errors:
            return field.pointed if isinstance(field, WordingField) else ""
        return ""

    @property
    def words(self) -> str:
        """What it asks, once it can be read."""
        told = self.is_bound and not self.wording_errors
        return told_in_words(self.wording) if told else ""

    @property
    def wording_errors(self) -> str:
        """What else keeps it from being told in words, the name apart."""
        wrong = {name: errors for name, errors in self.errors.items() if name != "name"}
        return " ".join(str(error) for errors in wrong.values() for error in errors)

    def save(self, *, by: User) -> Query:
        name, why = self.cleaned_data["name"], self.cleaned_data["note"]
        if self.query:
            return revise(self.query, self.wording, by=by, why=why, name=name)
        self.query = write(self.brand, name, self.wording, by=by, why=why)
        return self.query


def _initial(query: Query) -> dict[str, Any]:
    wording = Wording.of(current(query))
    return {
        "name": query.name,
        "expression": wording.expression,
        "languages": ", ".join(wording.languages),
        "networks": ", ".join(wording.networks),
        "tolerance": wording.tolerance,
    }


def told_in_words(wording: Wording) -> str:
    """A wording in plain English; why not, where it can no longer be read."""
    try:
        return in_words(wording.asked("").condition)
    except QueryError as error:
        return f"Cannot be read: {error}"


@settings_page("queries")
def queries(request: DeskRequest, place: Place) -> HttpResponse:
    since, words = timezone.now() - WEEK, request.GET.get("q", "").replace("\0", "").strip()[:80]
    standings, pairs = by_query(place.brand, since), current_versions(place.brand)
    named = [pair for pair in pairs if words.lower() in f"{pair[0].name} {pair[1].expression}".lower()]
    shown = sorted(named, key=lambda pair: (not pair[0].listens, -standings[pair[0].pk].recently))[
        :MOST_SHOWN
    ]
    lines = [Line(one, v, told_in_words(Wording.of(v)), standings[one.pk]) for one, v in shown]
    context = {
        "lines": lines,
        "all": len(pairs),
        "named": len(named),
        "words": words,
        "terms": by_term(place.brand, since),
        "recall": recall(place.brand, since),
        "aside": Mention.objects.filter(brand=place.brand, chance__lt=NOT_US).count(),
        "sure_from": SURE_FROM,
    }
    return page(request, place, "queries", context)


@settings_page("queries")
def query(request: DeskRequest, place: Place, pk: int | None = None) -> HttpResponse:
    """One query: changed and saved, told in words while it is typed, or tried on last week's posts."""
    one = find(Query.objects.filter(brand=place.brand), pk) if pk is not None else None
    form = QueryForm(request.POST or None, brand=place.brand, query=one)
    does = request.POST.get("do", "")
    if does == "read":
        return render(request, "settings/query_said.html", {"form": form})
    if does == "save":
        try:
            answer = saved(request, form, "Saved. It listens from now on.", place.url("settings-queries"))
        except RevisingError as error:
            form.add_error(None, str(error))
            answer = None
        if answer:
            _tell(request, place)
            return answer
    preview = None
    if does == "try" and form.is_valid():
        before = Wording.of(current(one)) if one and one.listens else None
        preview = tried(
            place.brand, form.wording, timezone.now(), before=before, query_id=one.pk if one else 0
        )
    context = {"form": form, "query": one, "tried": preview, **(_known(place.brand, one) if one else {})}
    answer = page(request, place, "query", context)
    answer.status_code = 422 if does == "save" or form.errors else 200
    return answer


def _known(brand: Brand, one: Query) -> dict[str, Any]:
    """What a query that is saved can show: versions with what each changed, precision, what it misses."""
    since = timezone.now() - WEEK
    terms: list[TermStanding] = by_term(brand, since, one.pk)
    versions = list(one.versions.select_related("by"))
    return {
        "said": told_in_words(Wording.of(next(v for v in versions if v.number == one.version))),
        "standing": by_query(brand, since)[one.pk],
        "terms": terms,
        "recall": recall_of_query(brand, one.pk, since),
        "versions": [
            (version, compared(older, version))
            for version, older in zip(versions, [*versions[1:], None], strict=True)
        ],
        "sure_from": SURE_FROM,
    }


@require_POST
@settings_page("queries")
def going_back(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Query.objects.filter(brand=place.brand), pk)
    number, here = request.POST.get("version", ""), place.url("settings-query", one.pk)
    try:
        go_back(one, int(number) if number.isdecimal() and len(number) < 9 else 0, by=place.user)
    except (RevisingError, QueryError) as error:
        return refused(request, str(error), here)
    _tell(request, place)
    return told(request, f"“{one}” asks again what it asked in version {number}.", here)


@require_POST
@settings_page("queries")
def query_switch(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = switch(
        find(Query.objects.filter(brand=place.brand), pk), on=request.POST.get("on") == "yes", by=place.user
    )
    _tell(request, place)
    state = "listens" if one.listens else "is switched off; its versions and precision are kept"
    return told(request, f"“{one}” {state}.", place.url("settings-queries"))


@settings_page("queries")
def query_file(request: DeskRequest, place: Place) -> HttpResponse:
    """All queries as TOML, or (POST) those of a file taken in: all of it, or nothing."""
    if request.method != "POST":
        answer = HttpResponse(toml_of(place.brand), content_type="application/toml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{place.brand.slug}-queries.toml"'
        return answer
    here = place.url("settings-queries")
    sent = request.FILES.get("file")
    if sent is None or sent.size is None or sent.size > LARGEST_FILE:
        return refused(request, "Choose a TOML file of at most 2 MB.", here)
    try:
        with transaction.atomic():
            brought = take_in(place.brand, sent.read().decode("utf-8-sig"), by=place.user)
    except UnicodeDecodeError:
        return refused(request, "The file is no text in UTF-8.", here)
    except IntegrityError:
        return refused(request, "Somebody has just saved a query of the same name. Try again.", here)
    except (QueriesError, RevisingError) as error:
        return refused(request, f"Nothing was changed. {error}", here)
    _tell(request, place)
    return told(request, f"{brought.new} new, {brought.changed} changed, {brought.same} as they were.", here)


def _tell(request: DeskRequest, place: Place) -> None:
    """Networks that send only what they are asked for are asked for the words of the queries too."""
    for fault in tell_networks(place.brand.pk):
        messages.warning(request, f"Its network could not be told. {fault}")
