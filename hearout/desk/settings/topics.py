"""Topics: what posts are about. The built-in ones, which a brand may widen or switch off, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, saved, told, undoable
from hearout.desk.settings.noting import NotedForm, note_change, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.people.doors import NotFoundHereError
from hearout.people.models import Brand
from hearout.triage.topics import LONGEST_WORD, MOST_TOPICS, MOST_WORDS, Topic, standing, tried, words_in
from hearout.understanding.topics import NAMES, can_be_found

TOO_OFTEN = 0.4
"""A topic that so many posts have tells nothing apart."""


@dataclass(frozen=True)
class Line:
    """A topic as the list tells it. `topic` is the brand's row, None for a built-in one left as it is."""

    name: str
    topic: Topic | None
    active: bool
    recently: int

    @property
    def words(self) -> list[str]:
        return self.topic.listed if self.topic else []


class TopicForm(NotedForm[Topic]):
    """`name` is fixed where it is that of a built-in topic, which then needs no words of its own."""

    class Meta:
        model = Topic
        fields: ClassVar = ["name", "words", "active"]
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "words": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        }
        labels: ClassVar = {"words": "Words and phrases", "active": "In use"}
        help_texts: ClassVar = {
            "words": "One a line, or with commas between, in any language. Capitals do not matter, and posts "
            "without the accents are found too. Write each form down: lounge, lounges.",
        }

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if self.instance.built_in:
            self.fields["name"].disabled = True

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).replace(",", " ").split())
        mine = Topic.objects.filter(brand=self.brand).exclude(pk=self.instance.pk)
        if not self.instance.built_in and name.lower() in {one.lower() for one in NAMES}:
            raise forms.ValidationError(f"“{name}” is built in: open it in the list to add words to it.")
        if mine.filter(name__iexact=name).exists():
            raise forms.ValidationError(f"There is a topic “{name}” already.")
        if self.instance._state.adding and mine.exclude(name__in=NAMES).count() >= MOST_TOPICS:
            raise forms.ValidationError(f"At most {MOST_TOPICS} topics: nobody looks through more.")
        return name

    def clean_words(self) -> str:
        words = words_in(str(self.cleaned_data["words"]))
        if not words and not self.instance.built_in:
            raise forms.ValidationError("A topic is found by words: give it one at least.")
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"At most {MOST_WORDS} words and phrases.")
        for word in words:
            if len(word) > LONGEST_WORD:
                raise forms.ValidationError(f"“{word[:30]}…” is too long: {LONGEST_WORD} letters at most.")
            if not can_be_found(word):
                raise forms.ValidationError(f"“{word}” has nothing to look for: give it letters or digits.")
        return "\n".join(words)


@settings_page("topics")
def topics(request: DeskRequest, place: Place) -> HttpResponse:
    rows = {one.name: one for one in Topic.objects.filter(brand=place.brand)}
    counts = standing(place.brand, timezone.now())

    def line(name: str) -> Line:
        row = rows.get(name)
        return Line(name, row, row is None or row.active, counts.get(name, 0))

    own = [line(name) for name in rows if name not in NAMES]
    return page(request, place, "topics", {"own": own, "built_in": [line(name) for name in NAMES]})


@settings_page("topics")
def topic(request: DeskRequest, place: Place, pk: int | None = None) -> HttpResponse:
    """One topic: changed and saved, or tried on last week's posts as it stands in the form."""
    one = find(Topic.objects.filter(brand=place.brand), pk) if pk is not None else _new(request, place.brand)
    known = str(one) if one.pk or one.built_in else ""
    form = TopicForm(request.POST or None, brand=place.brand, instance=one)
    does = request.POST.get("do", "")
    if does == "save" and (
        answer := saved(request, form, f"“{one}” is saved: new posts have it.", place.url("settings-topics"))
    ):
        return answer
    preview = tried(one) if does == "try" and form.is_valid() else None
    often = preview is not None and preview.looked_at >= 20 and preview.share > TOO_OFTEN
    context = {"form": form, "topic": one, "known": known, "tried": preview, "often": often}
    answer = page(request, place, "topic", context)
    answer.status_code = 422 if does == "save" or form.errors else 200
    return answer


def _new(request: DeskRequest, brand: Brand) -> Topic:
    """A topic not yet saved; with the name of a built-in one in the address, that one's row."""
    name = request.GET.get("name", "")
    if not name:
        return Topic(brand=brand)
    if name not in NAMES:
        raise NotFoundHereError("no such topic")
    return Topic.objects.filter(brand=brand, name=name).first() or Topic(brand=brand, name=name)


@require_POST
@settings_page("topics")
def switch(request: DeskRequest, place: Place) -> HttpResponse:
    """Switch a topic on or off, by its name: a built-in one may have no row yet."""
    name = request.POST.get("name", "").replace("\0", "")
    with transaction.atomic():
        one = Topic.objects.select_for_update(no_key=True).filter(brand=place.brand, name=name).first()
        if one is None and name not in NAMES:
            raise NotFoundHereError("no such topic")
        one = one or Topic(brand=place.brand, name=name)
        one.active = request.POST.get("active") == "yes"
        one.save()
        did = "switched on" if one.active else "switched off"
        note_change(one, brand_id=place.brand.pk, by=place.user, did=did)
    state = "in use" if one.active else "switched off"
    return told(request, f"“{one}” is {state}.", place.url("settings-topics"))


@require_POST
@settings_page("topics")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    """Take an own topic away, or from a built-in one what the brand added."""
    one = find(Topic.objects.filter(brand=place.brand), pk)
    said = "is as it came" if one.built_in else "is removed"
    again = place.url("settings-new-topic")
    fields = {"do": "save", "name": one.name, "words": one.words, "active": "on" if one.active else ""}
    if not one.built_in:
        undoable(request, f"The topic “{one}” is removed.", again, fields)
    remove(one, brand_id=place.brand.pk, by=place.user)
    return told(request, f"“{one}” {said}.", place.url("settings-topics"))
