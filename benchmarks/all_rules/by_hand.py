"""The yardstick: the same rules as plain DuckDB SQL, several of them in one statement, straight into a file."""

from functools import partial
from pathlib import Path

import duckdb

from benchmarks.all_rules.contender import MEMORY_MB, in_processes

OF_PARTITION = {
    "by_service": ("charges", "services", "moved_services"),
    "by_serial": ("devices",),
    "by_document": ("bills", "work"),
}


def ask(folder: Path, output: Path, asks: bool, statements: Path) -> None:
    views = folder / "views"
    in_processes(partial(_ask_bucket, views, output, statements if asks else None), sorted(views.glob("*/by_*/*")))


def _ask_bucket(views: Path, output: Path, statements: Path | None, bucket: Path) -> None:
    place = output / bucket.relative_to(views)
    place.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{MEMORY_MB}MB'")
        connection.execute("SET preserve_insertion_order = false")
        for file in sorted(bucket.iterdir()):
            connection.execute(f"CREATE TABLE {file.stem} AS FROM read_parquet('{file}')")
        for name in OF_PARTITION[bucket.parent.name] if statements else ():
            query = (statements / f"{name}.sql").read_text(encoding="utf-8")
            connection.execute(f"COPY ({query}) TO '{place / name}.parquet' (FORMAT parquet)")
