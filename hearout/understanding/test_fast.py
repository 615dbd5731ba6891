"""The trained reader: what it reads, what it says of itself, and what no text may do to it."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.understanding.conftest import HOSTILE, MIRA, PRIYA, TOM
from hearout.understanding.fast import model as model_module
from hearout.understanding.fast.features import framed, word_hashes
from hearout.understanding.fast.model import FastModel, Head, softmax
from hearout.understanding.fast.reader import HEADS, MODEL, FastReader
from hearout.understanding.readers import default_reader, reader
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.tokens import tokenise


@pytest.fixture(scope="module")
def fast() -> FastReader:
    return FastReader()


def labels_of(one: Reading) -> tuple[object, ...]:
    return (one.language, one.kind, one.sentiment, one.emotion, one.urgency, one.needs_answer, one.sarcasm)


def assert_whole(one: Reading, text: str) -> None:
    assert isinstance(one.kind, Kind)
    assert isinstance(one.sentiment, Sentiment)
    assert isinstance(one.emotion, Emotion)
    assert isinstance(one.urgency, Urgency)
    assert set(one.confidence) == {*HEADS, "language", "urgency", "needs_answer"}
    assert all(0.0 <= sure <= 1.0 for sure in one.confidence.values())
    assert set(one.abstained) <= set(one.confidence)
    json.dumps({"reasons": dict(one.reasons), "confidence": dict(one.confidence)})
    assert all(
        len(one.weights[label]) == len(one.reasons[label]) for label in one.weights if one.weights[label]
    )
    for label in HEADS:
        assert len(one.reasons[label]) <= 4
        assert all(word in text for word in one.reasons[label])


def test_a_complaint_a_question_and_praise_are_told_apart(fast: FastReader) -> None:
    mira, tom, priya = fast.read([MIRA, TOM, PRIYA])
    assert (mira.kind, tom.kind, priya.kind) == (Kind.COMPLAINT, Kind.QUESTION, Kind.PRAISE)
    assert (mira.sentiment, priya.sentiment) == (Sentiment.NEGATIVE, Sentiment.POSITIVE)
    assert mira.emotion in (Emotion.ANGER, Emotion.FRUSTRATION, Emotion.DISGUST, Emotion.DISTRESS)
    assert priya.emotion in (Emotion.JOY, Emotion.GRATITUDE)
    assert mira.needs_answer
    assert tom.needs_answer
    assert {one.language for one in (mira, tom, priya)} == {"en"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@tidewing please rebook me on the evening flight", Kind.REQUEST),
        ("@tidewing can you send me a replacement?", Kind.REQUEST),
        ("@tidewing kannst du mir bitte einen Ersatz schicken?", Kind.REQUEST),
        ("@tidewing can you tell me which terminal you use in Madrid?", Kind.QUESTION),
        ("@tidewing how do I add my TideMiles number to a booking?", Kind.QUESTION),
        ("@tidewing still no bag after a week, please deliver it. Shameful service", Kind.COMPLAINT),
    ],
)
def test_a_request_asks_for_a_deed_and_is_to_be_answered(fast: FastReader, text: str, kind: Kind) -> None:
    [one] = fast.read([text])
    assert one.kind is kind
    assert one.needs_answer
    assert 0.5 <= one.confidence["needs_answer"] <= (1 + one.confidence["kind"]) / 2 + 0.001


def test_mere_thanks_stay_what_the_rules_call_them(fast: FastReader) -> None:
    [one] = fast.read(["@tidewing thank you so much, all sorted!"])
    assert one.thanks
    assert one.kind is Kind.OTHER
    assert not one.needs_answer


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Dónde está mi maleta? Llevo tres días esperando y nadie contesta", "es"),
        ("Mein Koffer ist seit drei Tagen weg und niemand antwortet mir", "de"),
        ("Cadê minha mala? Estou esperando faz três dias e ninguém responde", "pt"),
        ("La mia valigia non è arrivata e nessuno risponde al telefono", "it"),
        ("Ma valise est perdue depuis trois jours et personne ne répond", "fr"),
        ("أين حقيبتي؟ أنتظر منذ ثلاثة أيام ولا أحد يرد", "ar"),
        ("मेरा सामान कहाँ है? तीन दिन से कोई जवाब नहीं", "hi"),
        ("mera bag kahan hai, teen din se koi jawab nahi de raha", "hi"),
    ],
)
def test_the_languages_of_the_training_sets_are_found(fast: FastReader, text: str, language: str) -> None:
    [one] = fast.read([text])
    assert one.language == language
    assert "language" not in one.abstained


@pytest.mark.parametrize(
    "text",
    [
        "Mój bagaż zaginął i nikt nie odpowiada na telefon",
        "kapan pesawat saya berangkat, tolong dibantu",
        "hành lý của tôi ở đâu, không ai trả lời",
        "xqzt vrrp klmn",
    ],
)
def test_a_language_nobody_taught_is_unknown(fast: FastReader, text: str) -> None:
    [one] = fast.read([text])
    assert one.language == "und"
    assert "language" in one.abstained


@pytest.mark.parametrize(
    "text", ["荷物はどこですか、もう三日待っています", "waar is mijn koffer? niemand neemt de telefoon op"]
)
def test_without_labelled_texts_in_the_language_all_that_means_something_is_abstained_from(
    fast: FastReader, text: str
) -> None:
    [one] = fast.read([text])
    assert one.language in ("ja", "nl")
    assert set(HEADS) <= set(one.abstained)


def test_labels_learnt_in_english_alone_are_abstained_from_in_other_languages(fast: FastReader) -> None:
    [one] = fast.read(["Mein Koffer ist seit drei Tagen weg und niemand antwortet mir, unfassbar schlecht!"])
    assert one.language == "de"
    assert one.sentiment is Sentiment.NEGATIVE
    assert {"emotion", "sarcasm", "offensive"} <= set(one.abstained)
    assert "sentiment" not in one.abstained


def test_a_language_has_its_own_sentiment_and_confidence(fast: FastReader) -> None:
    german = "Mein Koffer ist seit drei Tagen weg und niemand antwortet mir, unfassbar schlecht!"
    _, one, _ = fast.read([MIRA, german, PRIYA])
    head, logits = fast.model.sentiments["de"], fast.logits([german], "sentiment_xl")
    sure = np.interp(softmax(logits).max(), head.score_knots, head.confidence_knots)
    assert one.sentiment.value == head.classes[int(logits.argmax())]
    assert one.confidence["sentiment"] == pytest.approx(float(sure), abs=0.002)


@pytest.mark.parametrize("text", ["", "   ", "@a @b", "https://example.com/a"])
def test_without_a_word_everything_is_abstained_from(fast: FastReader, text: str) -> None:
    [one] = fast.read([text])
    assert set(one.abstained) == {"language", *HEADS}


def test_the_reasons_are_the_words_that_decided(fast: FastReader) -> None:
    [one] = fast.read([MIRA])
    assert "Awful" in " ".join(one.reasons["sentiment"])
    without = MIRA
    for word in one.reasons["sentiment"]:
        without = without.replace(word, "")
    [other] = fast.read([without])
    assert other.sentiment is not one.sentiment or other.confidence["sentiment"] < one.confidence["sentiment"]


def test_the_emotion_of_a_glad_complaint_is_abstained_from(fast: FastReader) -> None:
    [one] = fast.read(["@tidewing great, third time you cancelled my flight. Love waiting 5 hours 🙄"])
    assert one.kind is Kind.COMPLAINT
    assert one.sarcasm
    assert one.emotion is Emotion.JOY
    assert "emotion" in one.abstained


def test_each_reason_says_what_it_added_the_strongest_words_first(fast: FastReader) -> None:
    [one] = fast.read([MIRA])
    for label in ("kind", "sentiment", "emotion"):
        weights = list(one.weights[label])
        assert len(weights) == len(one.reasons[label]) > 0
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 and round(weight, 2) == weight for weight in weights)
    head = fast.model.heads["sentiment"]
    awful, without = fast.logits(["Awful service", "service"], "sentiment")[:, head.classes.index("negative")]
    assert awful > without
    assert "Awful" in one.reasons["sentiment"]


def test_the_words_of_the_lists_share_what_all_cues_added(fast: FastReader) -> None:
    [one] = fast.read([MIRA])
    assert one.kind is Kind.COMPLAINT
    assert "still waiting" in one.reasons["kind"]
    assert len(set(one.weights["kind"][:2])) == 1
    seen = fast.features([MIRA])
    added = fast.model.cues_added(seen)[0, fast.model.heads["kind"].classes.index("complaint")]
    assert one.weights["kind"][0] == pytest.approx(added / len(one.reasons["kind"]), abs=0.01)


def test_an_absence_has_no_reasons(fast: FastReader) -> None:
    [one] = fast.read(["The flight to Riga leaves at nine"])
    assert one.sentiment is Sentiment.NEUTRAL
    assert not one.reasons["sentiment"]
    assert not one.sarcasm
    assert not one.reasons["sarcasm"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_gets_a_whole_reading(fast: FastReader, text: str) -> None:
    [one] = fast.read([text])
    assert_whole(one, text.replace("’", "'"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=80), max_size=6))
def test_any_text_gets_a_whole_reading(texts: list[str]) -> None:
    readings = FastReader().read(texts)
    assert len(readings) == len(texts)
    for one, text in zip(readings, texts, strict=True):
        assert_whole(one, text)


def test_a_text_reads_the_same_alone_and_among_others(fast: FastReader) -> None:
    texts = [MIRA, TOM, PRIYA, *HOSTILE.values()]
    together = fast.read(texts)
    alone = [fast.read([text])[0] for text in texts]
    assert [labels_of(one) for one in together] == [labels_of(one) for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=0.002)


def test_nothing_to_read_is_no_error(fast: FastReader) -> None:
    assert fast.read([]) == []


def test_a_full_word_table_is_emptied_and_readings_stay(
    fast: FastReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module, "CACHED_WORDS", 8)
    cramped = FastReader(FastModel.load(MODEL))
    texts = [MIRA, TOM, PRIYA, "one two three four five six seven eight nine ten eleven", MIRA]
    for text in texts:
        assert labels_of(cramped.read([text])[0]) == labels_of(fast.read([text])[0])


def test_threads_share_a_reader(fast: FastReader) -> None:
    shared = FastReader(FastModel.load(MODEL))
    texts = [f"{MIRA} word{i}" for i in range(40)] + [f"{PRIYA} other{i}" for i in range(40)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: shared.read([text])[0], texts))
    assert [labels_of(one) for one in found] == [labels_of(one) for one in fast.read(texts)]


def test_reading_needs_no_training_library() -> None:
    code = (
        "import sys; from hearout.understanding.readers import reader; reader('fast-2').read(['late again'])\n"
        "assert not {'sklearn', 'scipy', 'skops', 'pickle5', 'django'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_the_fast_reader_reads_for_those_who_have_not_chosen() -> None:
    assert default_reader().name == "fast-2"
    assert reader("fast-2").name == "fast-2"
    with pytest.raises(KeyError):
        reader("no such reader")


def test_the_model_is_small_and_holds_numbers_only() -> None:
    assert MODEL.stat().st_size < 6_000_000
    with np.load(MODEL, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fiu" for name in arrays.files)


def test_a_model_of_other_evidence_is_refused(tmp_path: Path) -> None:
    names = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
    names["evidence"] = names["evidence"][:-1]
    (tmp_path / "fast-2.json").write_text(json.dumps(names), "utf-8")
    (tmp_path / "fast-2.npz").write_bytes(MODEL.read_bytes())
    with pytest.raises(ValueError, match="evidence"):
        FastModel.load(tmp_path / "fast-2.npz")


@pytest.mark.parametrize("word", ["late", "haha", "naïve", "सेवा", "a", "x" * 50])
def test_parts_of_words_are_hashed_alike_in_every_script(word: str) -> None:
    edged = f"<{word[:30]}>"
    parts = {edged[i : i + n] for n in (3, 4, 5) for i in range(len(edged) - n + 1)}
    expected = [crc32(f"c {part}".encode()) for part in parts]
    first, *rest = word_hashes(word)
    assert first == crc32(f"w {word}".encode())
    assert sorted(rest) == sorted(expected)


def test_handles_and_hashtags_are_features_beside_the_words() -> None:
    assert framed(tokenise("@a @b Late again #Fail")) == [
        "^",
        "late",
        "again",
        "fail",
        "$",
        "@",
        "@",
        "#fail",
    ]
    assert framed(tokenise("")) == ["^", "$"]
    assert len(framed(tokenise("@a #b " * 500))) == 2 + 500 + 8 + 8


def test_a_head_adds_its_operating_point_and_reads_its_curve() -> None:
    knots = np.array([0.5, 1.0], dtype=np.float32)
    shift, sure = np.array([0.0, 1.0], dtype=np.float32), np.array([0.6, 0.8], dtype=np.float32)
    head = Head("sarcasm", ("not", "ironic"), 1, shift, knots, sure, 0.6)
    logits = np.array([[9.0, 0.0, -0.5], [9.0, 0.0, -1.5]], dtype=np.float32)
    best, share, confidence = head.decide(logits)
    assert best.tolist() == [1, 0]
    assert share == pytest.approx([softmax(np.array([[0.0, 0.5]], dtype=np.float32))[0, 1]] * 2)
    assert confidence == pytest.approx(0.6 + 0.2 * (share - 0.5) / 0.5)


def test_the_scores_of_a_label_are_what_its_class_is_taken_by(fast: FastReader) -> None:
    german = "Mein Koffer ist seit drei Tagen weg und niemand antwortet mir, unfassbar schlecht!"
    texts = [MIRA, TOM, PRIYA, german, ""]
    scores, read = fast.scores(texts), fast.read(texts)
    assert scores.keys() == fast.classes.keys() == HEADS.keys()
    for label in ("kind", "sentiment", "emotion"):
        said = [fast.classes[label][place] for place in scores[label].argmax(axis=1)]
        assert said == [getattr(one, label).value for one in read]
    assert scores["sarcasm"].argmax(axis=1).tolist() == [one.sarcasm for one in read]


def test_every_head_is_a_sum_over_the_features(fast: FastReader) -> None:
    head = fast.model.heads["emotion"]
    seen = fast.features([MIRA, PRIYA])
    assert fast.model.weighed(seen)[:, head.columns] == pytest.approx(fast.scores([MIRA, PRIYA])["emotion"])
    assert fast.features([]).shape[0] == 0


def test_a_head_may_have_a_curve_for_each_class() -> None:
    knots, one = np.array([0.5, 1.0], dtype=np.float32), np.array([0.9, 0.9], dtype=np.float32)
    shift, other = np.zeros(2, dtype=np.float32), np.array([0.2, 0.2], dtype=np.float32)
    head = Head("kind", ("a", "b"), 0, shift, knots, one, 0.5, ((knots, one), (knots, other)))
    _, _, confidence = head.decide(np.array([[2.0, 0.0], [0.0, 2.0]], dtype=np.float32))
    assert confidence == pytest.approx([0.9, 0.2])


def test_without_the_word_lists_a_clear_language_is_still_told_with_its_words(fast: FastReader) -> None:
    [one] = fast.read(["la valigia non è arrivata e nessuno mi risponde da tre giorni, che vergogna"])
    assert one.language == "it"
    assert "non" in one.reasons["language"]
