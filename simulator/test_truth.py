"""The truth log decides who was answered, who was forgotten, and who was answered twice."""

from simulator.conftest import Wire


def test_a_truth_line_has_the_documented_fields(net: Wire) -> None:
    post = net.post("@tidewing help", kind="question", wants_answer=True, persona="patient")
    line = net.truth("posted")[0]
    expected = {
        "event": "posted",
        "at": post["created_at"],
        "id": post["id"],
        "author": "mira_k",
        "brand": False,
        "text": "@tidewing help",
        "in_reply_to": None,
        "persona": "patient",
        "kind": "question",
        "concerns_brand": True,
        "wants_answer": True,
        "key": None,
        "fault": None,
        "feeds": ["tidewing"],
    }
    assert line == expected


def test_a_post_that_wants_an_answer_is_unanswered_until_it_has_one(net: Wire) -> None:
    post = net.post("@tidewing help")
    net.post("what a day")
    assert net.summary()["unanswered"] == [post["id"]]
    net.reply(post, "Sorry")
    summary = net.summary()
    assert (summary["unanswered"], summary["wants_answer"], summary["answered_twice"]) == ([], 1, [])


def test_one_answer_serves_a_burst_and_a_private_answer_serves_too(net: Wire) -> None:
    first = net.post("@tidewing help")
    second = net.post("@tidewing hello?", in_reply_to=first["id"])
    other = net.post("@tidewing me too", author="tom_on_tour")
    net.reply(second, "Sorry")
    net.brand.post("/api/messages", json={"to": other["author"]["id"], "text": "Here"})
    assert net.summary()["unanswered"] == []


def test_a_second_answer_before_the_author_spoke_again_is_a_double(net: Wire) -> None:
    post = net.post("@tidewing help")
    first, second = net.reply(post, "Sorry").json(), net.reply(post, "We are on it").json()
    assert net.summary()["answered_twice"] == [
        {
            "id": post["id"],
            "author": "mira_k",
            "by": "tidewing",
            "replies": [first["id"], second["id"]],
            "reason": "before the author spoke again",
        }
    ]


def test_a_second_answer_after_the_author_spoke_is_none(net: Wire) -> None:
    post = net.post("@tidewing help")
    reply = net.reply(post, "Sorry").json()
    net.post("and now?", in_reply_to=reply["id"])
    net.reply(post, "We are on it")
    assert net.summary()["answered_twice"] == []


def test_the_same_text_is_a_double_even_after_the_author_spoke(net: Wire) -> None:
    post = net.post("@tidewing help")
    reply = net.reply(post, "Sorry").json()
    net.post("and now?", in_reply_to=reply["id"])
    net.reply(post, "Sorry")
    assert [line["reason"] for line in net.summary()["answered_twice"]] == ["same text"]


def test_a_corrected_answer_and_an_automatic_one_are_no_doubles(net: Wire) -> None:
    post = net.post("@tidewing help")
    net.brand.post("/api/posts", json={"text": "Noted", "in_reply_to": post["id"], "automatic": True})
    wrong = net.reply(post, "Sory").json()
    net.brand.delete(f"/api/posts/{wrong['id']}")
    net.reply(post, "Sorry")
    assert net.summary()["answered_twice"] == []


def test_a_private_answer_sent_twice_is_a_double(net: Wire) -> None:
    asked = net.post("where is my bag", to="tidewing")
    for text in ("On its way", "It is on its way"):
        net.brand.post("/api/messages", json={"to": asked["author"]["id"], "text": text})
    assert [line["id"] for line in net.summary()["answered_twice"]] == [asked["id"]]


def test_every_private_message_of_a_burst_may_have_its_answer(net: Wire) -> None:
    author = net.post("where is my bag", to="tidewing")["author"]["id"]
    second = net.post("the green one", to="tidewing")
    for text in ("On its way", "The green one, yes"):
        net.brand.post("/api/messages", json={"to": author, "text": text})
    assert net.summary()["answered_twice"] == []
    net.brand.post("/api/messages", json={"to": author, "text": "Green, as I said"})
    assert [line["id"] for line in net.summary()["answered_twice"]] == [second["id"]]


def test_a_brand_may_begin_in_private_with_several_messages_but_not_the_same_twice(net: Wire) -> None:
    author = net.post("@tidewing help")["author"]["id"]
    for text in ("Hello", "May I have your booking?"):
        net.brand.post("/api/messages", json={"to": author, "text": text})
    assert net.summary()["answered_twice"] == []
    net.brand.post("/api/messages", json={"to": author, "text": "Hello"})
    assert [line["reason"] for line in net.summary()["answered_twice"]] == ["same text"]


def test_answers_of_two_brand_accounts_are_told_apart(net: Wire) -> None:
    post = net.post("@tidewing @tidewingcare help")
    net.reply(post, "Sorry")
    net.care.post("/api/posts", json={"text": "Sorry too", "in_reply_to": post["id"]})
    summary = net.summary()
    assert summary["answered_twice"] == []
    assert summary["answered_by_several"] == [{"id": post["id"], "by": ["tidewing", "tidewingcare"]}]
