"""Great Expectations over one batch of records, before the batch is stored.

The only module that touches the library, and it imports it at the first batch: that takes three seconds and
150 MB, which no command that checks nothing shall pay. Context and suites are made once a process.
"""

import logging
import math
import os
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from canonical_model.errors import Fault, configuration_error
from rules.quality_suite import Expectation, QualitySuite, Severity

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class FailedExpectation:
    """An expectation that a batch does not live up to.

    Attributes:
        name: what the suite calls it.
        severity: the suite's.
        columns: the columns it looks at.
        observed: in words, what the batch holds instead.
        rows: keys of the rows that fail it; none where it is about the batch as a whole.
    """

    name: str
    severity: Severity
    columns: tuple[str, ...]
    observed: str
    rows: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What an expectation counted, whether the batch lives up to it or not.

    Attributes:
        evaluated: rows that have a value to judge; 1 where it is about the batch as a whole.
        failed: those that fail, tolerated ones included.
        observed: in words, what the batch holds.
        is_met: whether the batch lives up to it.
        rows: keys of the rows that fail, tolerated ones included.
    """

    expectation: Expectation
    evaluated: int
    failed: int
    observed: str
    is_met: bool
    rows: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What became of a batch.

    Attributes:
        judged: rows of the batch.
        counted: what each expectation found, in the order of the suite.
    """

    stream: str
    judged: int
    counted: tuple[Counted, ...] = ()

    @property
    def failed(self) -> tuple[FailedExpectation, ...]:
        """What the batch does not live up to."""
        return tuple(
            FailedExpectation(
                one.expectation.name, one.expectation.severity, one.expectation.columns, one.observed, one.rows
            )
            for one in self.counted
            if not one.is_met
        )

    @property
    def passed(self) -> bool:
        """Whether no critical expectation failed."""
        return all(one.severity != "critical" for one in self.failed)

    def failing_rows(self, severity: Severity | None = None) -> Mapping[Key, tuple[str, ...]]:
        """Names of the expectations that each failing row fails, by the row's key."""
        rows: dict[Key, tuple[str, ...]] = {}
        for one in self.failed:
            if severity is None or one.severity == severity:
                rows.update({key: (*rows.get(key, ()), one.name) for key in dict.fromkeys(one.rows)})
        return rows


def check_batch(suite: QualitySuite, dataframe: "pd.DataFrame", key_columns: Sequence[str]) -> QualityReport:
    """Judge a batch.

    Args:
        suite: what it must live up to.
        dataframe: the batch, a row a record; its columns hold at least those of the suite.
        key_columns: columns that tell one row from another.

    Returns:
        The report; a row that misses a value in a key column has None there.

    Raises:
        ConfigurationError: the batch lacks a column that the suite looks at.
    """
    _check_columns(suite, [str(column) for column in dataframe.columns], key_columns)
    if not suite.of_the_batch:
        return QualityReport(suite.stream, len(dataframe))
    # failing rows come as their places, since the library looks up named columns cell by cell: 25 microseconds each
    numbered = dataframe.reset_index(drop=True)
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": numbered})
    results = _results(batch, suite, "BASIC")
    if any(result.result.get("unexpected_count") or not result.success for result in results.values()):
        # which rows fail costs half as much again, and most batches have none
        results = _results(batch, suite, "COMPLETE")
    keys = [numbered[column] for column in key_columns]
    counted = tuple(_counted(one, results[one.name], _rows(results[one.name], keys)) for one in suite.of_the_batch)
    return QualityReport(suite.stream, len(dataframe), counted)


def _results(batch: Any, suite: QualitySuite, result_format: str) -> dict[str, Any]:
    """What the library finds, by the name of the expectation."""
    wanted = {"result_format": result_format, "partial_unexpected_count": 0}
    found = batch.validate(_library_suite(suite), result_format=wanted).results
    return {result.expectation_config.meta["name"]: result for result in found}


def _check_columns(suite: QualitySuite, present: Sequence[str], key_columns: Sequence[str]) -> None:
    wanted = [(column, "the key of its rows") for column in key_columns]
    for expectation in suite.of_the_batch:
        if expectation.kind != "expect_column_to_exist":
            wanted += [(column, expectation.name) for column in expectation.columns]
    where = f"quality suite of {suite.stream}"
    faults = [
        Fault(where, 0, name, f"the batch has no column {column}") for column, name in wanted if column not in present
    ]
    if faults:
        raise configuration_error(faults)


def _counted(expectation: Expectation, result: Any, rows: tuple[Key, ...]) -> Counted:
    figures, is_met = result.result, bool(result.success)
    evaluated, failed = 1, int(not is_met)
    if expectation.is_of_rows:
        evaluated = figures.get("element_count", 0) - figures.get("missing_count", 0)
        failed = figures.get("unexpected_count", 0)
    return Counted(expectation, evaluated, failed, _observed(result), is_met, rows)


def _observed(result: Any) -> str:
    """What a batch holds, in counts, numbers and days: a text that stands in a record is never quoted."""
    figures = result.result
    if messages := _faults(result.exception_info or {}):
        return f"could not be judged: {messages[0]}"
    unexpected = figures.get("unexpected_count")
    if "element_count" in figures:
        return f"{unexpected or 0} of {figures['element_count']} rows"
    if unexpected:
        return f"{unexpected} values that are not expected"
    observed = _plain(figures.get("observed_value"))
    if isinstance(observed, float):
        return f"{observed:,.4f}".rstrip("0").rstrip(".")
    if isinstance(observed, int | date):
        return str(observed)
    return "as expected" if result.success else "not as expected"


def _faults(info: Mapping[str, Any]) -> list[str]:
    """The library tells one exception for the expectation, or one for each of its metrics.

    Of an exception only what names types is told, since others quote values.
    """
    nested = [info] if "exception_message" in info else [one for one in info.values() if isinstance(one, dict)]
    told = []
    for one in nested:
        if one.get("exception_message"):
            kind = str(one.get("exception_traceback") or "").rstrip().rpartition("\n")[2].partition(":")[0].strip()
            message = str(one["exception_message"]).splitlines()[0]
            told.append(f"{kind}: {message}" if kind == "TypeError" else kind or "an error")
    return told


def _rows(result: Any, keys: "Sequence[pd.Series[Any]]") -> tuple[Key, ...]:
    places = result.result.get("unexpected_index_list") or []
    return tuple(zip(*(map(_plain, key.iloc[places]) for key in keys), strict=True))


def _plain(value: Any) -> Hashable:
    """A value of Python instead of one of numpy; None for every kind of missing."""
    plain = value.item() if hasattr(value, "item") else value
    is_missing = (isinstance(plain, float) and math.isnan(plain)) or type(plain).__name__ in ("NaTType", "NAType")
    if is_missing:
        return None
    result: Hashable = plain.to_pydatetime() if hasattr(plain, "to_pydatetime") else plain
    return result


def load_library() -> None:
    """Load the library now, in a process whose first batch shall not wait for it."""
    _batch_definition()


@contextmanager
def _as_if_not_installed(package: str) -> Iterator[None]:
    """Keep the library from importing what it finds and is not asked for.

    It takes seconds, and PySpark 4.3 ends a process that was not started from a file (``pyspark.sql.connect.utils``).
    """
    there = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    held = {name: sys.modules.pop(name) for name in there}
    sys.modules[package] = None  # type: ignore[assignment]  # so that an import of it is refused
    try:
        yield
    finally:
        del sys.modules[package]
        sys.modules.update(held)


@lru_cache(maxsize=1)
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _as_if_not_installed("pyspark"):
        import great_expectations  # noqa: PLC0415 - see the module

    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it sets a level of its own at import
    return great_expectations


@lru_cache(maxsize=1)
def _batch_definition() -> Any:
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("batches").add_dataframe_asset("batch")
    return asset.add_batch_definition_whole_dataframe("whole")


@lru_cache(maxsize=256)
def _library_suite(suite: QualitySuite) -> Any:
    expectations = [_library_expectation(expectation) for expectation in suite.of_the_batch]
    return _library().ExpectationSuite(suite.stream, expectations=expectations)


def _library_expectation(expectation: Expectation) -> Any:
    class_name = "".join(word.capitalize() for word in expectation.kind.split("_"))
    arguments = {key: list(value) if isinstance(value, tuple) else value for key, value in expectation.arguments}
    kind = getattr(_library().expectations, class_name)
    return kind(**arguments, severity=expectation.severity, meta={"name": expectation.name})
