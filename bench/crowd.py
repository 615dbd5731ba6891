"""A desk with a past: any number of cases, written set-based, spread as in life.

One case in five is open; of the open ones six in ten have an owner and one in twenty is put aside.
Every case has three posts, two clocks, verdicts, a journal, most a reply of ours. A tenth belongs to
another brand, which the agent of the bench must not see.
"""

from __future__ import annotations

from typing import Any

import psycopg
from ground import FURTHER, WANTED

TABLES = "customers_customer, customers_author, listening_post, cases_case, journal_entry"

FIRST = "Mira Tom Priya Lena Otis Ines Jonas Aiko Carla Dario Elif Femke Goran Hanna Ivo Julia"
LAST = "Keller Ortega Shah Lind Brandt Costa Moreau Tanaka Rossi Novak Demir Visser Babic Olsen Silva Weber"

PLAN = """
CREATE UNLOGGED TABLE crowd AS
SELECT i, i <= %(cases)s::int / 5 AS is_open,
       CASE WHEN mod(i, 10) = 3 THEN %(other)s ELSE %(brand)s END::bigint AS brand,
       CASE WHEN i <= %(cases)s::int / 5 THEN i
            ELSE 1 + mod(i * 7919::bigint, greatest(%(cases)s::int * 3 / 5, 1)) END AS customer,
       (ARRAY['complaint','complaint','complaint','complaint','complaint','question','question','question','praise',
              'other'])[1 + mod(i * 13, 10)] AS kind,
       (ARRAY[1,1,1,2,1,0,1,3,1,1])[1 + mod(i * 17, 10)] AS priority,
       (%(users)s::bigint[])[1 + mod(i * 31, cardinality(%(users)s::bigint[]))] AS agent,
       mod(i, 10) < 6 AND mod(i, 10) <> 3 AS owned, mod(i, 20) = 7 AND i <= %(cases)s::int / 5 AS put_aside,
       NOT (i <= %(cases)s::int / 5 AND mod(i, 2) = 0) AS answered,
       now() - CASE WHEN i <= %(cases)s::int / 5 THEN interval '3 days' * i / (%(cases)s::int / 5)
                    ELSE interval '3 days' + interval '700 days' * i / %(cases)s::int END AS opened_at
FROM generate_series(1, %(cases)s::int) i
"""
STATEMENTS = (
    """INSERT INTO customers_customer (id, name, note, created_at)
       SELECT c, (%(first)s::text[])[1 + mod(c, 16)] || ' ' || (%(last)s::text[])[1 + mod(c / 16, 16)] || ' ' || c, '',
              now()
       FROM (SELECT DISTINCT customer AS c FROM crowd) t""",
    """INSERT INTO customers_author (id, network, external_id, handle, name, followers, customer_id, first_seen_at)
       SELECT id, 'simulator', 'u' || id, 'customer_' || id, name, mod(id, 5000), id, created_at
       FROM customers_customer""",
    """INSERT INTO customers_author (id, network, external_id, handle, name, first_seen_at)
       VALUES (900000001, 'simulator', 'u_tidewing', 'tidewing', 'Tidewing', now()),
              (900000002, 'simulator', 'u_orchard', 'orchard', 'Orchard', now())""",
    # posts 3i-2: the opening; 3i-1: ours, or the customer again; 3i: the customer again
    """INSERT INTO listening_post (id, network, external_id, author_id, handle_id, parent_external_id,
           parent_id, root_id, conversation_id, private, text, language, url, automatic, revision, posted_at,
           received_at)
       SELECT 3 * i - 2 + k, 'simulator', 'p' || 3 * i - 2 + k, CASE WHEN ours THEN 900000001 ELSE customer END,
              CASE WHEN ours THEN %(handle)s::bigint END,
              CASE WHEN k = 0 THEN '' ELSE 'p' || 3 * i - 2 END, CASE WHEN k = 0 THEN NULL ELSE 3 * i - 2 END,
              3 * i - 2, '', false,
              CASE WHEN ours THEN '@customer_' || customer || ' sorry about this! Could you send us your booking code?'
                   ELSE '@tidewing ' || replace((CASE WHEN k = 0 THEN %(wanted)s::text[] ELSE %(further)s::text[] END)
                       [1 + mod(i * 7 + k, CASE WHEN k = 0 THEN cardinality(%(wanted)s::text[])
                                                 ELSE cardinality(%(further)s::text[]) END)],
                       '{n}', mod(i, 9000)::text) END,
              'en', 'https://network.example/p/' || i, false, 0, opened_at + k * interval '7 minutes',
              opened_at + k * interval '7 minutes'
       FROM (SELECT *, k = 1 AND answered AS ours FROM crowd CROSS JOIN generate_series(0, 2) k) t""",
    """INSERT INTO listening_mention (id, post_id, brand_id, handle_id, how, own_page, words, due_at, tries, fault)
       SELECT p.id, p.id, brand, %(handle)s::bigint, CASE WHEN p.handle_id IS NULL THEN 'direct' ELSE 'ours' END, false,
              '["@tidewing"]', NULL, 0, ''
       FROM listening_post p JOIN crowd ON i = (p.id + 2) / 3""",
    """INSERT INTO triage_verdict (id, mention_id, post_id, brand_id, kind, sentiment, emotion, urgency, language,
           thanks, confidence, reasons, weights, abstained, topics, reader, needs_answer, team_id, priority,
           set_aside, because, revision, decided_at, due_at, tries, fault)
       SELECT m.id, m.id, m.post_id, m.brand_id, kind, 'negative', 'anger', 'normal', 'en', false,
              '{"kind": 0.8, "needs_answer": 0.9}', '{"kind": ["bag"]}', '{}', '[]', '[]', 'rules-1', how <> 'ours',
              %(team)s::bigint, priority, CASE WHEN how = 'ours' THEN 'our own post' ELSE '' END, 'the reading', 0,
              now(), NULL, 0, ''
       FROM listening_mention m JOIN crowd ON i = (m.id + 2) / 3""",
    """INSERT INTO cases_case (id, brand_id, customer_id, opening_id, network, kind, how, subject, team_id, assignee_id,
           priority, opened_at, last_post_at, waiting_since, answered_at, thread_version, clocks_due_at,
           closure_id, snoozed_id)
       SELECT i, brand, customer, 3 * i - 2, 'simulator', kind, 'direct', 'where is my bag?', %(team)s::bigint,
              CASE WHEN owned OR NOT is_open THEN agent END, priority, opened_at, opened_at + interval '14 minutes',
              CASE WHEN is_open THEN opened_at + CASE WHEN answered THEN interval '14 minutes' ELSE interval '0'
                   END END,
              CASE WHEN answered THEN opened_at + interval '7 minutes' END, 3, NULL,
              CASE WHEN NOT is_open THEN i END, CASE WHEN put_aside THEN i END
       FROM crowd""",
    """INSERT INTO cases_casepost (id, case_id, post_id, brand_id, posted_at, ours, automatic, wants_answer, revision,
           deleted, version)
       SELECT p.id, i, p.id, brand, posted_at, p.handle_id IS NOT NULL, false, p.handle_id IS NULL, 0, false,
              mod(p.id + 2, 3) + 1
       FROM listening_post p JOIN crowd ON i = (p.id + 2) / 3""",
    """INSERT INTO cases_closure (id, case_id, reason, by_id, at)
       SELECT i, i, 'solved', agent, opened_at + interval '3 hours' FROM crowd WHERE NOT is_open""",
    """INSERT INTO cases_snooze (id, case_id, until, by_id, at)
       SELECT i, i, now() + interval '1 day', agent, now() FROM crowd WHERE put_aside""",
    """INSERT INTO clocks_clock (case_id, brand_id, standard_id, measure, started_at, due_at, at_risk_at, stopped_at,
           customer_seconds, staffed_seconds)
       SELECT i, brand, s.id, s.measure, opened_at, opened_at + s.target_seconds * interval '1 second',
              CASE WHEN is_open THEN opened_at + s.target_seconds * interval '0.75 second' END,
              CASE WHEN NOT is_open OR (s.measure = 'first_response' AND answered)
                   THEN opened_at + interval '7 minutes' END,
              420, 420
       FROM crowd CROSS JOIN clocks_standard s
       WHERE s.kind = '' AND s.measure IN ('first_response', 'resolution')""",
    """INSERT INTO journal_entry (brand_id, at, actor_id, verb, noun, noun_id, facts)
       SELECT brand, opened_at, CASE WHEN verb <> 'case.opened' THEN agent END, verb, 'case', i, '{}'
       FROM crowd CROSS JOIN unnest(ARRAY['case.opened', 'case.claimed', 'case.closed']) verb
       WHERE verb = 'case.opened' OR NOT is_open OR (owned AND verb = 'case.claimed')""",
    """INSERT INTO replies_reply (case_id, brand_id, handle_id, act, target_id, recipient_id, text, by_id, key,
           thread_version, drafted_at, queued_at, sending_at, sent_at, seen_at, cause, external_id, url, tries)
       SELECT i, brand, %(handle)s::bigint, 'public_reply', 3 * i - 2, customer, 'sorry about this!', agent,
              gen_random_uuid(), 1, opened_at, opened_at, opened_at, opened_at, opened_at, '', 'p' || 3 * i - 1, '', 1
       FROM crowd WHERE answered""",
    """INSERT INTO cases_note (case_id, by_id, at, text)
       SELECT i, agent, opened_at, 'called the airport, bag is in Porto' FROM crowd WHERE mod(i, 10) = 1""",
)


def fill(url: str, cases: int, connection_id: int) -> None:
    """Empty the desk and write so many cases. Statistics are fresh afterwards, as autovacuum would leave them."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("SET synchronous_commit = off")  # the filling is not what is measured
        database.execute("DROP TABLE IF EXISTS crowd")
        database.execute(f"TRUNCATE {TABLES} CASCADE")
        facts = _facts(database, connection_id)
        database.execute(PLAN, facts | {"cases": cases})
        database.execute("CREATE INDEX ON crowd (i)")
        database.execute("ANALYZE crowd")
        with database.transaction():  # a case and its closure name each other
            for statement in STATEMENTS:
                database.execute(statement, facts)
        database.execute("DROP TABLE crowd")
        database.execute("VACUUM ANALYZE")


def _facts(database: psycopg.Connection[Any], connection_id: int) -> dict[str, Any]:
    def one(sql: str) -> Any:
        row = database.execute(sql, [connection_id] if "%s" in sql else None).fetchone()
        return row[0] if row else None

    handle = one("SELECT handle_id FROM listening_connection WHERE id = %s")
    owner = "SELECT h.brand_id FROM listening_handle h JOIN listening_connection c ON c.handle_id = h.id"
    return {
        "brand": one(f"{owner} WHERE c.id = %s"),
        "other": one("SELECT id FROM people_brand WHERE slug = 'orchard'"),
        "handle": handle,
        "team": one("SELECT id FROM people_team WHERE name = 'Care'"),
        "users": one("SELECT array_agg(user_id ORDER BY user_id) FROM people_membership"),
        "first": FIRST.split(),
        "last": LAST.split(),
        "wanted": list(WANTED),
        "further": list(FURTHER),
    }
