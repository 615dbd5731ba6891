"""Letting people in and out. Who answers for an account: an admin of every brand that it works for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.utils import timezone

from hearout.cases.models import Case
from hearout.desk.settings.noting import NotedForm, note_change
from hearout.people.doors import ADMINISTERS, WORKS_CASES, brands_for
from hearout.people.models import Brand, Membership, Role, Team, User


class PersonError(Exception):
    """What cannot be done, in a sentence for the admin."""


@dataclass(frozen=True)
class Invited:
    """`password` "": they had an account already."""

    member: Membership
    password: str


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(choices=Role.choices)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        self.fields["teams"].queryset = Team.objects.filter(brand=brand)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if Membership.objects.filter(brand=self.brand, user__email__iexact=email).exists():
            raise forms.ValidationError("They work here already: look in the list.")
        return email

    @transaction.atomic
    def save(self, *, by: User) -> Invited:
        """Make the account where there is none, and the membership."""
        data, password = self.cleaned_data, ""
        user = User.objects.filter(email__iexact=data["email"]).first()
        if user is None:
            password = new_password()
            user = User.objects.create_user(data["email"], password, name=data["name"])
        member = Membership.objects.create(brand=self.brand, user=user, role=data["role"])
        member.teams.set(data["teams"])
        note_change(member, brand_id=self.brand.pk, by=by, did="added")
        return Invited(member, password)


class MemberForm(NotedForm[Membership]):
    role = forms.ChoiceField(choices=Role.choices)
    away = forms.BooleanField(required=False, label="Away: no new cases are handed to them")

    class Meta:
        model = Membership
        fields: ClassVar = ["role", "teams", "capacity", "needs_approval"]
        widgets: ClassVar = {"teams": forms.CheckboxSelectMultiple}
        labels: ClassVar = {"needs_approval": "Somebody else approves their replies before they are sent"}
        help_texts: ClassVar = {"capacity": "Open cases that round robin may give them at once."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = Team.objects.filter(brand=self.brand)  # type: ignore[attr-defined]
        self.initial["away"] = self.instance.away_since is not None
        self.fields["capacity"].widget.attrs["max"] = 500

    def clean_capacity(self) -> int:
        if self.cleaned_data["capacity"] > 500:
            raise forms.ValidationError("At most 500.")
        return int(self.cleaned_data["capacity"])

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        if role not in ADMINISTERS and last_admin(self.instance):
            raise forms.ValidationError("The brand's only admin stays one. Make somebody else admin first.")
        return role

    def after(self, saved: Membership, *, by: User) -> None:
        away = self.cleaned_data["away"]
        if away is (saved.away_since is None):
            saved.away_since = timezone.now() if away else None
            saved.save(update_fields=["away_since"])
        if saved.role not in WORKS_CASES:
            free_cases(saved, by=by)


def new_password() -> str:
    return secrets.token_urlsafe(12)


def last_admin(member: Membership) -> bool:
    """Whether the brand would be without an admin if this member were none (as stored)."""
    admins = Membership.objects.filter(brand=member.brand_id, role__in=ADMINISTERS, user__is_active=True)
    return admins.filter(pk=member.pk).exists() and not admins.exclude(pk=member.pk).exists()


def answers_for(admin: User, user: User) -> bool:
    """Whether this admin administers every brand the account works for; otherwise it is not theirs to change."""
    theirs = brands_for(admin, ADMINISTERS).values("pk")
    others = Membership.objects.filter(user=user).exclude(brand__in=theirs)
    return not others.exists() and (admin.is_superuser or not user.is_superuser)


def free_cases(member: Membership, *, by: User) -> int:
    """Give the person's open cases at the brand back, so that none lies with somebody who is gone."""
    held = list(Case.objects.filter(brand=member.brand_id, assignee=member.user_id, closure=None))
    for case in held:
        case.release(by=by)
    return len(held)


@transaction.atomic
def give_password(member: Membership, *, by: User) -> str:
    """A new password, returned once. Every session dies with the old one."""
    _must_answer_for(member, by)
    if not member.user.is_active:
        raise PersonError(f"{member.user} is deactivated. Let them in again first.")
    return _set_password(member, by, "given a new password")


@transaction.atomic
def dismiss(member: Membership, *, by: User) -> str:
    """Nobody signs in as them any more, and every session ends now."""
    _must_answer_for(member, by)
    if member.user_id == by.pk:
        raise PersonError("You cannot shut yourself out. Ask another admin.")
    for other in Membership.objects.filter(user=member.user_id).select_related("user", "brand"):
        if last_admin(other):
            raise PersonError(f"{member.user} is the only admin of {other.brand}.")
        free_cases(other, by=by)
    member.user.is_active = False
    member.user.set_unusable_password()
    member.user.save(update_fields=["is_active", "password"])
    note_change(member, brand_id=member.brand_id, by=by, did="deactivated")
    return ""


@transaction.atomic
def admit(member: Membership, *, by: User) -> str:
    """Let a deactivated person in again, with a new password."""
    _must_answer_for(member, by)
    if member.user.is_active:
        raise PersonError(f"{member.user} is active.")
    member.user.is_active = True
    return _set_password(member, by, "activated")


@transaction.atomic
def leave(member: Membership, *, by: User) -> str:
    """End the membership of this brand alone. What they wrote stays theirs."""
    if member.user_id == by.pk:
        raise PersonError("You cannot remove yourself. Ask another admin.")
    if last_admin(member):
        raise PersonError("The brand's only admin stays. Make somebody else admin first.")
    free_cases(member, by=by)
    note_change(member, brand_id=member.brand_id, by=by, did="removed")
    member.delete()
    return ""


def _must_answer_for(member: Membership, by: User) -> None:
    if not answers_for(by, member.user):
        raise PersonError(f"{member.user} works for another brand too, whose admin you are not.")


def _set_password(member: Membership, by: User, did: str) -> str:
    password = new_password()
    member.user.set_password(password)
    member.user.save(update_fields=["is_active", "password"])
    note_change(member, brand_id=member.brand_id, by=by, did=did)
    return password
