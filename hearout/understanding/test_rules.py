"""What the rules say about posts to and about the invented airline Tidewing. All texts are ours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.understanding.readers import reader
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.rules import RulesReader

LABELS = {"kind", "sentiment", "emotion", "urgency", "needs_answer", "language"}

# text, kind, needs an answer, nothing but thanks
TABLE = [
    # complaints
    ("@tidewing where is my bag??", "complaint", True, False),
    ("@tidewing great job losing my bag", "complaint", True, False),
    ("thanks for nothing @tidewing", "complaint", True, False),
    ("@tidewing my flight was cancelled and nobody at the desk tells us anything", "complaint", True, False),
    ("@tidewingcare still waiting for my refund after six weeks. Ridiculous.", "complaint", True, False),
    ("Worst airline ever. Never again @tidewing", "complaint", True, False),
    ("@tidewing the app keeps crashing when I try to check in", "complaint", True, False),
    ("Tidewing lost my luggage AGAIN", "complaint", True, False),
    ("@tidewing I've been on hold for 2 hours, this is unacceptable", "complaint", True, False),
    ("@tidewing your crew was so rude to my mother today", "complaint", True, False),
    ("@tidewing are you kidding me? Delayed again?!", "complaint", True, False),
    ("@tidewing love how you cancel my flight and then charge me for it", "complaint", True, False),
    ("@tidewing seat 14C is broken and the toilet is filthy", "complaint", True, False),
    ("@tidewing you charged me twice for the same seat", "complaint", True, False),
    ("@tidewing third time asking: nobody answers my emails", "complaint", True, False),
    ("Well done @tidewing, stranded in Porto with two kids and no hotel 🙄", "complaint", True, False),
    ("@tidewing no response to my complaint. So much for customer care", "complaint", True, False),
    ("@tidewing I am not happy with how we were treated at the gate", "complaint", True, False),
    ("@tidewing WHY IS MY FLIGHT DELAYED AGAIN", "complaint", True, False),
    ("@tidewing my TideMiles are missing from my account", "complaint", True, False),
    ("@tidewing the website won't load and I can't check in", "complaint", True, False),
    ("@tidewing that meal was disgusting 🤮", "complaint", True, False),
    ("Tidewing Go wouldn't refund me, total scam", "complaint", True, False),
    ("@tidewing missed my connection because of your delay, what now?", "complaint", True, False),
    ("@tidewing you left my wheelchair in Oslo", "complaint", True, False),
    ("@tidewing my suitcase never arrived and your phone line is dead", "complaint", True, False),
    ("@tidewing this is a joke. 5 hours late and no explanation", "complaint", True, False),
    ("Really disappointed in @tidewing. Overbooked and no apology.", "complaint", True, False),
    ("@tidewing your agent hung up on me", "complaint", True, False),
    ("@tidewing pathetic service 😡😡😡", "complaint", True, False),
    ("Flying @tidewing was a nightmare from start to finish", "complaint", True, False),
    ("@tidewing how hard is it to answer a phone?", "complaint", True, False),
    ("@tidewing the promised voucher has not yet arrived", "complaint", True, False),
    # questions
    ("@tidewing what time does check-in open for the Lisbon flight?", "question", True, False),
    ("@tidewing can I bring a guitar as hand luggage?", "question", True, False),
    ("@tidewing do you fly to Bergen in winter?", "question", True, False),
    ("Hi @tidewing, how much is an extra bag?", "question", True, False),
    ("@tidewingcare could you please tell me which terminal you use in Madrid", "question", True, False),
    ("@tidewing is there wifi on board?", "question", True, False),
    ("Does anyone know if Tidewing allows pets in the cabin?", "question", True, False),
    ("@tidewing what is your refund policy?", "question", True, False),
    ("@tidewing how do I add my TideMiles number to a booking", "question", True, False),
    ("@tidewing any chance of a window seat on TW204?", "question", True, False),
    ("@tidewing when will the summer timetable be out?", "question", True, False),
    ("@tidewing are dogs allowed on Tidewing Go?", "question", True, False),
    ("@tidewing am I allowed to take insulin through security?", "question", True, False),
    ("@tidewing quick question: how early should I be at the airport", "question", True, False),
    ("@tidewing who do I contact about lost property?", "question", True, False),
    ("love your new planes @tidewing! where can I buy the model?", "question", True, False),
    ("@tidewing if I cancel, do I get a refund?", "question", True, False),
    ("@tidewing can you tell me where to send the form?", "question", True, False),
    ("@tidewing please let me know how to cancel my booking", "question", True, False),
    # requests: a deed is asked for, not words
    ("Hello @tidewing please help me change the name on my ticket", "request", True, False),
    ("@tidewing please rebook me on the evening flight", "request", True, False),
    ("@tidewing can you send me a replacement?", "request", True, False),
    ("@tidewingcare could you please just call me back about TW204", "request", True, False),
    ("@tidewing I'd like to cancel my booking", "request", True, False),
    ("@tidewing I need someone to update my TideMiles address pls", "request", True, False),
    ("Can somebody at @tidewing please check your DMs", "request", True, False),
    ("@tidewing still no bag after a week, please deliver it. Shameful service", "complaint", True, False),
    # praise
    ("@tidewing the crew on TW88 today were amazing, so kind to my kids", "praise", False, False),
    ("Best flight ever, thank you @tidewing ❤️", "praise", False, False),
    ("Not bad at all @tidewing, the new seats are great", "praise", False, False),
    ("Huge thanks to Maja at the @tidewing desk in Riga who saved my holiday", "praise", False, False),
    ("I love flying with Tidewing, always friendly staff", "praise", False, False),
    ("@tidewing your app is brilliant, boarding was smooth", "praise", False, False),
    ("@tidewing on time, comfy seats, lovely crew. Impressed!", "praise", False, False),
    ("Shout out to @tidewing for the excellent service 👏👏", "praise", False, False),
    ("@tidewing couldn't be happier with my flight", "praise", False, False),
    ("@tidewing soooo happy with the upgrade!!! you guys rock", "praise", False, False),
    ("Kudos to the pilot of TW310 for a perfect landing @tidewing", "praise", False, False),
    ("How great is the new Tidewing lounge? Love it", "praise", False, False),
    ("@tidewing no delays, no lost bags, lovely crew", "praise", False, False),
    # thanks and solved
    ("Thanks!", "other", False, True),
    ("@tidewing thank you so much", "other", False, True),
    ("@tidewingcare thanks for the quick reply", "other", False, True),
    ("All sorted now, thank you", "other", False, True),
    ("@tidewing solved, thanks Ana", "other", False, True),
    ("ty 🙏", "other", False, True),
    ("@tidewing perfect, thanks for your help!", "other", False, True),
    ("It works now. Cheers", "other", False, True),
    ("Thank you, but my bag is still missing", "complaint", True, False),
    ("thanks, and when does the desk open?", "question", True, False),
    # other
    ("Flying with Tidewing to Rome tomorrow", "other", False, False),
    ("Just saw a Tidewing plane over the harbour", "other", False, False),
    ("My cousin works for Tidewing", "other", False, False),
    ("RT @tidewing: win two tickets to Lisbon", "other", False, False),
    ("GIVEAWAY! Follow us for a chance to win flights https://example.com/x", "other", False, False),
    ("Use code TIDE20 for cheap flights, link in bio #tidewing", "other", False, False),
    ("Tidewing shares closed at 12.40 on Friday", "other", False, False),
    ("At the gate with @tidewing, coffee in hand", "other", False, False),
    ("https://example.com/a @tidewing", "other", False, False),
    ("lol", "other", False, False),
    # other languages
    ("@tidewing ¿a qué hora abre la facturación?", "question", True, False),
    ("@tidewing perdieron mi maleta y nadie responde, qué vergüenza", "complaint", True, False),
    ("Muchas gracias por la ayuda", "other", False, True),
    ("@tidewing la tripulación fue increíble, muy amables", "praise", False, False),
    ("@tidewing wo ist mein Koffer? Seit Stunden keine Antwort", "complaint", True, False),
    ("@tidewing Darf ich eine Gitarre mit ins Handgepäck nehmen?", "question", True, False),
    ("Vielen Dank, alles geklärt", "other", False, True),
    ("@tidewing Können Sie mir bitte einen Ersatz schicken?", "request", True, False),
    ("@tidewing ¿me pueden cambiar el asiento, por favor?", "request", True, False),
    ("@tidewing pouvez-vous m'envoyer une nouvelle carte ?", "request", True, False),
    ("@tidewing podem cancelar minha reserva por favor", "request", True, False),
    ("@tidewing potete annullare il mio biglietto per favore", "request", True, False),
    ("@tidewing kunnen jullie mijn stoel wijzigen?", "request", True, False),
    ("@tidewing können Sie mir sagen, wann der Schalter öffnet?", "question", True, False),
    ("@tidewing super Service, sehr freundliche Crew", "praise", False, False),
    ("@tidewing mon vol est annulé et aucune réponse du service, honteux", "complaint", True, False),
    ("@tidewing à quelle heure ouvre l'enregistrement ?", "question", True, False),
    ("Merci beaucoup pour votre aide", "other", False, True),
    ("@tidewing minha mala foi extraviada e ninguém responde", "complaint", True, False),
    ("@tidewing posso levar um violão na cabine?", "question", True, False),
    ("@tidewing volo cancellato e nessuno risponde, vergogna", "complaint", True, False),
    ("@tidewing a che ora apre il check-in?", "question", True, False),
    ("@tidewing mijn koffer is kwijt en niemand reageert", "complaint", True, False),
    # hostile
    ("", "other", False, False),
    ("\x00\x00\x00", "other", False, False),
    ("\ud800\udfff\ud83d", "other", False, False),
    ("\u202e\u2066gab ym si erehw\u2069", "other", False, False),
    ("@tidewing \x00 where is my\x00 refund?? \ud800", "complaint", True, False),
    ("?" * 10_000, "question", False, False),
    ("<script>alert('tidewing')</script>", "other", False, False),
    ("@" * 6_000, "other", False, False),
]  # fmt: skip


def read(text: str) -> Reading:
    return reader("rules-1").read([text])[0]


@pytest.mark.parametrize(
    ("text", "kind", "needs_answer", "thanks"), TABLE, ids=[ascii(row[0][:60]) for row in TABLE]
)
def test_a_post_is_read_as_a_person_would(text: str, kind: str, needs_answer: bool, thanks: bool) -> None:
    reading = read(text)
    assert (reading.kind, reading.needs_answer, reading.thanks) == (Kind(kind), needs_answer, thanks), reading


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("@tidewing I'm at the gate and they won't let me board!", Urgency.HIGH),
        ("@tidewing stranded at the airport with a baby, please help", Urgency.HIGH),
        ("@tidewing my mother needs her medication, it is in the lost bag", Urgency.HIGH),
        ("@tidewing third time I ask: where is my refund", Urgency.HIGH),
        ("@tidewing my flight leaves in 2 hours and I can't check in", Urgency.HIGH),
        ("@tidewing the seat was broken", Urgency.NORMAL),
        ("@tidewing how much is an extra bag?", Urgency.NORMAL),
        ("At the gate with @tidewing, what a lovely morning", Urgency.LOW),
        ("@tidewing wonderful crew", Urgency.LOW),
    ],
)
def test_somebody_travelling_now_or_in_need_is_urgent(text: str, urgency: Urgency) -> None:
    assert read(text).urgency is urgency


@pytest.mark.parametrize(
    ("text", "sentiment", "emotion"),
    [
        ("@tidewing I am furious, you lost my bag", Sentiment.NEGATIVE, Emotion.ANGER),
        ("@tidewing so frustrating, on hold again", Sentiment.NEGATIVE, Emotion.FRUSTRATION),
        ("@tidewing I'm stranded and scared, my flight was cancelled", Sentiment.NEGATIVE, Emotion.DISTRESS),
        (
            "@tidewing the seat was filthy and gross, cockroach on the tray",
            Sentiment.NEGATIVE,
            Emotion.DISGUST,
        ),
        ("@tidewing what a wonderful flight, we loved it", Sentiment.POSITIVE, Emotion.JOY),
        ("@tidewing thank you, I really appreciate it", Sentiment.POSITIVE, Emotion.GRATITUDE),
        ("@tidewing do you fly to Bergen?", Sentiment.NEUTRAL, Emotion.NONE),
        ("@tidewing the crew wasn't very friendly", Sentiment.NEGATIVE, Emotion.NONE),
        ("@tidewing the crew was not good", Sentiment.NEGATIVE, Emotion.NONE),
        ("@tidewing the food was not bad", Sentiment.POSITIVE, Emotion.NONE),
    ],
)
def test_feelings_are_read_with_their_negations(text: str, sentiment: Sentiment, emotion: Emotion) -> None:
    reading = read(text)
    assert (reading.sentiment, reading.emotion) == (sentiment, emotion), reading


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where can I find my booking?", "en"),
        ("¿Dónde puedo encontrar mi reserva?", "es"),
        ("Wo finde ich meine Buchung?", "de"),
        ("Où puis-je trouver ma réservation ?", "fr"),
        ("Onde posso encontrar a minha reserva?", "pt"),
        ("Dove posso trovare la mia prenotazione?", "it"),
        ("Waar kan ik mijn boeking vinden?", "nl"),
        ("Где мой багаж?", "ru"),
        ("Де мій багаж? Їхній літак запізнився", "uk"),
        ("أين حقيبتي؟", "ar"),
        ("Πού είναι η βαλίτσα μου;", "el"),
        ("私の荷物はどこですか？", "ja"),
        ("我的行李在哪里？", "zh"),
        ("제 짐은 어디에 있나요?", "ko"),
        ("मेरा सामान कहाँ है?", "hi"),
        ("lol", "und"),
        ("12345 !!! https://example.com", "und"),
        ("", "und"),
    ],
)
def test_the_language_is_found_or_said_to_be_unknown(text: str, language: str) -> None:
    assert read(text).language == language


def test_a_post_in_a_language_the_rules_cannot_read_goes_to_a_person_with_little_confidence() -> None:
    reading = read("Мой чемодан потеряли")
    assert reading.needs_answer
    assert reading.confidence["needs_answer"] <= 0.3


def test_the_words_that_decided_are_shown_as_written() -> None:
    reading = read("@tidewing My bag is LOST and your App Keeps crashing, I'm at the GATE")
    assert "LOST" in reading.reasons["kind"]
    assert "at the GATE" in reading.reasons["urgency"]
    assert reading.reader == "rules-1"


def test_text_after_the_first_five_thousand_characters_is_not_read() -> None:
    assert read("a " * 2_500 + "@tidewing where is my bag?").kind is Kind.OTHER


def test_readings_come_in_the_order_of_the_texts() -> None:
    kinds = [reading.kind for reading in RulesReader().read(["Thanks!", "@tidewing where is my bag?", "lol"])]
    assert kinds == [Kind.OTHER, Kind.COMPLAINT, Kind.OTHER]


def test_a_text_of_a_megabyte_is_read() -> None:
    for text in (
        "@tidewing where is my bag? " * 40_000,
        "a" * 1_000_000,
        "no " * 400_000,
        "😡" * 300_000,
        ":(" * 500_000,
    ):
        assert set(read(text).confidence) == LABELS


words = st.sampled_from([
    "@tidewing", "not", "no", "bag", "lost", "thanks", "for", "nothing", "where", "is", "my", "?", "!!!",
    "soooo", "GREAT", "LOSING", "don’t", "😡", "https://example.com", "¿", "ß", "İ", "\ud800", "\x00",
    "\u202e", "'", ":(",
])  # fmt: skip
any_character = st.characters(codec=None, categories=None)
hostile = st.text(any_character) | st.lists(words).map(" ".join) | st.lists(words).map("".join)


@settings(max_examples=400, deadline=None)
@given(hostile)
def test_any_text_is_read_and_its_reasons_occur_in_it(text: str) -> None:
    reading = read(text)
    assert set(reading.confidence) == LABELS
    assert set(reading.reasons) == {*LABELS, "topics"}
    assert all(0.0 <= value <= 1.0 for value in reading.confidence.values())
    assert all(word and word in text for shown in reading.reasons.values() for word in shown)
    assert not (reading.thanks and reading.needs_answer)
    assert reading == read(text)
