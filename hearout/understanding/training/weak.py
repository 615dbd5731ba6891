"""Kinds for training texts. Nobody labelled them: they follow from gold labels and from the rules.

No public set with a free licence is labelled complaint / question / praise / request on posts about
brands. So a text gets a kind only where a person's label and the rules agree, and none otherwise:

* tweet acts: QUE is a question, REQ a request, by hand; of the other acts the rules tell complaint
  and praise from the rest (never a question: the person said it is none);
* tweets with a sentiment by hand: negative, and a complaint by the rules: a complaint; positive, and
  praise by the rules: praise; a question or a request by the rules, unless negative; anything else that the
  rules call other. What is negative and asks somebody something is a grievance: the second layer, which sees
  sentiment, learns it as a complaint; the first, which sees words, does not learn it;
* Hindi and Arabic, for which there are no word lists: a question by its question mark; addressed to
  somebody and negative: a complaint; addressed and positive: praise; else other.

What comes of it is a smoothed, sentiment-checked version of the rules, not an independent judgement.
"""

from __future__ import annotations

from hearout.understanding.reading import Kind
from hearout.understanding.scores import Findings

COMPLAINT = "complaint"
KINDS = (COMPLAINT, "question", "praise", "request", "other")
GRIEVANCE = "grievance"
"""Stands for the kind of what `is_grievance`."""
BY_HAND = {"QUE": "question", "REQ": "request"}
_ASKS = (Kind.QUESTION, Kind.REQUEST)
_FEELING = {"complaint": "negative", "praise": "positive"}


def from_act(act: str, by_rules: Kind) -> str:
    """The kind of a tweet with a speech act."""
    return BY_HAND.get(act) or (by_rules.value if by_rules.value in _FEELING else "other")


def from_sentiment(sentiment: str, by_rules: Kind, it: Findings) -> str | None:
    """The kind of a tweet with a sentiment; none where person and rules do not agree."""
    if not it.readable:
        if it.evidence.question_marks:
            return "question"
        named = {"negative": "complaint", "positive": "praise"}.get(sentiment, "other")
        return named if it.tokens.handles else "other"
    if by_rules.value in _FEELING and sentiment != _FEELING[by_rules.value]:
        return None
    if by_rules in _ASKS and sentiment == "negative":
        return None
    return by_rules.value


def is_grievance(sentiment: str, by_rules: Kind, it: Findings) -> bool:
    """Whether a tweet asks somebody something and a person felt it to be negative: a complaint in the words of
    a question."""
    return it.readable and it.aimed and by_rules in _ASKS and sentiment == "negative"
