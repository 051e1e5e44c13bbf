"""Which engine judges: as operator.yaml says, or as is asked for once."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.engine_choice import with_engine
from hub.operator_folder.load import load_operator
from hub.reconcile import MarketOutcome, reconcile_market
from hub.snapshots import spark_of
from reconciliation.engines.spark_settings import SparkSettings
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator
from tests.fakes.spark_sessions import SMALL


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    operator, small = SmallOperator(), SmallHub(tmp_path)
    operator.clean("7")
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    small.pull(operator, AS_OF)
    return small


def set_engine(small: SmallHub, **engine: object) -> None:
    path = small.folder / "operator.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"engine": engine}))


def test_duckdb_judges_unless_another_is_asked_for(small: SmallHub) -> None:
    with small.open() as hub:
        assert spark_of(hub.operator.file.engine) is None
        asked = with_engine(hub, "spark", "spark://a:7077")
    assert spark_of(asked.operator.file.engine) == SparkSettings("spark://a:7077")


def test_what_the_file_says_stays_where_only_the_engine_is_another(small: SmallHub) -> None:
    set_engine(small, master="yarn", memory_limit_mb=900, properties={"spark.executor.memory": "8g"})
    with small.open() as hub:
        engine = with_engine(hub, "spark", None).operator.file.engine

    assert spark_of(engine) == SparkSettings("yarn", properties={"spark.executor.memory": "8g"})
    assert engine.memory_limit_mb == 900


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--engine", "polars"], "'duckdb' or 'spark'"),
        (["--engine", "spark", "--master", "somewhere"], "'somewhere' is no master of Spark"),
    ],
)
def test_an_engine_that_is_none_is_told(small: SmallHub, words: list[str], problem: str) -> None:
    where = ["--operator", str(small.folder), "--workspace", str(small.workspace)]
    told = CliRunner().invoke(app, ["reconcile", *words, *where])

    assert isinstance(told.exception, ConfigurationError)
    assert problem in str(told.exception)


def test_a_property_that_holds_a_secret_is_told_with_its_place(small: SmallHub) -> None:
    set_engine(small, kind="spark", properties={"spark.ssl.keyPassword": "hunter2"})

    with pytest.raises(ConfigurationError, match=r"operator\.yaml.*spark\.ssl\.keyPassword holds a secret") as told:
        load_operator(small.folder)
    assert "hunter2" not in json.dumps(str(told.value))


@pytest.mark.peer("spark")
@pytest.mark.xdist_group("spark")
@pytest.mark.usefixtures("spark")
def test_a_market_judged_on_spark_has_the_report_that_duckdb_gives(small: SmallHub) -> None:
    properties = dict(SMALL.properties)
    set_engine(small, kind="spark", master=SMALL.master, properties=properties)

    def judged(kind: str) -> MarketOutcome:
        with small.open() as hub:
            return reconcile_market(with_engine(hub, kind, None), "oldtown", AS_OF, AS_OF, whole=True)

    by_spark = judged("spark")
    by_duckdb = judged("duckdb")

    assert by_spark.report.findings
    assert by_spark.report.findings == by_duckdb.report.findings
    assert by_spark.report.not_judged == by_duckdb.report.not_judged
    assert by_spark.report.billed_minor == by_duckdb.report.billed_minor
