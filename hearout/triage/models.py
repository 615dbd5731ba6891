"""What to do with a post: the rules an admin edits, and the verdict on each mention."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from hearout.listening.models import Mention, Post
from hearout.people.models import Brand, Team, User
from hearout.triage.learnt import Correction, Lesson, ReaderVersion, SampledPost  # noqa: F401  Django looks here
from hearout.triage.topics import Topic  # noqa: F401  and here
from hearout.understanding.reading import Emotion, Kind, Sentiment, Urgency


class Tier(models.TextChoices):
    """Who reads a brand's posts. `AUTO`: the fast reader, and the accurate one again where it is worth it."""

    RULES = "rules", "Rules: word lists that anybody can check"
    FAST = "fast", "Fast: trained, every post"
    AUTO = "auto", "Fast, and the doubtful posts again by the accurate reader"


class ReadingSettings(models.Model):
    """How a brand's posts are read, and what a mistake costs it. A brand without a row has the defaults.

    `accurate_budget`: the share (0..1) of one processor core's time that the accurate reader may take for
    this brand in each worker. `accurate_share`: of all posts, how many (0..1) it may read again. Both hold;
    0 of either is never. The costs are of any unit, for only their ratio counts. `own_numbers`: a mask a
    line, as in `understanding.own_numbers`, of the brand's order and booking numbers, which are private data.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="reading_settings")
    tier = models.CharField(max_length=8, choices=Tier.choices, default=Tier.FAST)
    accurate_budget = models.FloatField(default=0.2, db_default=0.2)
    accurate_share = models.FloatField(default=1.0)
    cost_missed = models.FloatField(default=5.0)
    cost_needless = models.FloatField(default=1.0)
    own_numbers = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(accurate_share__gte=0, accurate_share__lte=1),
                name="accurate_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(accurate_budget__gte=0, accurate_budget__lte=1),
                name="accurate_budget_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(cost_missed__gt=0, cost_needless__gt=0), name="mistakes_cost_something"
            ),
        ]

    def __str__(self) -> str:
        return f"Reading of {self.brand}"

    @property
    def threshold(self) -> float:
        """From which chance on that a post wants an answer a person looks at it.

        There the expected costs are equal: chance * missed = (1 - chance) * needless.
        """
        return self.cost_needless / (self.cost_missed + self.cost_needless)


class Priority(models.IntegerChoices):
    LOW = 0, "Low"
    NORMAL = 1, "Normal"
    HIGH = 2, "High"
    URGENT = 3, "Urgent"


class Rule(models.Model):
    """One row of the admin's rules, tried in order of `position`; each outcome is decided by the first that names it.

    `conditions` is a tree over an allow-list (see `triage/conditions.py`). Empty outcome: no opinion.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=100)
    name = models.CharField(max_length=120)
    conditions = models.JSONField(default=dict)
    needs_answer = models.BooleanField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    priority = models.PositiveSmallIntegerField(null=True, blank=True, choices=Priority.choices)
    set_aside = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Verdict(models.Model):
    """What one post says and what to do about it for one brand. Cases take it from here.

    What the post says, down to `reader`, is as in `understanding.reading.Reading`. `because` is the
    sentence an agent reads: which rule decided. `set_aside` says why nobody needs to answer.
    `revision` is that of the text that was read. A person's word (`overruled_at`) stands until the
    text changes. `unsure`: the reading did not know whether an answer is wanted, or what kind of post it is.
    """

    mention = models.OneToOneField(Mention, on_delete=models.CASCADE, related_name="verdict")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="verdicts")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value.title()) for k in Kind])
    sentiment = models.CharField(max_length=8, choices=[(s.value, s.value.title()) for s in Sentiment])
    emotion = models.CharField(max_length=12, choices=[(e.value, e.value.title()) for e in Emotion])
    urgency = models.CharField(max_length=8, choices=[(u.value, u.value.title()) for u in Urgency])
    language = models.CharField(max_length=8, default="und")
    thanks = models.BooleanField(default=False)
    sarcasm = models.BooleanField(default=False, db_default=False)
    confidence = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    weights = models.JSONField(default=dict)
    abstained = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    reader = models.CharField(max_length=40, blank=True)
    needs_answer = models.BooleanField()
    unsure = models.BooleanField(default=False, db_default=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    set_aside = models.CharField(max_length=120, blank=True)
    because = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    overruled_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    overruled_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True, default=now)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.TextField(blank=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index("id", name="verdict_due", condition=models.Q(due_at__isnull=False)),
            models.Index("id", name="verdict_dead", condition=models.Q(dead_at__isnull=False)),
            models.Index(
                "post",
                "brand",
                name="verdict_unsure",
                condition=models.Q(unsure=True, overruled_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(needs_answer=True, set_aside="") | models.Q(needs_answer=False),
                name="answered_or_set_aside",
            )
        ]

    def __str__(self) -> str:
        return f"verdict on {self.post_id}: {self.set_aside or 'needs an answer'}"
