"""Great Expectations over one batch of records, before the batch is stored.

The only module that touches the library, and it imports it at the first batch: that takes three seconds and
150 MB, which no command that checks nothing shall pay. Context and suites are made once a process.
"""

import logging
import math
import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
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
class QualityReport:
    """What became of a batch."""

    stream: str
    judged: int
    failed: tuple[FailedExpectation, ...] = ()

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
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": dataframe})
    outcome = batch.validate(
        _library_suite(suite),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": list(key_columns),
            "partial_unexpected_count": 0,
        },
    )
    by_name = {expectation.name: expectation for expectation in suite.expectations}
    failed = {
        result.expectation_config.meta["name"]: result.to_json_dict() | {"rows": _rows(result, key_columns)}
        for result in outcome.results
        if not result.success
    }
    in_order = (name for name in by_name if name in failed)
    return QualityReport(
        suite.stream, len(dataframe), tuple(_failure(by_name[name], failed[name]) for name in in_order)
    )


def _check_columns(suite: QualitySuite, present: Sequence[str], key_columns: Sequence[str]) -> None:
    wanted = [(column, "the key of its rows") for column in key_columns]
    for expectation in suite.expectations:
        if expectation.kind != "expect_column_to_exist":
            wanted += [(column, expectation.name) for column in expectation.columns]
    where = f"quality suite of {suite.stream}"
    faults = [
        Fault(where, 0, name, f"the batch has no column {column}") for column, name in wanted if column not in present
    ]
    if faults:
        raise configuration_error(faults)


def _failure(expectation: Expectation, result: Mapping[str, Any]) -> FailedExpectation:
    return FailedExpectation(
        expectation.name, expectation.severity, expectation.columns, _observed(result), tuple(result["rows"])
    )


def _observed(result: Mapping[str, Any]) -> str:
    figures = result["result"]
    if figures.get("unexpected_count"):
        return f"{figures['unexpected_count']} of {figures.get('element_count', '?')} rows"
    if "observed_value" in figures:
        return str(figures["observed_value"])
    messages = _messages(result.get("exception_info") or {})
    return f"could not be judged: {messages[0]}" if messages else "not so"


def _messages(info: Mapping[str, Any]) -> list[str]:
    """The library tells one exception for the expectation, or one for each of its metrics."""
    nested = [info] if "exception_message" in info else [one for one in info.values() if isinstance(one, dict)]
    return [str(one["exception_message"]).splitlines()[0] for one in nested if one.get("exception_message")]


def _rows(result: Any, key_columns: Sequence[str]) -> list[Key]:
    found = result.result.get("unexpected_index_list") or []
    return [tuple(_plain(row[column]) for column in key_columns) for row in found]


def _plain(value: Any) -> Hashable:
    """A value of Python instead of one of numpy; None for every kind of missing."""
    plain = value.item() if hasattr(value, "item") else value
    is_missing = (isinstance(plain, float) and math.isnan(plain)) or type(plain).__name__ in ("NaTType", "NAType")
    if is_missing:
        return None
    result: Hashable = plain.to_pydatetime() if hasattr(plain, "to_pydatetime") else plain
    return result


@lru_cache(maxsize=1)
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
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
    expectations = [_library_expectation(expectation) for expectation in suite.expectations]
    return _library().ExpectationSuite(suite.stream, expectations=expectations)


def _library_expectation(expectation: Expectation) -> Any:
    class_name = "".join(word.capitalize() for word in expectation.kind.split("_"))
    arguments = {key: list(value) if isinstance(value, tuple) else value for key, value in expectation.arguments}
    kind = getattr(_library().expectations, class_name)
    return kind(**arguments, severity=expectation.severity, meta={"name": expectation.name})
