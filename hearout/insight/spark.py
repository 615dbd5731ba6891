"""Runs the figures' expressions on Apache Spark, for archives past one machine.

Two things that Ibis 12 does here are put right in this file, so that an expression means the same as on DuckDB
and PostgreSQL: tables in memory and results went through pandas 3, which loses every null and with it whole
columns of numbers; and Spark's LOWER follows special cases of Unicode, which the others leave alone.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from hearout.insight.engine import Row

BATCH = 200_000
"""Rows that go from this machine to a cluster at a time."""

MASTERS = re.compile(r"local(\[.+\])?$|local-cluster\[|spark://|yarn$|k8s://")

LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.all.ref = errors
logger.shell.name = org.apache.spark.api.python.PythonGatewayServer
logger.shell.level = error
appender.errors.type = Console
appender.errors.name = errors
appender.errors.target = SYSTEM_ERR
appender.errors.layout.type = PatternLayout
appender.errors.layout.pattern = spark: %p %c{1}: %m%n
"""
COMMON = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.ui.showConsoleProgress": "false",
}
ONE_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}


class SparkError(RuntimeError):
    """Spark cannot be used here; the message says why and what to do."""


class SparkEngine:
    """Ibis expressions on Spark: `local[*]` (this machine), `spark://host:7077`, `yarn` or `k8s://...`.

    What `keep` keeps lies as Parquet in a database of its own under `spark.sql.warehouse.dir`: on one machine a
    temporary folder, on a cluster one that all its machines see. `settings` are Spark's own; those not given come
    from `spark-defaults.conf`. Use it in a `with`, or close it; a process has one at a time.
    """

    name = "spark"

    def __init__(self, master: str = "local[*]", settings: Mapping[str, str] | None = None) -> None:
        self._local = master.startswith("local")
        self._database = f"hearout_{token_hex(6)}"
        self._numbers = count(1)
        self._folder = tempfile.TemporaryDirectory(prefix="hearout-spark-")
        try:
            self._session = _session(master, dict(settings or {}), Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        try:
            with _told_plainly():
                if not self._local:
                    _check_warehouse(self._session)
                self._session.sql(f"CREATE DATABASE {self._database}")
                self._session.sql(f"USE {self._database}")
                self._ibis = _backend(self._session)
        except BaseException:
            self.close()
            raise

    def run(self, *expressions: Table) -> list[list[Row]]:
        """The rows of each expression. Times come with their zone, UTC."""
        with _told_plainly():
            return [self._ibis.rows(expression) for expression in expressions]

    def keep(self, name: str, expression: Table) -> Table:
        """The expression computed once and written down. The same name may come again."""
        known = self._new_name(name)
        with _told_plainly():
            self._ibis.create_table(known, expression)
        return ibis.table(expression.schema(), name=known)

    def tops(self, told: Table) -> Table | None:
        """Spark 4.0 knows no recursion."""
        return None

    def read_parquet(self, name: str, path: Path) -> Table:
        """The rows of a file on the driver's disk, kept: read in place on one machine, else sent to the cluster."""
        import pyarrow.parquet as pq

        known = self._new_name(name)
        with _told_plainly(), pq.ParquetFile(path) as file:
            for part in self._parts(path, file):
                part.write.saveAsTable(known, format="parquet", mode="append")
            return ibis.table(ibis.Schema.from_pyarrow(file.schema_arrow), name=known)

    def _parts(self, path: Path, file: Any) -> Iterator[Any]:
        if self._local:
            yield self._session.read.parquet(path.absolute().as_uri())
        else:
            yield self._session.createDataFrame(file.schema_arrow.empty_table())
            for batch in file.iter_batches(BATCH):
                yield self._session.createDataFrame(pa.Table.from_batches([batch]))

    def drop(self, table: Table) -> None:
        """Frees what `keep` kept."""
        with _told_plainly():
            self._session.sql(f"DROP TABLE {table.get_name()}")

    def close(self) -> None:
        """Removes what was kept, and stops Spark."""
        with suppress(Exception):  # a virtual machine that died is as good as one that stopped
            self._session.sql(f"DROP DATABASE IF EXISTS {self._database} CASCADE")
        with suppress(Exception):
            self._session.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_name(self, name: str) -> str:
        return f"{name}_{next(self._numbers)}"


@contextmanager
def _told_plainly(what: str = "Spark failed") -> Iterator[None]:
    """Spark's errors without the hundred lines of Java below them."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as error:
        lines = [line.strip(" :") for line in str(error).splitlines() if line.strip()]
        told = next(
            (line for line in lines if "error occurred while calling" not in line), type(error).__name__
        )
        raise SparkError(f"{what}: {told.rstrip('.')[:300]}.") from error


def _session(master: str, settings: dict[str, str], folder: Path) -> Any:
    if not MASTERS.match(master):
        raise SparkError(
            f"{master!r} is no master: local[*], spark://host:7077, yarn or k8s://https://host:443."
        )
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkError("Spark is not installed. Install hearout[spark].") from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise SparkError("Spark needs Java 17 or later: install it, or set JAVA_HOME.")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    log = folder / "log4j2.properties"
    log.write_text(LOGGING, "utf-8")
    known = {
        **COMMON,
        "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={log.as_uri()}",
    }
    if master.startswith("local"):
        known |= ONE_MACHINE
        known |= {"spark.sql.warehouse.dir": (folder / "kept").as_uri(), "spark.local.dir": str(folder)}
        known |= {"spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1))}
    builder = SparkSession.builder.master(master).appName("hearout audit")
    for key, value in (known | settings).items():
        builder = builder.config(key, value)
    with _told_plainly(f"Spark did not start with the master {master}"):
        return builder.getOrCreate()


def _check_warehouse(session: Any) -> None:
    default = (Path.cwd() / "spark-warehouse").as_uri().replace("file:///", "file:/")
    if session.conf.get("spark.sql.warehouse.dir").replace("file:///", "file:/") == default:
        raise SparkError(
            "On a cluster, set spark.sql.warehouse.dir in spark-defaults.conf to a folder that all its machines see."
        )


def _backend(session: Any) -> Any:
    from ibis.backends.pyspark import Backend
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler

    class Compiler(PySparkCompiler):  # type: ignore[misc]
        __slots__ = ()

        def visit_Lowercase(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            # Java lowers İ to two signs and Σ by its place in the word; the other engines one sign to one.
            return self.f.lower(self.f.translate(arg, "İΣ", "iσ"))

    class Corrected(Backend):  # type: ignore[misc]
        compiler = Compiler()

        def rows(self, expression: Table) -> list[Row]:
            self._run_pre_execute_hooks(expression)
            rows: list[Row] = self._session.sql(self.compile(expression)).toArrow().to_pylist()
            return rows

        def _register_in_memory_table(self, op: Any) -> None:
            frame = self._session.createDataFrame(op.data.to_pyarrow(op.schema))
            frame.createOrReplaceTempView(op.name)

    Backend.register_options()  # as `ibis.pyspark` would, which gives a backend of its own
    backend = Corrected()
    backend.do_connect(session)
    return backend
