"""`hearout audit` of millions of posts, against a plain DuckDB query and pandas that compute a little of it.

    .venv/bin/python bench/audit.py            0.28 and 2.8 million posts; about five minutes
    .venv/bin/python bench/audit.py --quick    0.03 million, once

The archive is the public TWCS sample, again and again with other ids and times (../shared/data or HEAROUT_DATA; it is
not ours to ship). Everything runs in a process of its own; seconds and peak memory are those of the whole process.
"""

from __future__ import annotations

import csv
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from measure import QUICK, print_goal, print_head, print_line, print_machine

SIZES = (6,) if QUICK else (56, 560)
RUNS = {6: 1, 56: 3, 560: 3}
HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
FORMAT = "%a %b %d %H:%M:%S %z %Y"

PLAIN = """
import sys, duckdb
duck = duckdb.connect()
duck.execute("SET TimeZone = 'UTC'; SET memory_limit = '1GB'")
duck.execute('''
CREATE TEMP TABLE posts AS
SELECT tweet_id::BIGINT AS id, author_id, inbound = 'False' AS ours, text,
    strptime(created_at, '%a %b %d %H:%M:%S %z %Y') AS told, in_response_to_tweet_id::DOUBLE::BIGINT AS parent
FROM read_csv(?, all_varchar = true, header = true, quote = '"', escape = '"', strict_mode = false)''', [sys.argv[1]])
rows = duck.execute('''
WITH RECURSIVE brands AS (SELECT DISTINCT lower(author_id) AS name FROM posts WHERE ours),
threads AS (
    SELECT id, id AS root FROM posts WHERE parent IS NULL AND NOT ours
    UNION ALL SELECT posts.id, root FROM posts JOIN threads ON posts.parent = threads.id
),
openings AS (
    SELECT posts.id, told, lower(regexp_extract(text, '@([A-Za-z0-9_]+)', 1)) AS name FROM posts
    WHERE parent IS NULL AND NOT ours
),
answers AS (
    SELECT root, lower(author_id) AS name, min(told) AS told FROM posts JOIN threads USING (id) WHERE ours GROUP BY ALL
)
SELECT answers.name, count(*), median(epoch(answers.told) - epoch(openings.told)) FROM openings
JOIN answers ON answers.root = openings.id AND answers.told >= openings.told
    AND (openings.name = answers.name OR openings.name NOT IN (FROM brands))
GROUP BY ALL ORDER BY 2 DESC''').fetchall()
print(len(rows), rows[0])
"""

PANDAS = """
import sys, pandas as pd
posts = pd.read_csv(sys.argv[1], dtype={"author_id": str, "in_response_to_tweet_id": float})
posts["told"] = pd.to_datetime(posts.created_at, format="%a %b %d %H:%M:%S %z %Y")
posts = posts.set_index("tweet_id", drop=False)
above = posts.in_response_to_tweet_id
top = above.where(above.isin(posts.index), posts.tweet_id).astype("int64")
while True:
    further = pd.Series(top.reindex(top.to_numpy()).to_numpy(), index=top.index)
    if further.equals(top):
        break
    top = further
posts["root"] = top
openings = posts[posts.inbound & posts.in_response_to_tweet_id.isna()]
openings = openings.assign(name=openings.text.str.extract(r"@([A-Za-z0-9_]+)", expand=False).str.lower())
answers = posts[~posts.inbound].assign(name=lambda rows: rows.author_id.str.lower())
answers = answers.merge(openings[["told", "name"]], left_on="root", right_index=True, suffixes=("", "_opened"))
known = answers.name_opened.isin(answers.name.unique())
answers = answers[(answers.told >= answers.told_opened) & (~known | (answers.name == answers.name_opened))]
first = answers.sort_values("told").groupby("root").first()
waits = (first.told - first.told_opened).dt.total_seconds().groupby(first.name)
print(len(waits), waits.agg(["size", "median"]).sort_values("size").tail(1))
"""


@dataclass(frozen=True)
class Run:
    seconds: float
    megabytes: float


def main() -> None:
    sample = Path(os.environ.get("HEAROUT_DATA", Path(__file__).parents[2] / "shared" / "data"))
    sample = sample / "twcs_small" / "monalisa_twcs.csv"
    if not sample.exists():
        print(
            f"The sample is not at {sample}: nothing is measured. HEAROUT_DATA names the folder of twcs_small."
        )
        return
    print_machine()
    print_head("posts", "s")
    with tempfile.TemporaryDirectory(prefix="hearout-bench-") as folder:
        medians = {copies: measure(sample, copies, Path(folder)) for copies in SIZES}
    if len(medians) == 2:
        few, many = medians.values()
        growth = many["hearout audit"].seconds / few["hearout audit"].seconds
        print_goal("ten times the posts take at most ten times as long", f"{growth:.1f}", growth <= 10)


def measure(sample: Path, copies: int, folder: Path) -> dict[str, Run]:
    path = folder / f"{copies}.csv"
    posts = build(sample, copies, path)
    programs = {
        "plain DuckDB": [sys.executable, "-c", PLAIN, str(path)],
        "hearout audit": audit_of(path, folder, "--no-tone"),
        "pandas": [sys.executable, "-c", PANDAS, str(path)],
    }
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(RUNS[copies]):
        for name, command in programs.items():
            runs[name].append(timed(command, folder))
    plain = [run.seconds for run in runs["plain DuckDB"]]
    for name, found in runs.items():
        print_line(posts, name + ", s", [run.seconds for run in found], plain, 2)
        print_line(posts, name + ", peak MB", [run.megabytes for run in found], digits=0)
    middle = {name: Run(of(found, "seconds"), of(found, "megabytes")) for name, found in runs.items()}
    goals(posts, middle)
    if copies != max(SIZES) or QUICK:
        with_tone(posts, path, folder, middle["hearout audit"])
    path.unlink()
    return middle


def goals(posts: int, middle: dict[str, Run]) -> None:
    ours, plain, pandas = middle["hearout audit"], middle["plain DuckDB"], middle["pandas"]
    if QUICK or posts > 1_000_000:
        share = ours.seconds / plain.seconds
        print_goal("at most twice the plain query's time", f"{share:.2f}", share <= 2)
        faster = pandas.seconds / ours.seconds
        print_goal("at least twice as fast as pandas", f"{faster:.2f}", faster >= 2)
        print_goal("under 1.5 GB", f"{ours.megabytes:,.0f} MB", ours.megabytes < 1_500)


def with_tone(posts: int, path: Path, folder: Path, without: Run) -> None:
    """What reading costs: all of it, and what the reader alone needs for as many texts on one core."""
    run = timed(audit_of(path, folder), folder)
    print_line(posts, "hearout audit with tone, s", [run.seconds], [without.seconds], 2)
    own = timed([sys.executable, "-c", READING, str(path)], folder)
    cores = len(os.sched_getaffinity(0))
    print_line(posts, "  of which reading, s", [run.seconds - without.seconds], digits=2)
    print_line(posts, f"  the reader alone, {cores} cores, s", [own.seconds / cores], digits=2)


READING = """
import csv, os, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else idle threads of NumPy's count as reading
from hearout.understanding.readers import default_reader
with open(sys.argv[1], newline="") as file:
    texts = [row["text"] for row in csv.DictReader(file) if row["inbound"] == "True"]
default_reader().read(texts)
"""


def audit_of(path: Path, folder: Path, *options: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "hearout.cli",
        "audit",
        str(path),
        "--json",
        str(folder / "audit.json"),
        *options,
    ]


def build(sample: Path, copies: int, path: Path) -> int:
    """The sample's whole rows, each copy with other ids and half an hour later."""
    rows = []
    with sample.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["in_response_to_tweet_id"] is None or not row["tweet_id"].isdigit():
                continue
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerow([row["text"]])
            parent = int(float(row["in_response_to_tweet_id"])) if row["in_response_to_tweet_id"] else None
            told = datetime.strptime(row["created_at"], FORMAT)
            rows.append(
                (int(row["tweet_id"]), row["author_id"], row["inbound"], told, text.getvalue()[:-1], parent)
            )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for copy in range(copies):
            ahead, later = copy * 1_000_000, timedelta(seconds=copy * 1_801)
            for number, author, inbound, told, text, parent in rows:
                who = author if inbound == "False" else str(int(author) + ahead)
                above = "" if parent is None else f"{parent + ahead}.0"
                at = (told + later).strftime("%a %b %d %H:%M:%S +0000 %Y")
                file.write(f"{number + ahead},{who},{inbound},{at},{text},,{above}\n")
    return len(rows) * copies


def timed(command: list[str], folder: Path) -> Run:
    environment = os.environ | {"HEAROUT_HOME": str(folder / "home")}
    start = time.perf_counter()
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit((folder / "output").read_text("utf-8", "replace"))
    return Run(seconds, usage.ru_maxrss / 1024)


def of(runs: list[Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


if __name__ == "__main__":
    main()
