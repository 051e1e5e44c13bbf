"""Find pairs in a table of records: exact keys in SQL, the rest by Splink on DuckDB.

Splink (Fellegi and Sunter's model) is part of an extra and is imported when it is needed. It learns from the records
alone, without examples; one thread and a fixed seed make the same records and settings give the same scores.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from canonical_model.errors import ConfigurationError
from identity.addresses import MISSING
from identity.comparisons import block_sql, degree_sql, splink_settings
from identity.judgement import key_name
from identity.pairs import Pair
from identity.settings import ExactKey, MatchSettings

MEMORY_LIMIT_MB = 1_000
SPLINK_LOGGER = "splink"


def find_pairs(records: pa.Table, settings: MatchSettings, memory_limit_mb: int = MEMORY_LIMIT_MB) -> list[Pair]:
    """Every pair that an exact key joins or that scores at least the threshold for review, keys first.

    Args:
        records: columns ``record`` (unique) and ``system``, and what the settings name; text, coordinates float.
        settings: whose columns were checked.
        memory_limit_mb: for DuckDB, in megabytes; what is beyond goes to the disk.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    with (
        TemporaryDirectory(prefix="splice-identity-") as spill,
        closing(_opened(spill, memory_limit_mb)) as connection,
    ):
        connection.register("given", records)
        connection.execute("CREATE TABLE record AS SELECT * FROM given ORDER BY record")
        joined: dict[tuple[str, str], str] = {}
        for key in settings.exact:
            for names in _joined_by(connection, key, settings):
                joined.setdefault(names, key_name(key.columns))
        pairs = {pair.names: pair for pair in _scored(connection, settings, len(records))}
        connection.execute("CREATE TABLE joined (record_l VARCHAR, record_r VARCHAR)")
        unscored = pa.Table.from_pylist(
            [{"record_l": left, "record_r": right} for left, right in joined],
            schema=pa.schema([("record_l", pa.string()), ("record_r", pa.string())]),
        )
        connection.register("unscored", unscored)
        connection.execute("INSERT INTO joined SELECT * FROM unscored")
        by_key = [_keyed(pairs.get(pair.names, pair), joined[pair.names]) for pair in _degrees(connection, settings)]
    return by_key + [pair for names, pair in sorted(pairs.items()) if names not in joined]


def _opened(spill: str, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    options: dict[str, Any] = {"threads": 1, "memory_limit": f"{memory_limit_mb}MB", "temp_directory": spill}
    connection = duckdb.connect(config=options)
    connection.execute("SET enable_external_access = false")
    return connection


def _keyed(pair: Pair, key: str) -> Pair:
    return Pair(pair.left, pair.right, key, pair.probability, pair.weight, pair.degrees, pair.weights)


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
        f"SELECT record_l, record_r, {_all_degrees(settings)} FROM {_both_sides(connection, 'joined')} ORDER BY ALL"
    )
    return (Pair(row[0], row[1], degrees=dict(zip(names, row[2:], strict=True))) for row in rows.fetchall())


def _scored(connection: duckdb.DuckDBPyConnection, settings: MatchSettings, count: int) -> Iterator[Pair]:
    """Pairs that score at least the threshold for review, by name of the records."""
    if count < 2:
        return
    try:
        from splink import DuckDBAPI, Linker  # noqa: PLC0415 - part of an extra
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    logging.getLogger(SPLINK_LOGGER).setLevel(logging.ERROR)
    linker = Linker(DuckDBAPI(connection=connection).register("record"), splink_settings(settings), log_level=None)
    if settings.train is not None and count >= settings.train.at_least:
        _train(linker, settings)
    found = linker.inference.predict(threshold_match_probability=float(settings.thresholds.review))
    names = list(settings.compare)
    frequencies = [
        f"mw_tf_adj_{name}" if any(level.rare_counts_more for level in levels) else "0"
        for name, levels in settings.compare.items()
    ]
    weights = ", ".join(f"mw_{name} + {more}" for name, more in zip(names, frequencies, strict=True))
    rows = connection.execute(
        f"SELECT record_l, record_r, match_probability, match_weight, {weights}, {_all_degrees(settings)}"
        f" FROM {_both_sides(connection, found.physical_name)} ORDER BY record_l, record_r"
    )
    while batch := rows.fetchmany(10_000):
        for left, right, probability, weight, *rest in batch:
            by_name = dict(zip(names, rest[: len(names)], strict=True))
            by_name["prior"] = weight - sum(by_name.values())
            degrees = dict(zip(names, rest[len(names) :], strict=True))
            yield Pair(min(left, right), max(left, right), None, probability, weight, degrees, by_name)


def _train(linker: Any, settings: MatchSettings) -> None:
    train = settings.train
    assert train is not None  # noqa: S101 - asked by the caller
    certain = [{"blocking_rule": block_sql(block, settings), "sql_dialect": "duckdb"} for block in train.certain]
    linker.training.estimate_probability_two_random_records_match(certain, recall=float(train.recall))
    linker.training.estimate_u_using_random_sampling(max_pairs=train.most_pairs, seed=train.seed)
    for block in train.blocks:
        linker.training.estimate_parameters_using_expectation_maximisation(block_sql(block, settings))


def _all_degrees(settings: MatchSettings) -> str:
    return ", ".join(f"{degree_sql(name, levels)}" for name, levels in settings.compare.items())


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
