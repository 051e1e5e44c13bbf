"""Find pairs in a table of records: exact keys in SQL, the rest by Splink on DuckDB.

Splink (Fellegi and Sunter's model) is part of an extra and is imported when it is needed. It applies the shares in
the settings, or what ``identity.learning`` learnt; the same records, settings and weights give the same scores.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from canonical_model.errors import ConfigurationError
from identity.addresses import MISSING
from identity.comparisons import degree_sql, idle_sql, splink_settings
from identity.pairs import Pair, key_name
from identity.settings import ExactKey, MatchSettings
from identity.weights import Weights

MEMORY_LIMIT_MB = 1_000
SPLINK_LOGGER = "splink"


def find_pairs(
    records: pa.Table,
    settings: MatchSettings,
    weights: Weights | None = None,
    memory_limit_mb: int = MEMORY_LIMIT_MB,
) -> list[Pair]:
    """Every pair that an exact key joins or that scores at least the threshold for notice, keys first.

    Args:
        records: columns ``record`` (unique) and ``system``, and what the settings name; text, lists of it, and
            coordinates float.
        settings: whose columns were checked.
        weights: what was learnt, for these settings; without any the shares in the settings are used.
        memory_limit_mb: for DuckDB, in megabytes; what is beyond goes to the disk.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    with (
        TemporaryDirectory(prefix="splice-identity-") as spill,
        closing(opened(spill, memory_limit_mb)) as connection,
    ):
        with_records(connection, records, settings)
        joined: dict[tuple[str, str], str] = {}
        for key in settings.exact:
            for names in _joined_by(connection, key, settings):
                joined.setdefault(names, key_name(key.columns))
        pairs = {pair.names: pair for pair in _scored(connection, settings, weights, len(records))}
        connection.execute("CREATE TABLE joined (record_l VARCHAR, record_r VARCHAR)")
        unscored = pa.Table.from_pylist(
            [{"record_l": left, "record_r": right} for left, right in joined],
            schema=pa.schema([("record_l", pa.string()), ("record_r", pa.string())]),
        )
        connection.register("unscored", unscored)
        connection.execute("INSERT INTO joined SELECT * FROM unscored")
        by_key = [
            replace(pairs.get(pair.names, pair), key=joined[pair.names]) for pair in _degrees(connection, settings)
        ]
    return by_key + [pair for names, pair in sorted(pairs.items()) if names not in joined]


def opened(spill: str, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory, one thread, without access to files but for its spill."""
    options: dict[str, Any] = {"threads": 1, "memory_limit": f"{memory_limit_mb}MB", "temp_directory": spill}
    connection = duckdb.connect(config=options)
    connection.execute("SET enable_external_access = false")
    return connection


def with_records(connection: duckdb.DuckDBPyConnection, records: pa.Table, settings: MatchSettings) -> None:
    """Make the table ``record``, in which a value that too many records share is none."""
    connection.register("given", records)
    columns = (
        f'CASE WHEN count("{name}") OVER (PARTITION BY "{name}") <= {most} THEN "{name}" END AS "{name}"'
        for name in records.column_names
        if (most := settings.most_sharing.get(name))
    )
    replaced = ", ".join(columns)
    everything = f"* REPLACE ({replaced})" if replaced else "*"
    connection.execute(f"CREATE TABLE record AS SELECT {everything} FROM given ORDER BY record")


def linker_for(connection: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Splink's linker over the table ``record``, and its way to the database.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        from splink import DuckDBAPI, Linker  # noqa: PLC0415 - part of an extra
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    logging.getLogger(SPLINK_LOGGER).setLevel(logging.ERROR)
    database = DuckDBAPI(connection=connection)
    # the columns were checked with the settings; Splink would parse every condition again to say the same
    linker = Linker(database.register("record"), settings, log_level=None, validate_settings=False)
    return linker, database


def _joined_by(
    connection: duckdb.DuckDBPyConnection, key: ExactKey, settings: MatchSettings
) -> Iterator[tuple[str, str]]:
    """Pairs that a key joins; a value that too many records share joins none."""
    names = ", ".join(f'"{name}"' for name in key.columns)
    # an empty unit says that there is none; NULL says that nobody knows, and is equal to nothing
    stated = [f'"{name}" IS NOT NULL' for name in key.columns]
    stated += [f"\"{name}\" <> ''" for name in key.columns if name not in key.may_be_empty]
    spaces = " ".join(
        f"WHEN system IN ({', '.join('?' for _ in systems)}) THEN {number}"
        for number, systems in enumerate(key.spaces)
    )
    # a system in no group numbers for itself
    space = f"CASE {spaces} ELSE -1 END" if spaces else "0"
    own = "CASE WHEN space < 0 THEN system ELSE '' END"
    beyond = "" if settings.within_systems else "AND l.system <> r.system"
    found = connection.execute(
        f"""
        WITH keyed AS (SELECT record, system, {space} AS space, {names} FROM record),
             stated AS (SELECT *, {own} AS own, count(*) OVER (PARTITION BY space, {own}, {names}) AS sharing
                        FROM keyed WHERE {" AND ".join(stated)})
        SELECT l.record, r.record
        FROM stated l JOIN stated r USING (space, own, {names})
        WHERE l.record < r.record AND l.sharing <= {key.most_sharing} {beyond}
        ORDER BY ALL
        """,
        [system for systems in key.spaces for system in systems],
    )
    return iter(found.fetchall())


def _degrees(connection: duckdb.DuckDBPyConnection, settings: MatchSettings) -> Iterator[Pair]:
    """Pairs of the table ``joined`` with how far they agree."""
    names = list(settings.compare)
    rows = connection.execute(
        f"SELECT record_l, record_r, system_l, system_r, {_all_degrees(settings)}"
        f" FROM {_both_sides(connection, 'joined')} ORDER BY ALL"
    )
    return (
        Pair(row[0], row[1], systems=(row[2], row[3]), degrees=dict(zip(names, row[4:], strict=True)))
        for row in rows.fetchall()
    )


def _scored(
    connection: duckdb.DuckDBPyConnection, settings: MatchSettings, weights: Weights | None, count: int
) -> Iterator[Pair]:
    """Pairs that score at least the threshold for notice, by name of the records."""
    if count < 2:
        return
    if weights is None:
        linker, _ = linker_for(connection, splink_settings(settings))
    else:
        learnt = splink_settings(settings, weights.prior, weights.shares, by_rarity=True)
        linker, database = linker_for(connection, learnt)
        for column, frequencies in weights.frequencies.items():
            table = _frequencies_told(connection, column, frequencies, 1 / weights.records)
            linker.table_management.register_term_frequency_lookup(database.register(table), column)
    found = linker.inference.predict(threshold_match_probability=float(settings.thresholds.notice))
    names = list(settings.compare)
    frequent = [
        f"mw_tf_adj_{name}" if weights and any(level.rare_counts_more for level in levels) else "0"
        for name, levels in settings.compare.items()
    ]
    told = ", ".join(f"mw_{name} + {more}" for name, more in zip(names, frequent, strict=True))
    rows = connection.execute(
        f"WITH scored AS (SELECT record_l, record_r, system_l, system_r, match_probability, match_weight, {told},"
        f" {_all_degrees(settings)} FROM {_both_sides(connection, found.physical_name)})"
        f" SELECT * FROM scored WHERE NOT ({idle_sql(settings)}) ORDER BY record_l, record_r"
    )
    while batch := rows.fetchmany(10_000):
        for left, right, system, other, probability, weight, *rest in batch:
            by_name = dict(zip(names, rest[: len(names)], strict=True))
            by_name["prior"] = weight - sum(by_name.values())
            degrees = dict(zip(names, rest[len(names) :], strict=True))
            ends, systems = ((left, right), (system, other)) if left < right else ((right, left), (other, system))
            yield Pair(*ends, None, probability, weight, systems, degrees, by_name)


def _frequencies_told(
    connection: duckdb.DuckDBPyConnection, column: str, frequencies: Mapping[str, float], least: float
) -> str:
    """A table of how frequent each value is, as was learnt; a value that was not met then has the least share."""
    table = f"frequency_of_{column}"
    texts = pa.array(frequencies.keys(), pa.string())
    known = pa.table({"value": texts, "share": pa.array(frequencies.values(), pa.float64())})
    connection.register("known_frequencies", known)
    connection.execute(
        f'CREATE TABLE {table} AS SELECT DISTINCT "{column}", coalesce(share, {least}) AS "tf_{column}"'
        f' FROM record LEFT JOIN known_frequencies ON value = "{column}" WHERE "{column}" IS NOT NULL'
    )
    return table


def _all_degrees(settings: MatchSettings) -> str:
    return ", ".join(f'{degree_sql(name, levels)} AS "{name}"' for name, levels in settings.compare.items())


def _both_sides(connection: duckdb.DuckDBPyConnection, pairs: str) -> str:
    """Pairs with the columns of both records, suffixed ``_l`` and ``_r``."""
    held = [row[0] for row in connection.execute("DESCRIBE record").fetchall() if row[0] != "record"]
    sides = {
        side: ", ".join([f'record AS "record_{side}"', *(f'"{name}" AS "{name}_{side}"' for name in held)])
        for side in "lr"
    }
    return (
        f"{pairs} p JOIN (SELECT {sides['l']} FROM record) USING (record_l)"
        f" JOIN (SELECT {sides['r']} FROM record) USING (record_r)"
    )
