"""Leaks: the same on a case, on the page and in the figures."""

from __future__ import annotations

import pytest

from hearout.insight.figures import figure
from hearout.listening.models import Handle, Mention, Post
from hearout.replies.moving import arrived_at
from hearout.triage.models import Verdict

TEXTS = (
    "My bag is gone", "@tidewing help", "@TideWing: help", "@tidewingcare @tidewing help", "(@tidewing) @tidewingcare",
    "mail me@tidewing.com @tidewingcare", "@orchardrail and @tidewing", "@tidewings late", "＠tidewing hm",
    "RT@tidewing", "@@tidewing", "@nobody @tidewing", "@tidewing.", "@tidewing's bag",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("at", ["main", "care", "nowhere"])
def test_a_leak_is_what_the_figures_call_one(cast, text, at):
    """`arrived_at` and the metric leak-rate agree on every opening."""
    Handle.objects.create(brand=cast.other_brand, network="simulator", handle="orchardrail")
    at = {"main": cast.main_handle, "care": cast.care_handle, "nowhere": None}[at]
    post = Post.objects.create(
        network="simulator", external_id="x", author=cast.mira, text=text, posted_at=cast.monday
    )
    Post.objects.update(root=post.pk)
    mention = Mention.objects.create(post=post, brand=cast.brand, how="direct", handle=at)
    Verdict.objects.create(mention=mention, post=post, brand=cast.brand, kind="question", needs_answer=True)
    arrived = arrived_at(post, cast.brand.pk)
    rows = [
        part for part in figure("leak-rate", by=["brand", "handle"]).by if part.group["brand"] == "tidewing"
    ]
    leaked = sum(part.numerator["leaked"] for part in rows)
    assert (arrived is not None and arrived.role == "main") == bool(leaked)
