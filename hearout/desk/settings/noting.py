"""Changing a setting: one transaction, one entry in the journal that says what it was and what it is."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django import forms
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.people.models import Brand, User

LONGEST = 160
Thing = TypeVar("Thing", bound=Model)


def note_change(thing: Model, *, brand_id: int, by: User, did: str, **facts: Any) -> None:
    """Write `settings.changed` about a thing and ring for its brand. In the caller's transaction."""
    noun = str(thing._meta.model_name)
    facts = {"did": did, "name": said(thing), **facts}
    note("settings.changed", brand_id=brand_id, noun=noun, noun_id=int(thing.pk), by=by.pk, **facts)
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{brand_id}"])


@transaction.atomic
def remove(thing: Model, *, brand_id: int, by: User) -> None:
    """Delete a row that nothing else needs."""
    note_change(thing, brand_id=brand_id, by=by, did="removed")
    thing.delete()


class NotedForm(forms.ModelForm, Generic[Thing]):  # type: ignore[type-arg]
    """A form for one row of a brand. `save(by=...)` notes what changed; nothing changed, nothing noted."""

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        self.brand = brand
        super().__init__(*args, **kwargs)
        self.instance.brand = brand

    @transaction.atomic
    def save(self, commit: bool = True, *, by: User) -> Thing:  # type: ignore[override]
        adding = self.instance._state.adding
        changes = {} if adding else self.changes()
        saved: Thing = super().save()
        if adding or changes:
            self.after(saved, by=by)
            facts = {"changes": changes} if changes else {}
            did = "added" if adding else "changed"
            note_change(saved, brand_id=self.brand.pk, by=by, did=did, **facts)
        return saved

    def after(self, saved: Thing, *, by: User) -> None:
        """What else belongs to the change."""

    def changes(self) -> dict[str, list[str]]:
        """Each changed field with what it said before and what it says now."""
        return {
            name: [
                self._said(name, self.get_initial_for_field(self.fields[name], name)),
                self._said(name, self.cleaned_data.get(name)),
            ]
            for name in self.changed_data
        }

    def _said(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            return said([field.label_from_instance(one) for one in value or []])
        if isinstance(field, forms.ModelChoiceField):
            known = field.queryset.filter(pk=value).first() if isinstance(value, int) else value  # type: ignore[union-attr]
            return said(known)
        choices = getattr(field, "choices", None) or ()
        return said(next((label for key, label in choices if str(key) == str(value)), value))


def said(value: Any) -> str:
    """A value as the journal keeps it: short text."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, QuerySet | list | tuple | set):
        return (", ".join(sorted(said(one) for one in value)) or "nothing")[:LONGEST]
    return str(value)[:LONGEST]
