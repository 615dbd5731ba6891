"""Every call of the network's API, over real HTTP."""

import unicodedata

import pytest

from simulator.conftest import Wire, client


def test_the_token_says_who_one_is(net: Wire) -> None:
    assert net.brand.get("/api/me").json()["handle"] == "tidewing"
    assert net.care.get("/api/me").json()["handle"] == "tidewingcare"


def test_a_wrong_token_is_refused_as_expired(net: Wire) -> None:
    answer = client(net.running.url, "nonsense").get("/api/feed")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_expired")


def test_a_new_token_kills_the_old_one(net: Wire) -> None:
    net.control.post("/control/token", json={"handle": "tidewing", "token": "fresh"})
    assert net.brand.get("/api/me").status_code == 401
    assert client(net.running.url, "fresh").get("/api/me").json()["handle"] == "tidewing"
    net.control.post("/control/token", json={"handle": "tidewing", "token": "tidewing-token"})
    assert net.brand.get("/api/me").status_code == 200


def test_the_feed_holds_what_concerns_the_account_oldest_first(net: Wire) -> None:
    net.brand.put("/api/search-words", json={"words": ["TideMiles"]})
    first = net.post("@tidewing my bag is gone")
    reply = net.reply(first, "Sorry!").json()
    told = [
        first,
        reply,
        net.post("it is still gone", in_reply_to=reply["id"]),
        net.post("nice page", author="priya_sky", page_of="tidewing"),
        net.post("in private", author="tom_on_tour", to="tidewing"),
        net.post("my tidemiles are gone"),
    ]
    net.post("what a nice day")
    net.post("in private to somebody else", author="tom_on_tour", to="mira_k")
    net.post("@tidewingcare only for care")
    assert [post["id"] for post in net.feed()["posts"]] == [post["id"] for post in told]


def test_a_post_has_the_documented_fields(net: Wire) -> None:
    post = net.post("@tidewing hello", created_at="2026-11-21T09:14:03.120Z", name="Mira K.", followers=212)
    told = net.feed()["posts"][0]
    assert told == post
    assert told["id"].isdigit()
    assert told["created_at"] == "2026-11-21T09:14:03.120Z"
    assert told["author"] == {
        "id": told["author"]["id"],
        "handle": "mira_k",
        "name": "Mira K.",
        "followers": 212,
    }
    assert (told["revision"], told["mentions"], told["visibility"]) == (0, ["tidewing"], "public")
    assert told["url"] == f"{net.running.url}/p/{told['id']}"
    for field in ("in_reply_to", "conversation_id", "page_of", "recipient", "edited_at", "deleted_at"):
        assert told[field] is None
    assert told["automatic"] is False
    assert told["language"] == "en"


def test_the_same_cursor_gives_the_same_posts(net: Wire) -> None:
    posts = [net.post(f"@tidewing {number}") for number in range(5)]
    page = net.feed(limit=2)
    assert [post["id"] for post in page["posts"]] == [post["id"] for post in posts[:2]]
    assert page["more"] is True
    again = net.feed(cursor=page["cursor"], limit=2)
    net.control.put(f"/control/posts/{posts[2]['id']}", json={"text": "@tidewing edited"})
    assert net.feed(cursor=page["cursor"], limit=2)["posts"] == again["posts"]
    last = net.feed(cursor=again["cursor"])
    assert [post["revision"] for post in last["posts"]] == [0, 1]
    assert net.feed(cursor=last["cursor"]) == {"posts": [], "cursor": last["cursor"], "more": False}


def test_a_foreign_cursor_is_a_bad_request(net: Wire) -> None:
    answer = net.brand.get("/api/feed", params={"cursor": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_edits_and_deletions_come_with_the_feed(net: Wire) -> None:
    post = net.post("@tidewing my bag")
    net.control.put(f"/control/posts/{post['id']}", json={"text": "my suitcase"})
    net.control.delete(f"/control/posts/{post['id']}")
    first, edited, deleted = net.feed()["posts"]
    assert [one["revision"] for one in (first, edited, deleted)] == [0, 1, 2]
    assert edited["text"] == "my suitcase"
    assert edited["edited_at"]
    assert not edited["deleted_at"]
    assert deleted["text"] == ""
    assert deleted["deleted_at"]
    assert net.brand.get(f"/api/posts/{post['id']}").status_code == 404


def test_search_words_take_in_what_was_written_before(net: Wire) -> None:
    early, _noise = net.post("Tidewing lost my bag"), net.post("spring tide tonight")
    assert net.feed()["posts"] == []
    assert net.brand.put("/api/search-words", json={"words": ["tidewing"]}).status_code == 200
    net.brand.put("/api/search-words", json={"words": ["tidewing", "tidemiles"]})
    assert [post["id"] for post in net.feed()["posts"]] == [early["id"]]


def test_one_post_and_its_whole_thread(net: Wire) -> None:
    first = net.post("@tidewing help")
    reply = net.reply(first, "What happened?").json()
    answer = net.post("no bag", in_reply_to=reply["id"])
    aside = net.post("same here", author="tom_on_tour", in_reply_to=first["id"])
    thread = net.brand.get(f"/api/posts/{answer['id']}/thread").json()["posts"]
    assert [post["id"] for post in thread] == [first["id"], reply["id"], answer["id"], aside["id"]]
    assert net.brand.get(f"/api/posts/{first['id']}").json() == first
    assert net.brand.get("/api/posts/1").json()["error"]["code"] == "not_found"
    assert "no bag" in net.control.get(f"/p/{answer['id']}").text


def test_a_private_message_is_for_two(net: Wire) -> None:
    asked = net.post("my code is K7QX2M", to="tidewing")
    sent = net.brand.post("/api/messages", json={"to": asked["author"]["id"], "text": "Thank you"})
    message = sent.json()
    assert (sent.status_code, message["visibility"]) == (201, "private")
    assert message["recipient"]["handle"] == "mira_k"
    assert message["conversation_id"] == asked["conversation_id"] is not None
    thread = net.brand.get(f"/api/posts/{asked['id']}/thread").json()["posts"]
    assert [post["id"] for post in thread] == [asked["id"], message["id"]]
    assert net.care.get(f"/api/posts/{asked['id']}").status_code == 404
    assert net.control.get(f"/p/{asked['id']}").status_code == 404
    refused = net.reply(asked, "in the open?")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_the_same_key_gives_the_same_post(net: Wire) -> None:
    post = net.post("@tidewing help")
    first, second = net.reply(post, "Sorry", key="k1"), net.reply(post, "Sorry", key="k1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(net.truth("accepted")) == 1
    assert net.reply(post, "Other words", key="k1").json()["error"]["code"] == "duplicate"
    assert net.reply(post, "Sorry").json()["id"] != first.json()["id"]


def test_like_repost_and_follow_may_be_repeated(net: Wire) -> None:
    post = net.post("@tidewing love you")
    for path, asked in (
        (f"/api/posts/{post['id']}/like", f"/api/posts/{post['id']}/liked"),
        (f"/api/posts/{post['id']}/repost", f"/api/posts/{post['id']}/reposted"),
        (f"/api/users/{post['author']['id']}/follow", f"/api/users/{post['author']['id']}/followed"),
    ):
        assert net.brand.get(asked).json() == {"value": False}
        assert [net.brand.post(path).json() for _ in range(2)] == [{"ok": True}] * 2
        assert net.brand.get(asked).json() == {"value": True}
        assert net.care.get(asked).json() == {"value": False}
    assert [len(net.truth(event)) for event in ("liked", "reposted", "followed")] == [1, 1, 1]


def test_own_posts_can_be_edited_and_deleted_others_not(net: Wire) -> None:
    post = net.post("@tidewing help")
    reply = net.reply(post, "Sory").json()
    edited = net.brand.patch(f"/api/posts/{reply['id']}", json={"text": "Sorry"}).json()
    assert (edited["revision"], edited["text"]) == (1, "Sorry")
    assert net.brand.patch(f"/api/posts/{post['id']}", json={"text": "x"}).status_code == 403
    assert net.brand.delete(f"/api/posts/{post['id']}").json()["error"]["code"] == "forbidden"
    assert net.brand.delete(f"/api/posts/{reply['id']}").json()["deleted_at"]


def test_own_posts_are_read_back_newest_first_with_their_keys(net: Wire) -> None:
    post = net.post("@tidewing help", created_at="2026-01-01T00:00:00Z")
    first, second = (
        net.reply(post, "One", key="k1").json(),
        net.brand.post("/api/posts", json={"text": "Two"}),
    )
    message = net.brand.post("/api/messages", json={"to": post["author"]["id"], "text": "Three"}).json()
    everything = net.brand.get("/api/own").json()["posts"]
    assert [one["id"] for one in everything] == [message["id"], second.json()["id"], first["id"]]
    assert [one["idempotency_key"] for one in everything] == [None, None, "k1"]
    for query, found in (
        ({"in_reply_to": post["id"]}, [first["id"]]),
        ({"to": post["author"]["id"]}, [message["id"]]),
        ({"since": second.json()["created_at"], "to": post["author"]["id"]}, [message["id"]]),
        ({"since": "2099-01-01T00:00:00Z"}, []),
    ):
        assert [one["id"] for one in net.brand.get("/api/own", params=query).json()["posts"]] == found


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x" * 500, True),
        ("x" * 501, False),
        (unicodedata.normalize("NFD", "é" * 500), True),
        ("x" * 476 + " https://example.com/" + "y" * 300, True),
        ("x" * 477 + " https://a.b", False),
        ("😀" * 500, True),
    ],
)
def test_length_counts_code_points_after_nfc_and_links_as_23(net: Wire, text: str, fits: bool) -> None:
    answer = net.brand.post("/api/posts", json={"text": text})
    assert answer.status_code == (201 if fits else 422)
    assert fits or answer.json()["error"]["code"] == "too_long"


def test_too_many_calls_are_refused_with_the_time_to_wait(net: Wire) -> None:
    net.control.put("/control/limits", json={"calls": 2, "seconds": 60})
    answers = [net.brand.get("/api/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert all(answer.headers["X-RateLimit-Limit"] == "2" for answer in answers)
    assert answers[2].json()["error"]["code"] == "rate_limited"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert net.care.get("/api/me").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"text": 3}', b'{"text": " "}', b"[" * 100_000, b'{"text": "x", "key": 3}']
)
def test_nonsense_is_a_bad_request(net: Wire, body: bytes) -> None:
    answer = net.brand.post("/api/posts", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_hostile_text_is_carried_as_it_is(net: Wire) -> None:
    body = b'{"author": "mira_k", "text": "@tidewing \\u0000 \\ud800 \\u202e", "raw": {"language": 7}}'
    assert net.control.post("/control/posts", content=body).status_code == 201
    answer = net.brand.get("/api/feed")
    assert b"\\u0000 \\ud800 \\u202e" in answer.content
    assert answer.json()["posts"][0]["language"] == 7
    assert net.summary()["posts"] == 1


def test_what_is_not_there_is_not_found(net: Wire) -> None:
    for method, path in (("GET", "/api/nothing"), ("PUT", "/api/me"), ("POST", "/api/users/u_9/follow")):
        answer = net.brand.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_customer_with_a_token_writes_hears_and_learns_who_follows_them(net: Wire) -> None:
    made = net.control.post("/control/accounts", json={"handle": "jo_travels", "token": "jo-token"}).json()
    assert made["brand"] is False
    jo, brand = client(net.running.url, "jo-token"), net.brand.get("/api/me").json()["id"]
    post = jo.post("/api/posts", json={"text": "Where do I check in?", "page_of": brand, "key": "k1"}).json()
    again = jo.post("/api/posts", json={"text": "Where do I check in?", "page_of": brand, "key": "k1"}).json()
    assert (post["page_of"], again["id"]) == (brand, post["id"])
    assert net.feed()["posts"] == [post]
    answer = net.reply(post, "At gate 4.").json()
    assert [one["id"] for one in jo.get("/api/feed").json()["posts"]] == [post["id"], answer["id"]]
    assert net.summary()["unanswered"] == []
    asked = f"/api/users/{brand}/follows"
    assert jo.get(asked).json() == {"value": False}
    net.brand.post(f"/api/users/{made['id']}/follow")
    assert jo.get(asked).json() == {"value": True}
    assert net.brand.get(f"/api/users/{made['id']}/follows").json() == {"value": False}


def test_a_post_on_the_page_of_nobody_is_refused(net: Wire) -> None:
    answer = net.brand.post("/api/posts", json={"text": "Hello", "page_of": "u_none"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
