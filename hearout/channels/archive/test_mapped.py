"""Tables of any make, whose columns are guessed from usual names or told by a mapping."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as arrow
import pytest
from pyarrow import parquet

from hearout.channels.archive.cells import ROUNDED
from hearout.channels.archive.conftest import Reader, read_both_ways
from hearout.channels.archive.mapped import NO_PARENTS
from hearout.channels.archive.mapping import ColumnMapping, read_mapping
from hearout.channels.archive.times import NO_ZONE
from hearout.channels.base import ChannelError, IncomingAuthor, IncomingPost, Visibility

README = Path(__file__).parent / "README.md"
SHEET = """\
Post ID;Answers;Who;Says;When;Ours
7361910284710105088;;mira_k;my bag has been gone;21.11.2026 10:14;Nein
7361910284710105089;7361910284710105088;tidewingcare;Hello Mira!;21.11.2026 10:20;Ja
"""
MAPPING = """\
network = "facebook"
zone = "Europe/Oslo"
time_format = "%d.%m.%Y %H:%M"

[columns]
id = "Post ID"
parent = "Answers"
handle = "Who"
text = "Says"
time = "When"
by_brand = "Ours"
"""


def mapped(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_says_what_the_columns_hold(read: Reader, tmp_path: Path) -> None:
    told = read(SHEET, mapping=mapped(tmp_path))
    complaint, answer = told.posts
    assert (told.format, told.rejected, told.warnings) == ("csv", [], {})
    assert complaint == IncomingPost(
        network="facebook",
        external_id="7361910284710105088",
        posted_at=datetime(2026, 11, 21, 9, 14, tzinfo=UTC),
        author=IncomingAuthor("mira_k", "mira_k"),
        text="my bag has been gone",
        by_brand=False,
    )
    assert (answer.parent_id, answer.by_brand) == (complaint.external_id, True)
    assert read(SHEET, "csv", mapped(tmp_path)).posts == told.posts


def test_the_readmes_mapping_reads_the_readmes_table(read: Reader, tmp_path: Path) -> None:
    _, _, rest = README.read_text(encoding="utf-8").partition("```toml\n")
    example, _, rest = rest.partition("```")
    _, _, rest = rest.partition("```csv\n")
    told = read(rest.partition("```")[0], mapping=mapped(tmp_path, example))
    assert (len(told.posts), told.rejected) == (2, [])
    assert [post.by_brand for post in told.posts] == [False, True]
    assert told.posts[0].text == "@tidewing my bag & I are apart"
    assert told.posts[1].parent_id == told.posts[0].external_id


def test_usual_names_need_no_mapping(read: Reader) -> None:
    told = read(
        "id,In Reply To Status ID,screen_name,Full-Text,created_at,lang,tweet url\n"
        "20,,@mira_k,my bag,2026-11-21 09:14:03+00:00,en,\n"
        "21,20,tidewing,Hello!,Sat Nov 21 09:20:00 +0000 2026,en,\n"
    )
    question, answer = told.posts
    assert (told.format, told.rejected, told.warnings) == ("csv", [], {})
    assert question.author == IncomingAuthor("mira_k", "mira_k")
    assert (answer.parent_id, answer.network, answer.by_brand) == ("20", "twitter", None)


def test_hearouts_own_sheet_is_read_back(read: Reader) -> None:
    told = read(
        "network,external_id,posted_at,author_id,author_handle,author_name,by_brand,visibility,parent_id,text,"
        "language,url,automatic,edited_at,deleted_at\n"
        "simulator,42,2026-11-21T09:14:03.120000+00:00,u_103,mira_k,Mira K.,no,public,,'@tidewing my bag,en,,no,,\n"
        "simulator,43,2026-11-21T09:20:00+00:00,u_100,tidewing,,yes,private,42,Hello,,https://a.example/,yes,"
        "2026-11-21T09:21:00+00:00,2026-11-21T09:22:00+00:00\n"
    )
    assert (told.rejected, told.warnings) == ([], {})
    question, answer = told.posts
    assert question.author == IncomingAuthor("u_103", "mira_k", "Mira K.")
    assert (question.network, question.text, question.by_brand) == ("simulator", "@tidewing my bag", False)
    assert (answer.visibility, answer.automatic, answer.by_brand) == (Visibility.PRIVATE, True, True)
    assert (answer.edited_at, answer.deleted_at) == (
        datetime(2026, 11, 21, 9, 21, tzinfo=UTC),
        datetime(2026, 11, 21, 9, 22, tzinfo=UTC),
    )


def test_columns_that_cannot_be_guessed_are_asked_for_with_a_mapping_to_fill_in(
    read: Reader, tmp_path: Path
) -> None:
    with pytest.raises(ChannelError, match="which column holds id and author or handle") as caught:
        read("Nummer,Body,Created,Who\n7,hello,2026-11-21T09:14:03Z,mira_k\n")
    message = caught.value.message
    assert "'Nummer', 'Body', 'Created', 'Who'" in message
    template = message[message.index("network =") :]
    assert '\ntext = "Body"\ntime = "Created"\n' in template
    filled = template.replace('# id = "..."', 'id = "Nummer"').replace('# handle = "..."', 'handle = "Who"')
    (post,) = read(
        "Nummer,Body,Created,Who\n7,hello,2026-11-21T09:14:03Z,mira_k\n", mapping=mapped(tmp_path, filled)
    ).posts
    assert (post.external_id, post.text) == ("7", "hello")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns = 7", r"columns is a table"),
        ("[columns]\nidd = 'x'", r"no field in \[columns\] called 'idd'. Did you mean id\?"),
        ("netwrok = 'x'", r"no setting called 'netwrok'. Did you mean network\?"),
        ("network = 7", "network is 7; it must be text in quotes"),
        ("[columns]\nid = 7", "id is 7; it must be text in quotes"),
        ("delimiter = ';;'", "must be one character"),
        ("brand_values = 'yes'", "it must be a list"),
        ("zone = 'Mars/Olympus'", "no time zone 'Mars/Olympus'"),
        ("encoding = 'klingon'", "no encoding 'klingon'"),
        ("[columns]\nid = 'Post-ID'", "column 'Post-ID', which is not there. Did you mean 'Post ID'?"),
        ("[columns]\nid = 'Post ID'", "which column holds text, time and author or handle"),
        ("network =", "is not TOML"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_what_to_write(
    read: Reader, tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(ChannelError, match=reason) as caught:
        read(SHEET, mapping=mapped(tmp_path, text))
    assert caught.value.permanent


def test_a_missing_mapping_is_said(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=r"nowhere\.toml cannot be read"):
        read_mapping(tmp_path / "nowhere.toml")


def test_brands_may_be_marked_by_any_word(read: Reader) -> None:
    table = (
        "id,author_id,text,time,kind\n1,u,a,2026-11-21T09:14:03Z,Agent \n2,v,b,2026-11-21T09:14:03Z,guest\n"
    )
    columns = {"id": "id", "author": "author_id", "text": "text", "time": "time", "by_brand": "kind"}
    marked = ColumnMapping(columns=columns, brand_values=("agent", "bot"))
    assert [post.by_brand for post in read(table, mapping=marked).posts] == [True, False]
    reversed_mark = {
        "by_customer": "kind",
        **{name: columns[name] for name in ("id", "author", "text", "time")},
    }
    table = table.replace("Agent ", "FALSE").replace("guest", "1")
    assert [post.by_brand for post in read(table, mapping=ColumnMapping(columns=reversed_mark)).posts] == [
        True,
        False,
    ]


def test_a_table_without_parents_is_warned_of(read: Reader) -> None:
    assert read("id,user,text,time\n1,u,a,2026-11-21T09:14:03Z\n").warnings == {NO_PARENTS: 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1.2E+17,,u,a,2026-11-21T09:14:03Z", "id is '1.2E+17', rounded, perhaps by a spreadsheet"),
        ('1,"1,2E+17",u,a,2026-11-21T09:14:03Z', "parent_id is '1,2E+17', rounded"),
        ("123456789012345680.0,,u,a,2026-11-21T09:14:03Z", "kept as a floating-point number"),
        (",,u,a,2026-11-21T09:14:03Z", "id is empty"),
        ("1,,,a,2026-11-21T09:14:03Z", "The row has no author"),
        ("1,,u,a,", "time is empty"),
        ("1,,u,a,21/11/2026 09:14", "not a time that can be read without doubt"),
        ("1,,u,a,46347.38", "not a time that can be read without doubt"),
        ("1,,u,a,1969-12-31T00:00:00Z", "not in the years 1970 to 2199"),
        ("1,,u,a", "The row has 4 of 5 columns: it is torn"),
        ("1,,u,a,b,2026-11-21T09:14:03Z", "split by a stray delimiter"),
        ("1,,u,a\0b,2026-11-21T09:14:03Z", "contains a NUL character"),
        ("1,,u," + "x" * 100_001 + ",2026-11-21T09:14:03Z", "100,001 characters"),
        ("i" * 600 + ",,u,a,2026-11-21T09:14:03Z", "id has 600 characters"),
    ],
)
def test_a_row_that_is_wrong_is_rejected_with_the_cause(read: Reader, row: str, reason: str) -> None:
    good = "77,1.0,u,a,2026-11-21T09:14:03Z\n"
    told = read("id,parent_id,user,text,time\n" + row + "\n" + good * 2)
    assert [post.parent_id for post in told.posts] == ["1", "1"]
    ((line, cause),) = told.reasons
    assert line == 2
    assert reason in cause


def test_ids_that_a_spreadsheet_rounded_without_a_trace_are_warned_of(read: Reader) -> None:
    head, row = "id,parent_id,user,text,time\n", ",,u,a,2026-11-21T09:14:03Z\n"
    rounded = "".join(f"73619102847{number:04}120{row}" for number in range(9))
    assert read(head + rounded).warnings == {}
    rounded = "".join(f"73619102847{number:04}0000{row}" for number in range(9))
    assert read(head + rounded).warnings == {ROUNDED: 9}
    whole = "".join(f"736191028471{number:05}{row}" for number in range(0, 2_000, 7))
    assert read(head + whole).warnings == {}


@pytest.mark.parametrize(
    ("zone", "hour", "warnings"),
    [(None, 9, {NO_ZONE: 1}), ("UTC", 9, {}), ("Europe/Oslo", 8, {}), ("America/New_York", 14, {})],
)
def test_times_without_a_zone_are_utc_with_a_warning_or_of_the_zone_named(
    read: Reader, zone: str | None, hour: int, warnings: dict[str, int]
) -> None:
    told = read("id,parent_id,user,text,time\n1,,u,a,2026-11-21 09:14\n", zone=zone)
    assert told.posts[0].posted_at == datetime(2026, 11, 21, hour, 14, tzinfo=UTC)
    assert told.warnings == warnings


def test_a_zone_that_is_none_is_refused(read: Reader) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", "\0", ""):
        if zone:
            with pytest.raises(ChannelError, match="no time zone"):
                read("id,parent_id,user,text,time\n", zone=zone)


def parquet_file(folder: Path, table: dict[str, arrow.Array]) -> Path:
    path = folder / "posts.parquet"
    parquet.write_table(arrow.table(table), path, row_group_size=2)
    return path


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    moments = [datetime(2026, 11, 21, 9, 14, 3, tzinfo=UTC), datetime(2026, 11, 21, 9, 20, tzinfo=UTC), None]
    path = parquet_file(
        tmp_path,
        {
            "tweet_id": arrow.array([2**62, 2**62 + 1, 3], arrow.int64()),
            "parent_id": arrow.array([None, 2.0**60, 1.0]),
            "author_id": arrow.array(["u_103", "u_100", "u_1"]).dictionary_encode(),
            "text": arrow.array(["my bag", "Hello", None]),
            "created_at": arrow.array(moments, arrow.timestamp("ns", "UTC")),
            "by_brand": arrow.array([False, True, None]),
            "mentions": arrow.array([["@tidewing", "b"], [], None]),
            "noise": arrow.array([b"\xff", None, None]),
        },
    )
    told = read_both_ways(path)
    (post,) = told.posts
    assert told.format == "parquet"
    assert (post.external_id, post.parent_id, post.by_brand) == (str(2**62), None, False)
    assert (post.posted_at, post.mentions) == (moments[0], ("tidewing", "b"))
    assert told.reasons == [
        (2, "parent_id is '1.152921504606847e+18', rounded, perhaps by a spreadsheet: its digits are lost."),
        (3, "created_at is empty."),
    ]


def test_parquet_times_without_a_zone_and_days_are_warned_of(tmp_path: Path) -> None:
    columns = {
        "id": arrow.array(["1"]),
        "parent": arrow.array([None]),
        "user": arrow.array(["u"]),
        "text": arrow.array(["a"]),
    }
    path = parquet_file(tmp_path, columns | {"time": arrow.array([datetime(2026, 7, 21, 9)])})
    assert read_both_ways(path, zone="Europe/Oslo").posts[0].posted_at == datetime(2026, 7, 21, 7, tzinfo=UTC)
    assert read_both_ways(path).warnings == {NO_ZONE: 1}
    path = parquet_file(tmp_path, columns | {"time": arrow.array([date(2026, 7, 21)])})
    assert read_both_ways(path).warnings == {
        NO_ZONE: 1,
        "times without an hour: waits are known to the day only": 1,
    }


def test_nanoseconds_of_parquet_are_cut(tmp_path: Path) -> None:
    columns = {name: arrow.array(["1"]) for name in ("id", "parent_id", "user", "text")}
    nanoseconds = arrow.array([1_795_252_443_000_001_999], arrow.timestamp("ns", "UTC"))
    (post,) = read_both_ways(parquet_file(tmp_path, columns | {"time": nanoseconds})).posts
    assert type(post.posted_at) is datetime
    assert post.posted_at == datetime(2026, 11, 21, 9, 14, 3, 1, tzinfo=UTC)


def test_a_parquet_file_that_is_torn_is_refused(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, {"id": arrow.array(["1"])})
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ChannelError, match="no Parquet file that can be read"):
        read_both_ways(path)
