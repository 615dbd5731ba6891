"""Loading an archive: its rows are stored as received, like anything a network tells, and then heard."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import connection as database
from django.db.models.functions import Now
from django.utils.timezone import now as present

from hearout.channels.archive.jsonl import dump_post, parse_post
from hearout.channels.archive.reading import Rejected, open_archive
from hearout.channels.base import Delivery, IncomingPost
from hearout.channels.payload import decode, encode
from hearout.lib.claiming import FAULT_LENGTH
from hearout.lib.clean import clean_text
from hearout.listening.archive_brands import mention_who_answered
from hearout.listening.hearing import hear
from hearout.listening.models import Archive, Post, Received
from hearout.listening.receiving import digest_of, store

BATCH = 1_000
KEPT_REJECTIONS = 1_000
CHANNEL = "archive"

Progress = Callable[[int, int, int], None]
"""Called with bytes read, bytes in all, and posts told so far."""


@dataclass(slots=True)
class ImportReport:
    """`posts` are new in the database, `duplicates` were there already or came twice in the file.

    `rejected` holds (line, reason) of the first 1,000 rows that are no posts; `rejected_count` counts all.
    `failed` posts could be read but not kept; they are dead letters with a cause. `warnings` counts, by
    sentence, what was read but should be known.
    """

    archive: Archive
    posts: int = 0
    duplicates: int = 0
    failed: int = 0
    rejected_count: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)


def import_archive(
    path: str | Path,
    *,
    format: str | None = None,
    mapping: str | Path | None = None,
    zone: str | None = None,
    name: str | None = None,
    replay: float | None = None,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], datetime] = present,
    sleep: Callable[[float], None] = time.sleep,
) -> ImportReport:
    """Store a file's posts and hear them; triage is the caller's to run. Nothing is doubled by a second import.

    With `replay`, posts arrive over time: the first is of now, and the gaps between them are those of
    the file divided by `replay`; the file must fit into memory. `stop` is asked now and then.
    `mapping` and `zone` are those of `open_archive`.
    Raises ChannelError for a file that cannot be read.
    """
    path = Path(path)
    with open_archive(path, format, mapping, zone=zone) as rows:
        report = ImportReport(_archive(path, name))
        before = _counts(report.archive)
        told = 0
        for batch in _batches(iter(rows)) if replay is None else [list(rows)]:
            posts = [row for row in batch if isinstance(row, Delivery)]
            _keep_rejected(report, [row for row in batch if isinstance(row, Rejected)])
            told += len(posts)
            if replay is None:
                _keep(report.archive, [post.body for post in posts])
            else:
                _replay(report.archive, posts, replay, stop, clock, sleep)
            if on_progress:
                on_progress(rows.position, rows.size, told)
            if stop():
                break
        report.warnings = dict(rows.warnings)
    _hear_all(report.archive)
    with database.cursor() as cursor:
        mention_who_answered(cursor, report.archive.pk)
    _write_down(report, before, told)
    return report


def _archive(path: Path, name: str | None) -> Archive:
    slug = re.sub(r"[^a-z0-9_-]+", "-", (name or path.name.partition(".")[0]).lower()).strip("-")[:120]
    archive, _ = Archive.objects.update_or_create(name=slug or "archive", defaults={"path": str(path)})
    return archive


def _batches(rows: Iterator[Delivery | Rejected]) -> Iterator[list[Delivery | Rejected]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _keep(archive: Archive, bodies: Sequence[bytes]) -> None:
    store(bodies, channel=CHANNEL, route=Received.Route.IMPORT, connection_id=None, archive_id=archive.pk)


def _keep_rejected(report: ImportReport, rejected: Sequence[Rejected]) -> None:
    """A row that is no post is a dead letter from the start, with its bytes."""
    report.rejected_count += len(rejected)
    room = KEPT_REJECTIONS - len(report.rejected)
    report.rejected += [(row.line, row.reason) for row in rejected[:room]]
    now = present()
    Received.objects.bulk_create(
        [
            Received(
                archive=report.archive,
                channel=CHANNEL,
                route=Received.Route.IMPORT,
                body=row.raw,
                digest=digest_of(row.raw, CHANNEL, None),
                due_at=None,
                dead_at=now,
                fault=clean_text(f"line {row.line}: {row.reason}", FAULT_LENGTH),
            )
            for row in rejected
        ],
        ignore_conflicts=True,
    )


def _replay(
    archive: Archive,
    deliveries: Sequence[Delivery],
    speed: float,
    stop: Callable[[], bool],
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> None:
    """Tell the posts in the order of their times, each when its shifted time has come, and hear them."""
    if speed <= 0:
        raise ValueError("the speed of a replay is a number above 0")
    posts = deque(
        sorted((parse_post(decode(one.body)) for one in deliveries), key=lambda post: post.posted_at)
    )
    if not posts:
        return
    first, start = posts[0].posted_at, clock()

    def shifted(moment: datetime) -> datetime:
        return start + (moment - first) / speed

    while posts and not stop():
        due: list[bytes] = []
        while posts and len(due) < BATCH and shifted(posts[0].posted_at) <= clock():
            due.append(encode(dump_post(_at_other_times(posts.popleft(), shifted))).body)
        if due:
            _keep(archive, due)
            hear(BATCH, clock())
        else:
            wait = (shifted(posts[0].posted_at) - clock()).total_seconds()
            sleep(min(max(wait, 0.01), 0.5))


def _at_other_times(post: IncomingPost, shifted: Callable[[datetime], datetime]) -> IncomingPost:
    return replace(
        post,
        posted_at=shifted(post.posted_at),
        edited_at=post.edited_at and shifted(post.edited_at),
        deleted_at=post.deleted_at and shifted(post.deleted_at),
    )


def _hear_all(archive: Archive) -> None:
    """Until nothing of the archive waits. A worker may be hearing too; then it is waited for."""
    waiting = Received.objects.filter(archive=archive, due_at__lte=Now())
    while hear(BATCH, present()) or waiting.exists():
        time.sleep(0.01)


def _counts(archive: Archive) -> tuple[int, int]:
    """Posts of the archive, and payloads of it that could not be heard (rejected rows were never tried)."""
    received = Received.objects.filter(archive=archive, dead_at__isnull=False, tries__gt=0)
    return Post.objects.filter(archive=archive).count(), received.count()


def _write_down(report: ImportReport, before: tuple[int, int], told: int) -> None:
    posts, failed = _counts(report.archive)
    report.posts, report.failed = posts - before[0], failed - before[1]
    report.duplicates = max(0, told - report.posts - report.failed)
    Archive.objects.filter(pk=report.archive.pk).update(
        posts=posts, duplicates=report.duplicates, rejected=report.rejected_count
    )
    report.archive.refresh_from_db()
