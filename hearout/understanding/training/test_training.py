"""What the training promises: no test text is learnt from, kinds are honest, folds are fair, curves calibrate."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hearout.understanding.fast.features import find, framed, word_hashes
from hearout.understanding.fast.reader import shipped
from hearout.understanding.reading import Kind
from hearout.understanding.tokens import tokenise
from hearout.understanding.training import sets
from hearout.understanding.training.sets import Labelled, key_of, unescaped
from hearout.understanding.training.weak import from_act, from_sentiment, is_grievance

needs_training = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed: the extra `training`"
)


def test_a_retweet_and_its_original_have_one_key() -> None:
    assert key_of("RT @tidewing: Late AGAIN! https://t.co/x") == key_of("late again")
    assert key_of("late again") != key_of("late once")


def test_copies_and_guarded_texts_are_left_out_with_their_labels_and_sources() -> None:
    part = Labelled(
        ["Late!", "late", "On time", "RT @a: lost bag"], ["n", "n", "p", "n"], ["x", "x", "y", "z"]
    )
    kept = part.without({key_of("lost bag")})
    assert (kept.texts, kept.labels, kept.sources) == (["Late!", "On time"], ["n", "p"], ["x", "y"])


def test_written_out_characters_are_read_halves_of_pairs_too() -> None:
    assert unescaped(r"It\u2019s late \ud83d\ude21") == "It’s late 😡"
    assert unescaped(r"half \ud83d") == "half \ufffd"


def test_no_test_text_is_learnt_from_or_calibrated_on(shared_data: Path) -> None:
    found, tests = sets.load(shared_data), sets.test_keys(shared_data)
    assert len(tests) > 25_000
    for part in (*found.train.values(), *found.held.values()):
        assert len(part) > 100
        assert tests.isdisjoint(map(key_of, part.texts))


def test_no_text_is_both_learnt_from_and_held_out(shared_data: Path) -> None:
    found = sets.load(shared_data)
    held = {key_of(text) for part in found.held.values() for text in part.texts}
    for name, part in found.train.items():
        assert held.isdisjoint(map(key_of, part.texts)), name


def kind(text: str, sentiment: str, by_rules: Kind, language: str = "en") -> str | None:
    return from_sentiment(sentiment, by_rules, find(tokenise(text), language)[0])


def test_a_kind_needs_both_a_person_and_the_rules() -> None:
    assert kind("late again", "negative", Kind.COMPLAINT) == "complaint"
    assert kind("late again", "positive", Kind.COMPLAINT) is None
    assert kind("lovely", "neutral", Kind.PRAISE) is None
    assert kind("when?", "neutral", Kind.QUESTION) == "question"
    assert from_act("QUE", Kind.COMPLAINT) == "question"
    assert from_act("REQ", Kind.OTHER) == "request"
    assert from_act("EXP", Kind.QUESTION) == "other"


def test_a_question_asked_in_anger_is_neither_learnt_as_one_nor_lost() -> None:
    it = find(tokenise("@tidewing when will you answer me?"), "en")[0]
    assert from_sentiment("negative", Kind.QUESTION, it) is None
    assert is_grievance("negative", Kind.QUESTION, it)
    assert from_sentiment("neutral", Kind.QUESTION, it) == "question"
    assert not is_grievance("neutral", Kind.QUESTION, it)
    assert not is_grievance("negative", Kind.OTHER, it)


def test_without_word_lists_a_complaint_is_negative_and_addressed() -> None:
    assert kind("@tidewing सेवा खराब", "negative", Kind.OTHER, "hi") == "complaint"
    assert kind("सेवा खराब", "negative", Kind.OTHER, "hi") == "other"
    assert kind("@tidewing कब?", "negative", Kind.OTHER, "hi") == "question"


@needs_training
def test_training_and_reading_see_the_same_numbers() -> None:
    from hearout.understanding.training.matrix import Vocabulary, hash_all

    texts = ["late again, late again!", "where is my bag", "late bag"] * 2
    hashed = hash_all(texts)
    vocabulary = Vocabulary.of(hashed, at_least=2)
    rows = vocabulary.rows(hashed).toarray()
    weight = dict(zip(vocabulary.keys.tolist(), vocabulary.weights.tolist(), strict=True))
    words = framed(tokenise(texts[0]))
    every = [h for word in words for h in word_hashes(word)]
    place = vocabulary.keys.tolist().index(word_hashes("late")[0])
    squares = sum(weight.get(h, 0.0) ** 2 for h in hashed[0].tolist())
    assert every.count(word_hashes("late")[0]) == 2
    assert rows[0, place] == pytest.approx(2 * weight[word_hashes("late")[0]] / np.sqrt(squares), rel=1e-3)


@needs_training
def test_classes_weigh_alike_but_a_handful_of_texts_does_not_count_for_a_fifth() -> None:
    from hearout.understanding.training.first_layer import HEAVIEST, evened

    labels = np.array([0] * 600 + [1] * 399 + [2], dtype=np.int64)
    weights = evened(labels)
    assert weights[0] * 600 == pytest.approx(weights[1] * 399) == pytest.approx(1000 / 3)
    assert weights[2] == HEAVIEST


@needs_training
def test_folds_do_not_part_a_source() -> None:
    from scipy import sparse

    from hearout.understanding.training.first_layer import Task, fit, unseen_logits

    dice = np.random.default_rng(1)
    pool = sparse.csr_matrix(dice.random((60, 4)).astype(np.float32))
    labels = (np.arange(60) % 2).astype(np.int64)
    sources = tuple("abc"[i // 20] for i in range(60))
    task = Task("late", ("no", "yes"), np.arange(60), labels, 1.0, sources)
    logits = unseen_logits(task, fit(task, pool, 1), pool, 1)
    rest = np.arange(20, 60)
    without_a = fit(Task("late", ("no", "yes"), rest, labels[rest], 1.0), pool, 1)
    assert logits[:20] == pytest.approx(without_a.logits(pool[:20]), abs=1e-3)


@needs_training
def test_features_that_set_the_classes_apart_may_weigh_more() -> None:
    from scipy import sparse

    from hearout.understanding.training.first_layer import contrasts

    rows = sparse.csr_matrix(np.array([[1, 1], [1, 1], [1, 0], [1, 0]], dtype=np.float32))
    free = contrasts(rows, np.array([1, 1, 0, 0], dtype=np.int64), 0.5)
    assert free[1] > 1 > free[0] >= 0.5
    assert free.mean() == pytest.approx(1)


@needs_training
def test_a_language_ships_with_half_of_its_own_curve() -> None:
    from hearout.understanding.training.heads import mean_curve

    knots, sure = mean_curve(([0.0, 1.0], [0.4, 0.8]), ([0.0, 0.5, 1.0], [0.2, 0.6, 0.6]))
    assert knots == [0.0, 0.5, 1.0]
    assert sure == pytest.approx([0.3, 0.6, 0.7])


@needs_training
def test_a_confidence_curve_says_how_often_it_is_right() -> None:
    from hearout.understanding.training.heads import confidence_curve

    dice = np.random.default_rng(2)
    margins = dice.uniform(0, 6, 8_000)
    right = dice.random(8_000) < 0.5 + margins / 20  # far less often than the softmax promises
    logits = np.stack([margins, np.zeros(8_000)], axis=1).astype(np.float32)
    knots, sure = confidence_curve(logits, np.where(right, 0, 1).astype(np.int64))
    score = 1 / (1 + np.exp(-margins))
    assert np.interp(score, knots, sure) == pytest.approx(0.5 + margins / 20, abs=0.08)
    assert sure == sorted(sure)


def test_the_model_says_what_it_was_trained_on() -> None:
    model = shipped()
    assert model.name == "fast-2"
    assert set(model.heads) >= {
        "kind",
        "sentiment",
        "sentiment_xl",
        "emotion",
        "emotion4",
        "irony",
        "offensive",
    }
    assert set(model.sentiments) == {"de", "es", "pt", "it", "fr", "hi", "ar"}
