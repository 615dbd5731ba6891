"""What there is to learn from: what people said of a brand's posts, and posts of which nobody said anything."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from django.db import connection as database

from hearout.people.models import Brand
from hearout.understanding.adaptation import CLASSES
from hearout.understanding.adapting import Judged

MOST_JUDGED, MOST_OTHERS = 2_000, 1_500
"""Posts a lesson looks at, the newest: it takes seconds, whatever was corrected in years."""
HELD_OUT = 3
"""Of so many posts one is kept out of the learning, always the same one."""

# The last word on each label counts. A text that was edited or deleted since is no longer what was judged.
_JUDGED = """
WITH newest AS (
    SELECT post_id FROM triage_correction WHERE brand_id = %s AND reader <> ''
    GROUP BY post_id ORDER BY max(id) DESC LIMIT %s
), said AS (
    SELECT DISTINCT ON (c.post_id, c.label) c.post_id, c.label, c.corrected_to, p.text,
           bool_or(c.sampled) OVER (PARTITION BY c.post_id, c.label) AS sampled
    FROM triage_correction c JOIN newest USING (post_id) JOIN listening_post p ON p.id = c.post_id
    WHERE c.brand_id = %s AND c.revision = p.revision AND p.deleted_at IS NULL AND c.label = ANY(%s)
    ORDER BY c.post_id, c.label, c.at DESC, c.id DESC
)
SELECT post_id, min(text), json_object_agg(label, corrected_to), bool_or(sampled)
FROM said GROUP BY post_id ORDER BY post_id
"""
_OTHERS = """
SELECT p.id, p.text FROM triage_verdict v
JOIN listening_post p ON p.id = v.post_id JOIN listening_mention m ON m.id = v.mention_id
WHERE v.brand_id = %s AND v.reader <> '' AND v.overruled_at IS NULL AND m.how <> 'ours'
  AND p.deleted_at IS NULL AND p.archive_id IS NULL
  AND NOT EXISTS (SELECT FROM triage_correction c WHERE c.post_id = v.post_id AND c.brand_id = v.brand_id)
ORDER BY v.id DESC LIMIT %s
"""


@dataclass(slots=True)
class Ground:
    """Posts in two parts each: to learn from, and to compare on."""

    judged: list[Judged]
    held_out: list[Judged]
    others: list[str]
    others_held_out: list[str]


def held_out(post_id: int) -> bool:
    """Whether the post is kept out of the learning: by its number alone, so that it stays out for ever."""
    return crc32(b"held out %d" % post_id) % HELD_OUT == 0


def ground_of(brand: Brand) -> Ground:
    """The newest posts people judged, and the newest that nobody did."""
    found = Ground([], [], [], [])
    with database.cursor() as cursor:
        cursor.execute(_JUDGED, [brand.pk, MOST_JUDGED, brand.pk, list(CLASSES)])
        for post_id, text, labels, sampled in cursor.fetchall():
            known = {label: said for label, said in labels.items() if said in CLASSES[label]}
            part = found.held_out if held_out(post_id) else found.judged
            part.append(Judged(text, known, sampled))
        cursor.execute(_OTHERS, [brand.pk, MOST_OTHERS])
        for post_id, text in cursor.fetchall():
            (found.others_held_out if held_out(post_id) else found.others).append(text)
    return found


def newest_fact(brand: Brand) -> tuple[int, int]:
    """The number of the newest fact, 0 without any, and on how many posts a label was corrected."""
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(max(id), 0),
                      count(DISTINCT post_id) FILTER (WHERE read_as <> corrected_to AND label = ANY(%s))
               FROM triage_correction WHERE brand_id = %s AND reader <> ''""",
            [list(CLASSES), brand.pk],
        )
        newest, corrected = cursor.fetchone() or (0, 0)
    return int(newest), int(corrected)
