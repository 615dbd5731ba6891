"""Responses of the X API v2, kept as JSON Lines: posts of the network `twitter`, like those of TWCS.

A line is a whole response (`data` with one or many tweets, `includes` with users and tweets), a line of a
stream (the same, with `matching_rules`), or one tweet, with `includes` or flattened, where `author` and the
tweets that it refers to stand inside of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.twcs import NETWORK, unescape
from hearout.channels.archive.values import Refused, told
from hearout.channels.base import ChannelError, IncomingAuthor, IncomingPost, Json
from hearout.channels.payload import MAX_NAME, MAX_TEXT, Fields, reject

REPOSTS = "reposts left out: they are nobody's own words"
ANSWERED = "posts told by `includes` only because another post answers them: their response rate says nothing"
TIME_OF_ID = "times taken from the ids of posts, because created_at was not asked for"
NO_HANDLE = "authors without a handle, because `includes` does not have them"

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
"""1288834974657 ms after 1970, from which ids of the kind "snowflake" count milliseconds above bit 22."""

_FIRST_SNOWFLAKE = 29_700_859_247
"""Ids before this one, of 4 November 2010, were counted up and hold no time."""

_NO_LANGUAGE = ("und", "zxx", "art")


def looks_like(value: Mapping[str, Json]) -> bool:
    data = value.get("data", value)
    one = data[0] if isinstance(data, list) and data else data
    if isinstance(one, dict) and "text" in one and "id" in one:
        return (
            ("data" in value and "event_type" not in one)
            or "author_id" in one
            or "edit_history_tweet_ids" in one
        )
    return isinstance(value.get("meta"), dict) and "result_count" in value["meta"]


def read_x(file: LineFile, warnings: Counter[str]) -> Iterator[IncomingPost | Rejected]:
    return told(file, Responses(warnings).posts)


class Responses:
    """Remembers which tweets `includes` told, for hundreds of answers may include the same one."""

    def __init__(self, warnings: Counter[str]) -> None:
        self._warnings = warnings
        self._included: set[str] = set()

    def posts(self, value: Json) -> Iterator[IncomingPost | Refused]:
        """The tweets of a response, then those of `includes` that they answer."""
        response = Fields(value, "The response")
        includes = _objects_by_kind(response.raw("includes"))
        users = {str(user.get("id")): user for user in includes.get("users", ())}
        tweets = _tweets(value)
        answered = {parent for tweet in tweets if (parent := _answered(tweet))}
        answered -= {str(tweet.get("id")) for tweet in tweets}
        for tweet in tweets:
            yield from self._told(tweet, users)
        inside = [
            one for tweet in tweets for one in _objects(tweet.get("referenced_tweets")) if "text" in one
        ]
        for tweet in [*includes.get("tweets", ()), *inside]:
            name = str(tweet.get("id"))
            if name in answered and name not in self._included:
                self._included.add(name)
                self._warnings[ANSWERED] += 1
                yield from self._told(tweet, users)

    def _told(self, tweet: Mapping[str, Json], users: Mapping[str, Json]) -> Iterator[IncomingPost | Refused]:
        if any(one.get("type") == "retweeted" for one in _objects(tweet.get("referenced_tweets"))):
            self._warnings[REPOSTS] += 1
            return
        try:
            yield self._post(tweet, users)
        except ChannelError as error:
            yield Refused(error.message, tweet)

    def _post(self, tweet: Mapping[str, Json], users: Mapping[str, Json]) -> IncomingPost:
        fields = Fields(tweet, "The tweet")
        if not isinstance(tweet.get("text"), str):
            reject("The tweet has no text, so it is none.")
        author = self._author(fields, users)
        language = fields.text("lang", most=35)
        return IncomingPost(
            network=NETWORK,
            external_id=fields.identifier("id"),
            posted_at=self._time(fields),
            author=author,
            text=unescape(_text(fields)),
            parent_id=_answered(tweet),
            language=None if language.startswith("q") or language in _NO_LANGUAGE else language or None,
            mentions=_mentions(tweet),
        )

    def _time(self, fields: Fields) -> datetime:
        if (moment := fields.optional_time("created_at")) is not None:
            return moment
        name = fields.identifier("id")
        if not (name.isascii() and name.isdigit() and _FIRST_SNOWFLAKE <= int(name[:20]) < 1 << 63):
            reject("The tweet has no created_at; ask the API for it with tweet.fields=created_at.")
        self._warnings[TIME_OF_ID] += 1
        return _EPOCH + timedelta(milliseconds=int(name[:20]) >> 22)

    def _author(self, fields: Fields, users: Mapping[str, Json]) -> IncomingAuthor:
        name = fields.optional_identifier("author_id")
        inside = fields.raw("author")
        if name is None and not isinstance(inside, dict):
            reject("The tweet has no author_id; ask the API for it with tweet.fields=author_id.")
        user = Fields(inside if isinstance(inside, dict) else users.get(name or "", {}), "The author")
        name = name or user.identifier("id")
        handle = user.optional_identifier("username")
        if handle is None:
            self._warnings[NO_HANDLE] += 1
        metrics = user.raw("public_metrics")
        followers = Fields(metrics, "The author's metrics") if isinstance(metrics, dict) else None
        return IncomingAuthor(
            external_id=name,
            handle=handle or name,
            name=user.text("name", most=MAX_NAME),
            followers=followers.optional_count("followers_count") if followers else None,
        )


def _tweets(value: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Raises ChannelError(permanent=True) for an object that is not a response, such as the API's errors."""
    if "data" in value:
        return _objects(value["data"]) if isinstance(value["data"], list) else _objects([value["data"]])
    if "text" in value and "id" in value:
        return [value]
    if isinstance(value.get("meta"), dict):
        return []  # a page with no result
    if "errors" in value or "title" in value:
        reject(f"The API answered with an error: {str(value.get('title') or value['errors'])[:200]}.")
    reject("The line is no response of the X API v2: it has neither data nor the text and id of a tweet.")


def _text(fields: Fields) -> str:
    """Of a long post `text` has the beginning only."""
    whole = fields.raw("note_tweet")
    if isinstance(whole, dict) and isinstance(whole.get("text"), str):
        return Fields(whole, "The tweet's note_tweet").text("text", most=MAX_TEXT)
    return fields.text("text", most=MAX_TEXT)


def _answered(tweet: Mapping[str, Json]) -> str | None:
    """The id of the tweet that this one answers."""
    for one in _objects(tweet.get("referenced_tweets")):
        if one.get("type") == "replied_to":
            return Fields(one, "The tweet's referenced_tweets").optional_identifier("id")
    return None


def _mentions(tweet: Mapping[str, Json]) -> tuple[str, ...] | None:
    entities = tweet.get("entities")
    if not isinstance(entities, dict):
        return None
    mentions = [Fields(one, "The tweet's mention") for one in _objects(entities.get("mentions"))]
    return tuple(one.identifier("username") for one in mentions[:1_000])


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _objects_by_kind(value: Json) -> dict[str, list[Mapping[str, Json]]]:
    return {kind: _objects(of_kind) for kind, of_kind in value.items()} if isinstance(value, dict) else {}
