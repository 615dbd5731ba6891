"""The stage that hands out cases: round robin by free capacity, for teams that want it.

The most urgent case first, the oldest among equals; each to the present member of its team with the
most free capacity, and among equals to the one who was given a case longest ago.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hearout.journal.writing import note_many
from hearout.lib.doorbell import ring

HAND_OUT_LOCK = 7_240_915

# Only of teams for which a case waits: mostly there is none, and then nobody's cases need counting. LIMIT
# and order keep the planner to the index: else it reads every waiting case, or every version of every case.
PRESENT = """
WITH waiting AS MATERIALIZED (
    SELECT t.id FROM people_team t CROSS JOIN LATERAL (
        SELECT 1 FROM cases_case c
        WHERE c.team_id = t.id AND c.closure_id IS NULL AND c.assignee_id IS NULL AND c.snoozed_id IS NULL
        ORDER BY c.priority DESC, c.opened_at LIMIT 1) one
    WHERE round_robin
), at_work AS MATERIALIZED (
    SELECT assignee_id, brand_id, count(*) AS cases FROM cases_case
    WHERE assignee_id IS NOT NULL AND closure_id IS NULL AND snoozed_id IS NULL AND EXISTS (SELECT 1 FROM waiting)
    GROUP BY assignee_id, brand_id
)
SELECT t.id AS team, m.id, m.user_id, m.given_at, m.capacity - coalesce(w.cases, 0) AS free
FROM waiting t
JOIN people_membership_teams mt ON mt.team_id = t.id
JOIN people_membership m ON m.id = mt.membership_id
JOIN people_user u ON u.id = m.user_id
LEFT JOIN at_work w ON w.assignee_id = m.user_id AND w.brand_id = m.brand_id
WHERE m.away_since IS NULL AND u.is_active AND m.role <> 'analyst' AND m.capacity > coalesce(w.cases, 0)
"""
WAITING = """
SELECT id, brand_id, team_id FROM cases_case
WHERE team_id = ANY(%s::bigint[]) AND closure_id IS NULL AND assignee_id IS NULL AND snoozed_id IS NULL
ORDER BY priority DESC, opened_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
GIVE = """
UPDATE cases_case c SET assignee_id = t.given FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, given)
WHERE c.id = t.id
"""


@dataclass
class Member:
    """A present member. `given`: when one got a case last, as a number; a turn in this batch is later than any."""

    membership: int
    user: int
    given: float
    free: int
    turns: int = 0


@dataclass
class Teams:
    members: dict[int, Member] = field(default_factory=dict)
    of_team: dict[int, list[Member]] = field(default_factory=lambda: defaultdict(list))

    def next_in(self, team: int) -> Member | None:
        """Whose turn it is in the team; None when everybody has enough to do."""
        free = [member for member in self.of_team[team] if member.free > 0]
        return min(free, key=lambda one: (-one.free, one.turns, one.given, one.membership), default=None)


def hand_out(limit: int, now: datetime) -> int:
    """Give up to `limit` waiting cases to members who have room. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One at a time: two would both fill the same free places.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [HAND_OUT_LOCK])
        if not cursor.fetchall()[0][0]:
            return 0
        teams = _present(cursor)
        given = _turns(cursor, teams, limit) if teams.members else []
        if given:
            cursor.execute(GIVE, [[case for case, _, _ in given], [member.user for _, _, member in given]])
            members = list({member.membership for _, _, member in given})
            cursor.execute("UPDATE people_membership SET given_at = %s WHERE id = ANY(%s)", [now, members])
            cases = [(brand, case) for case, brand, _ in given]
            note_many("case.assigned", "case", cases, [{"to": member.user} for _, _, member in given])
            ring(cursor, {topic for case, brand, _ in given for topic in (f"brand:{brand}", f"case:{case}")})
    return len(given)


def _present(cursor: CursorWrapper) -> Teams:
    cursor.execute(PRESENT)
    teams = Teams()
    for team, membership, user, given_at, free in cursor.fetchall():
        given = given_at.timestamp() if given_at else 0.0
        member = teams.members.setdefault(membership, Member(membership, user, given, free))
        teams.of_team[team].append(member)
    return teams


def _turns(cursor: CursorWrapper, teams: Teams, limit: int) -> list[tuple[int, int, Member]]:
    """(case, brand, member) in the order of giving."""
    places = sum(member.free for member in teams.members.values())
    cursor.execute(WAITING, [list(teams.of_team), min(limit, places)])
    given = []
    for case, brand, team in cursor.fetchall():
        member = teams.next_in(team)
        if member:
            member.free -= 1
            member.turns += 1
            given.append((case, brand, member))
    return given
