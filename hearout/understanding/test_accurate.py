"""The accurate reader: what it reads, what it says of itself, and what no text may do to it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearout.understanding.accurate.model import AccurateModel
from hearout.understanding.accurate.reader import MODEL, AccurateReader
from hearout.understanding.accurate.reasons import strongest
from hearout.understanding.accurate.texts import (
    BEGIN,
    END,
    MOST_CHARACTERS,
    MOST_PIECES,
    UNKNOWN,
    Pieces,
    plain,
)
from hearout.understanding.conftest import HOSTILE, MIRA, PRIYA, TOM
from hearout.understanding.fast.reader import HEADS, FastReader
from hearout.understanding.readers import reader
from hearout.understanding.reading import Kind, Reading, Sentiment


@pytest.fixture(scope="module")
def accurate() -> AccurateReader:
    return AccurateReader()


def assert_whole(one: Reading, text: str) -> None:
    assert set(one.confidence) == {*HEADS, "language", "urgency", "needs_answer"}
    assert all(0.0 <= sure <= 1.0 for sure in one.confidence.values())
    assert set(one.abstained) <= set(one.confidence)
    json.dumps({"reasons": dict(one.reasons), "weights": dict(one.weights), "sure": dict(one.confidence)})
    for label in HEADS:
        assert len(one.reasons[label]) <= 4
        assert all(word in text for word in one.reasons[label])


def test_a_complaint_a_question_and_praise_are_told_apart(accurate: AccurateReader) -> None:
    mira, tom, priya = accurate.read([MIRA, TOM, PRIYA])
    assert (mira.kind, mira.sentiment, mira.needs_answer) == (Kind.COMPLAINT, Sentiment.NEGATIVE, True)
    assert (tom.kind, tom.needs_answer) == (Kind.QUESTION, True)
    assert (priya.kind, priya.sentiment) == (Kind.PRAISE, Sentiment.POSITIVE)
    assert {one.reader for one in (mira, tom, priya)} == {"accurate-1"} == {accurate.name}


def test_it_is_found_by_its_name() -> None:
    assert reader("accurate-1").read([PRIYA])[0].reader == "accurate-1"


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("@tidewing euer Service ist eine Katastrophe, ich bin stinksauer", Sentiment.NEGATIVE),
        ("@tidewing qué vuelo tan maravilloso, gracias por todo", Sentiment.POSITIVE),
        ("@tidewing o pior atendimento da minha vida, que vergonha", Sentiment.NEGATIVE),
        ("@tidewing merci pour ce vol magnifique, équipage adorable", Sentiment.POSITIVE),
        ("@tidewing أسوأ خدمة في حياتي", Sentiment.NEGATIVE),
    ],
)
def test_sentiment_is_read_in_other_languages(
    accurate: AccurateReader, text: str, sentiment: Sentiment
) -> None:
    assert accurate.read([text])[0].sentiment is sentiment


def test_language_topics_and_thanks_are_the_fast_readers(accurate: AccurateReader) -> None:
    texts = [MIRA, TOM, "@tidewing thank you, solved!", "@tidewing wo ist mein Koffer?"]
    for one, fast in zip(accurate.read(texts), FastReader().read(texts), strict=True):
        assert (one.language, one.topics, one.thanks) == (fast.language, fast.topics, fast.thanks)
    assert accurate.read(texts)[2].kind is Kind.OTHER


def test_labels_learnt_in_english_alone_are_abstained_from_in_other_languages(
    accurate: AccurateReader,
) -> None:
    (one,) = accurate.read(["@tidewing euer Service ist eine Katastrophe, ich bin stinksauer"])
    assert one.language == "de"
    assert {"emotion", "sarcasm", "offensive"} <= set(one.abstained)
    assert "sentiment" not in one.abstained


@pytest.mark.parametrize("text", ["", "@tidewing", "https://example.com/late"])
def test_without_a_word_everything_is_abstained_from(accurate: AccurateReader, text: str) -> None:
    (one,) = accurate.read([text])
    assert set(one.abstained) >= {"language", *HEADS}


def test_the_reasons_are_the_words_that_decided_strongest_first(accurate: AccurateReader) -> None:
    (one,) = accurate.read(["@tidewing the lounge is nice but the flight was a horrible, disgusting mess"])
    assert one.sentiment is Sentiment.NEGATIVE
    assert {"horrible", "disgusting", "mess"} & set(one.reasons["sentiment"])
    weights = list(one.weights["sentiment"])
    assert len(weights) == len(one.reasons["sentiment"])
    assert weights == sorted(weights, reverse=True)


def test_an_absence_has_no_reasons(accurate: AccurateReader) -> None:
    (one,) = accurate.read([TOM])
    assert one.sentiment is Sentiment.NEUTRAL
    assert not one.reasons["sentiment"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_gets_a_whole_reading(accurate: AccurateReader, text: str) -> None:
    (one,) = accurate.read([text])
    assert_whole(one, text)


def test_a_text_reads_the_same_alone_and_among_others(accurate: AccurateReader) -> None:
    texts = [MIRA, "ok", *HOSTILE.values(), TOM, PRIYA]
    together = accurate.read(texts)
    assert [accurate.read([text])[0] for text in texts] == together


def test_nothing_to_read_is_no_error(accurate: AccurateReader) -> None:
    assert accurate.read([]) == []


def test_threads_share_a_reader(accurate: AccurateReader) -> None:
    texts = [MIRA, TOM, PRIYA]
    alone = accurate.read(texts)
    with ThreadPoolExecutor(4) as threads:
        assert all(said == alone for said in threads.map(accurate.read, [texts] * 8))


def test_a_model_is_loaded_and_read_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("no reader may speak to anybody")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert AccurateReader(AccurateModel.load(MODEL)).read([MIRA])[0].kind is Kind.COMPLAINT


def test_reading_needs_no_training_library() -> None:
    code = (
        "import sys; from hearout.understanding.readers import reader; reader('accurate-1').read(['late']);"
        "found = {'torch', 'onnx', 'sklearn', 'pickle5', 'tokenizers', 'huggingface_hub'} & set(sys.modules);"
        "sys.exit(str(found) if found else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_model_is_two_small_files() -> None:
    assert MODEL.stat().st_size < 26_000_000
    assert MODEL.with_suffix(".json").stat().st_size < 2_000_000


def test_an_answer_follows_from_the_kind_that_was_read() -> None:
    class Other(FastReader):
        """Calls everything praise, as a fast reader may that is wrong."""

        def read(self, texts: Sequence[str], languages: Iterable[str | None] = ()) -> list[Reading]:
            return [
                replace(one, kind=Kind.PRAISE, needs_answer=False) for one in super().read(texts, languages)
            ]

    (one,) = AccurateReader(fast=Other()).read([MIRA])
    assert (one.kind, one.needs_answer) == (Kind.COMPLAINT, True)


def test_a_post_is_written_plainly_before_it_is_cut() -> None:
    assert plain("Hey @Tidewing see https://t.co/x &amp; call") == "Hey @user see http & call"
    assert plain("@a @b @c @d late") == "@user @user late"
    assert plain("sooooooo  late\n\tagain!!!!!") == "sooo late again!!!"
    assert plain("la\u200bte\x00again ❤\ufe0f ｆｕｌｌ") == "late again ❤ full"
    assert plain("late \ud83d again") == "late again"
    assert len(plain("lab " * 100_000)) <= MOST_CHARACTERS
    assert plain("mail me@example.com") == "mail me@example.com"


PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0), ("▁late", -5.0), ("▁la", -2.0),
          ("te", -2.5), ("r", -4.0), ("l", -6.0), ("a", -6.0), ("t", -6.0), ("e", -6.0)]  # fmt: skip


def numbers(*pieces: str) -> list[int]:
    names = [piece for piece, _ in PIECES]
    return [names.index(piece) for piece in pieces]


def test_a_word_is_cut_into_its_likeliest_pieces() -> None:
    cut = Pieces(PIECES)
    assert cut.numbered("late").pieces == [BEGIN, *numbers("▁la", "te"), END]  # -4.5 beats -5
    assert cut.numbered("later late") == (
        [BEGIN, *numbers("▁la", "te", "r", "▁la", "te"), END],
        [-1, 0, 0, 0, 1, 1, -1],
    )


def test_unknown_characters_in_a_row_are_one_piece_and_known_ones_survive_between() -> None:
    cut = Pieces(PIECES)
    assert cut.numbered("荷物").pieces == [BEGIN, *numbers("▁"), UNKNOWN, END]
    assert cut.numbered("荷r物").pieces == [BEGIN, *numbers("▁"), UNKNOWN, *numbers("r"), UNKNOWN, END]


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    cut = Pieces(PIECES)
    found = cut.numbered(" ".join(["late"] * 500 + ["r"]))
    assert len(found.pieces) == MOST_PIECES
    assert found.words[1] == 0
    assert found.words[-2] == 500


def test_a_full_cache_of_words_is_emptied_and_cuts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    from hearout.understanding.accurate import texts

    monkeypatch.setattr(texts, "CACHED_WORDS", 2)
    cut = Pieces(PIECES)
    first = cut.numbered("late later lat la l")
    assert cut.numbered("late later lat la l") == first
    assert len(cut._cache) <= 2


def test_only_words_that_stand_in_the_post_are_told() -> None:
    shares = np.array([0.9, 0.5, 0.4, 0.3, 0.02, 0.8], dtype=np.float32)
    words = ["@user", "late!!!", "sooo", "again", "weak", "..."]
    assert strongest("@a late!!! soooooo again weak ...", words, shares) == (
        ["late", "sooo", "again"],
        [0.5, 0.4, 0.3],
    )


def test_a_language_that_is_known_is_what_a_post_is_read_in(accurate: AccurateReader) -> None:
    known, found = accurate.read(["super", "super"], languages=["de"])
    assert known.language == "de" != found.language


def test_a_broken_model_and_one_of_another_fast_model_are_refused(
    tmp_path: Path, accurate: AccurateReader
) -> None:
    path = tmp_path / "accurate-1.onnx"
    path.write_bytes(b"something else entirely")
    path.with_suffix(".json").write_text(MODEL.with_suffix(".json").read_text("utf-8"), "utf-8")
    with pytest.raises(ValueError, match="no network"):
        AccurateModel.load(path)
    names = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
    names["beside"] = names["beside"][:-1]
    with pytest.raises(ValueError, match="another fast model"):
        AccurateReader(AccurateModel(MODEL.read_bytes(), names))
