"""Learn from the records themselves, without examples, how records of one subject agree.

Splink's estimation (Fellegi and Sunter's model, expectation maximisation). One thread and a fixed seed make the same
records and settings give the same weights.
"""

from contextlib import closing
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from identity.comparisons import block_sql, splink_settings
from identity.matching import MEMORY_LIMIT_MB, find_pairs, linker_for, opened, with_records
from identity.settings import MatchSettings, Training
from identity.trials import trials
from identity.weights import Shares, Weights, degrees_of, fitting_of

MOST_FREQUENCIES = 20_000
_PAIRS_AT_ONCE = 200_000
"""So few pairs are counted by one query; of more, Splink looks in parts whether it has seen enough."""
_LEAST_SHARE = 1e-9


class NothingToLearnError(ValueError):
    """The records hold too few that may be of one subject: nothing tells how those agree."""


def may_learn(settings: MatchSettings, count: int) -> bool:
    """Whether so many records are enough to learn from; with fewer the shares in the settings are used."""
    return settings.train is not None and count >= max(2, settings.train.at_least)


def learn(records: pa.Table, settings: MatchSettings, memory_limit_mb: int = MEMORY_LIMIT_MB) -> Weights:
    """Weights from records, and what the witness says of each route.

    Args:
        records: as ``identity.matching.find_pairs`` takes them; at least so many as ``may_learn`` asks for.
        settings: with ``train``.
        memory_limit_mb: for DuckDB, in megabytes.

    Raises:
        ConfigurationError: the extra is not installed.
        NothingToLearnError: next to none of the records are of one subject.
    """
    if settings.train is None:
        raise ValueError("these settings say not how to learn")
    with (
        TemporaryDirectory(prefix="splice-identity-") as spill,
        closing(opened(spill, memory_limit_mb)) as connection,
    ):
        with_records(connection, records, settings)
        linker, _ = linker_for(connection, splink_settings(settings))
        _train(linker, settings.train, settings, len(records))
        told = linker.misc.save_model_to_json()
        frequencies = {name: _frequencies(connection, name) for name in _weighed_by_rarity(settings)}
    learnt = Weights(
        records=len(records),
        settings_version=settings.version,
        fitting=fitting_of(settings),
        prior=told["probability_two_random_records_match"],
        shares=_shares(told["comparisons"], settings),
        frequencies=frequencies,
    )
    pairs = find_pairs(records, settings, learnt, memory_limit_mb)
    return replace(learnt, degrees=degrees_of(pairs, settings), trials=trials(pairs, settings))


def _train(linker: Any, train: Training, settings: MatchSettings, count: int) -> None:
    from splink.internals.exceptions import SplinkException  # noqa: PLC0415 - of an extra

    try:
        _estimate(linker, train, settings, count)
    except SplinkException as error:
        raise NothingToLearnError("next to none of the records are of one subject") from error


def _estimate(linker: Any, train: Training, settings: MatchSettings, count: int) -> None:
    certain = [{"blocking_rule": block_sql(block, settings), "sql_dialect": "duckdb"} for block in train.certain]
    linker.training.estimate_probability_two_random_records_match(certain, recall=float(train.recall))
    pairs = min(train.most_pairs, count * (count - 1) // 2)
    parts = {"num_chunks": 1} if pairs <= _PAIRS_AT_ONCE else {}
    linker.training.estimate_u_using_random_sampling(max_pairs=train.most_pairs, seed=train.seed, **parts)
    for block in train.blocks:
        linker.training.estimate_parameters_using_expectation_maximisation(block_sql(block, settings))


def _shares(told: list[dict[str, Any]], settings: MatchSettings) -> dict[str, tuple[Shares, ...]]:
    """What was learnt of each level; the settings' own share where no record ever showed it."""
    by_name = {each["output_column_name"]: each["comparison_levels"] for each in told}
    found: dict[str, tuple[Shares, ...]] = {}
    for name, levels in settings.compare.items():
        learnt = [level for level in by_name[name] if not level.get("is_null_level")]
        found[name] = tuple(
            (
                max(_LEAST_SHARE, one.get("m_probability", float(level.m))),
                max(_LEAST_SHARE, one.get("u_probability", float(level.u))),
            )
            for level, one in zip(levels, learnt, strict=True)
        )
    return found


def _weighed_by_rarity(settings: MatchSettings) -> list[str]:
    return [name for name, levels in settings.compare.items() if any(level.rare_counts_more for level in levels)]


def _frequencies(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, float]:
    """The most frequent values that are met more than once, with their share."""
    rows = connection.execute(
        f'SELECT "{column}", count(*) / (SELECT count("{column}") FROM record) FROM record'
        f' WHERE "{column}" IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT {MOST_FREQUENCIES}'
    )
    return dict(rows.fetchall())
