"""Follow the keys of records until they lead to nothing new, and gather the records on the way.

A whole snapshot keeps a hash of each key of the records that have several (``state/link_...``): a round goes over
numbers in memory and reads no text. Two keys of one hash would have an account judged that need not be; none is ever
left out.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from reconciliation.incremental.links import BRANCHING, hashed
from reconciliation.snapshot.elsewhere import STATE_FOLDER, link_file

_FRONTIER = """
CREATE OR REPLACE TABLE frontier AS
SELECT kind, key FROM (SELECT DISTINCT kind, hash(value) AS key FROM seed) ANTI JOIN reached_key USING (kind, key)
"""
_ALIKE = """
INSERT INTO seed
WITH shortened AS (
    SELECT serial, is_odd,
           unnest(list_transform(range(1, length(serial) + 1),
                                 lambda place: serial[:place - 1] || serial[place + 1:])) AS rest
    FROM (SELECT serial, false AS is_odd FROM met
          UNION ALL SELECT serial, true FROM odd_serial)
)
SELECT DISTINCT 'serial' AS kind, o.serial AS value
FROM shortened f
JOIN shortened o ON o.rest = f.rest AND o.is_odd AND NOT f.is_odd
"""


def follow(connection: duckdb.DuckDBPyConnection, base: Path, changed: Collection[str]) -> None:
    """Gather the records of branching entities that the seeds lead to, as ``before_...``.

    Serials one character apart lead to one another.

    Args:
        connection: of a database with ``seed`` (kind and value of keys), ``odd_serial``, for each branching entity
            ``was_...`` with the place of each record (``file_row_number``), and for each that changed ``new_...``.
            All keys that serials one character apart lead to become seeds.
        base: the whole snapshot.
        changed: the entities that did.
    """
    run = connection.execute
    for entity, keys in BRANCHING.items():
        links = connection.read_parquet(str(base / STATE_FOLDER / link_file(entity)))
        links.create(f"link_{entity}")
        if entity in changed:
            run(f"INSERT INTO link_{entity} BY NAME SELECT {hashed(keys)} FROM new_{entity}")
        run(f"CREATE TABLE before_{entity} AS SELECT * EXCLUDE (file_row_number) FROM was_{entity} LIMIT 0")
        run(f"CREATE TABLE gathered_{entity} (place UINTEGER)")
    run("CREATE TABLE reached_key (kind VARCHAR, key UBIGINT)")
    run("CREATE TABLE compared (serial VARCHAR)")
    run(_FRONTIER)
    while _follow_keys(connection):
        for entity in BRANCHING:
            _gather(connection, entity)
        found = f"SELECT DISTINCT serial FROM ({' UNION ALL '.join(_serials())})"
        run(f"CREATE OR REPLACE TABLE met AS {found} ANTI JOIN compared USING (serial)")
        run("INSERT INTO compared FROM met")
        run(_ALIKE)
        run(_FRONTIER)


def _follow_keys(connection: duckdb.DuckDBPyConnection) -> bool:
    """Reach all that the frontier leads to by equal keys; whether there was anything at it."""
    run = connection.execute
    is_any = False
    while kinds := {kind for (kind,) in run("SELECT DISTINCT kind FROM frontier").fetchall()}:
        is_any = True
        run("INSERT INTO reached_key FROM frontier")
        found = " UNION ALL ".join(["(SELECT * FROM frontier LIMIT 0)", *_led_to(kinds)])
        run(
            f"CREATE OR REPLACE TABLE frontier AS SELECT DISTINCT kind, key FROM ({found})"
            " ANTI JOIN reached_key USING (kind, key)"
        )
    return is_any


def _led_to(kinds: Collection[str]) -> Iterator[str]:
    """Queries for all keys of records that have one key at the frontier."""
    for entity, keys in BRANCHING.items():
        all_keys = ", ".join(f"{{'kind': '{kind}', 'key': key_{number}}}" for number, (kind, _) in enumerate(keys))
        for number, (kind, _) in enumerate(keys):
            if kind in kinds:
                yield (
                    f"(SELECT key.kind, key.key FROM (SELECT unnest([{all_keys}]) AS key FROM link_{entity}"
                    f" SEMI JOIN (SELECT key AS key_{number} FROM frontier WHERE kind = '{kind}')"
                    f" USING (key_{number})) WHERE key.key IS NOT NULL)"
                )


def _gather(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """The records of an entity that are reached and were not yet: one is, as soon as one of its keys is."""
    run = connection.execute
    is_reached = " OR ".join(
        f"key_{number} IN (SELECT key FROM reached_key WHERE kind = '{kind}')"
        for number, (kind, _) in enumerate(BRANCHING[entity])
    )
    run(
        f"CREATE OR REPLACE TABLE place AS SELECT place AS file_row_number FROM link_{entity}"
        f" WHERE place IS NOT NULL AND ({is_reached}) AND place NOT IN (FROM gathered_{entity})"
    )
    if run("SELECT count(*) FROM place").fetchone() != (0,):
        run(f"INSERT INTO gathered_{entity} FROM place")
        run(
            f"INSERT INTO before_{entity} SELECT * EXCLUDE (file_row_number) FROM was_{entity}"
            " SEMI JOIN place USING (file_row_number)"
        )


def _serials() -> Iterator[str]:
    """Queries for all serials that are reached."""
    yield "SELECT value AS serial FROM seed WHERE kind = 'serial'"
    for entity, keys in BRANCHING.items():
        for kind, column in keys:
            if kind == "serial":
                yield f"SELECT {column} FROM before_{entity} WHERE {column} IS NOT NULL"
