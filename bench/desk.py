"""Inbox, search and case page with few and with many cases: `python bench/desk.py [--quick]`.

A desk with a past (bench/crowd.py) on the embedded database, asked through Django's test client in
process: middleware, session, permissions, queries and templates, without HTTP. Reference, in the
same run: a bare keyset SELECT of 25 open cases. Prints the median and p95 of each page, its ratio
to the reference, and how many queries it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from crowd import fill
from ground import ground, tidewing
from measure import QUICK, percentile, print_goal, print_machine

SIZES = (200, 2_000) if QUICK else (1_000, 100_000)
RUNS = 5 if QUICK else 40
MOST_QUERIES = 15
QUEUES = ("mine", "unassigned", "at-risk", "praise", "snoozed", "all", "closed")
KEYSET = """
SELECT id, customer_id, subject, kind, priority, assignee_id, last_post_at FROM cases_case
WHERE brand_id = %s AND closure_id IS NULL AND (last_post_at, id) < (%s, %s)
ORDER BY last_post_at DESC, id DESC LIMIT 25
"""


def main() -> None:
    print_machine()
    with ground() as here:
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from hearout.people.models import Brand, User

        settings.ALLOWED_HOSTS = ["*"]
        call_command("collectstatic", interactive=False, verbosity=0)
        Brand.objects.create(slug="orchard", name="Orchard Rail")
        connection = tidewing()
        client = Client()
        client.force_login(User.objects.get(email="a0@tidewing.example"))
        most = 0
        middles: dict[str, list[float]] = {}
        for size in SIZES:
            began = time.monotonic()
            fill(here.url, size, connection.pk)
            print(f"\n{size:,} cases, three posts each, written in {time.monotonic() - began:.0f} s")
            print(
                f"{'what':40} {'n':>4} {'p50 ms':>9} {'p95 ms':>9} {'ratio':>8} {'SQL p50':>9} {'queries':>8}"
            )
            reference = bare(here.url, connection.handle.brand_id)
            _print("reference: keyset SELECT of 25", reference, reference, reference, 1)
            for name, paths in pages(client, size).items():
                took, in_sql, queries = timed(client, paths)
                _print(name, took, reference, in_sql, queries)
                middles.setdefault(name, []).append(percentile(took, 0.5))
                most = max(most, queries)
    print(f"\ngrowth of the median from {SIZES[0]:,} to {SIZES[-1]:,} cases")
    for name, (small, large) in middles.items():
        print(f"{name:40} {large / small:.2f}")
    print_goal(
        f"at most {MOST_QUERIES} queries a page, whatever the number of cases",
        f"{most}",
        most <= MOST_QUERIES,
    )


def pages(client: Any, size: int) -> dict[str, Sequence[str]]:
    """What is asked for, by name: several addresses take turns."""
    from hearout.cases.models import Case

    found: dict[str, Sequence[str]] = {f"inbox {slug}": [f"/inbox/{slug}/"] for slug in QUEUES}
    found["inbox all, 3rd page"] = [_deep(client, "/inbox/all/", 2)]
    found["inbox all, complaints of nobody"] = ["/inbox/all/?kind=complaint&assignee=nobody"]
    found["queue counts"] = ["/queues/?at=all"]
    found["search: a common word"] = ["/inbox/all/?q=suitcase", "/inbox/closed/?q=suitcase"]
    found["search: a rare word"] = [f"/inbox/closed/?q=TW{number}" for number in (77, 141, 158)]
    found["search: a word nobody wrote"] = ["/inbox/closed/?q=zeppelin"]
    found["search: a person"] = ["/inbox/closed/?q=keller", "/inbox/all/?q=@customer_77"]
    mine = Case.objects.exclude(brand__slug="orchard").order_by("pk").values_list("pk", flat=True)
    some = list(mine[:: max(1, size // 50)][:40])
    found["case page"] = [f"/cases/{pk}/" for pk in some]
    return found


def _deep(client: Any, path: str, pages_down: int) -> str:
    import re

    for _ in range(pages_down):
        older = re.search(r'hx-get="\?([^"]*)"', client.get(path).content.decode())
        if not older:
            return path
        path = f"/inbox/all/?{older[1].replace('&amp;', '&')}"
    return path


def timed(client: Any, paths: Sequence[str]) -> tuple[list[float], list[float], int]:
    """Milliseconds of each request, those of its queries, and the most queries that any took."""
    from django.db import connection

    spent: list[float] = []

    def execute(run: Any, *call: Any) -> Any:
        began = time.perf_counter()
        try:
            return run(*call)
        finally:
            spent.append(1_000 * (time.perf_counter() - began))

    took, in_sql, most = [], [], 0
    with connection.execute_wrapper(execute):
        _ask(client, paths[0])  # loads the templates
        for number in range(RUNS):
            spent.clear()
            began = time.perf_counter()
            _ask(client, paths[number % len(paths)])
            took.append(1_000 * (time.perf_counter() - began))
            in_sql.append(sum(spent))
            most = max(most, len(spent))
            if sum(took) > 60_000:  # so slow that the bench would not end
                break
    return took, in_sql, most


def _ask(client: Any, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")


def bare(url: str, brand: int) -> list[float]:
    with psycopg.connect(url, autocommit=True) as database:
        row = database.execute("SELECT max(last_post_at), max(id) FROM cases_case").fetchone()
        ask: Callable[[], Any] = lambda: database.execute(KEYSET, [brand, *(row or ())]).fetchall()  # noqa: E731
        if len(ask()) != 25:
            raise RuntimeError("too few open cases for a page")
        took = []
        for _ in range(RUNS * 5):
            began = time.perf_counter()
            ask()
            took.append(1_000 * (time.perf_counter() - began))
        return took


def _print(
    name: str, took: Sequence[float], reference: Sequence[float], in_sql: Sequence[float], queries: int
) -> None:
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    ratio, sql = p50 / percentile(reference, 0.5), percentile(in_sql, 0.5)
    print(
        f"{name:40} {len(took):>4} {p50:>9.2f} {p95:>9.2f} {ratio:>8.1f} {sql:>9.2f} {queries:>8}", flush=True
    )


if __name__ == "__main__":
    main()
