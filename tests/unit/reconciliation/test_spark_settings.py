"""Which masters and properties an operator may name, and what a session always has."""

from pathlib import Path

import pytest

from reconciliation.engines.spark_session import SEMANTICS, session_properties
from reconciliation.engines.spark_settings import SparkSettings, fault_of_master, faults_of_properties


@pytest.mark.parametrize(
    "master", ["local", "local[2]", "local[*]", "local[2, 4]", "spark://a:7077", "yarn", "k8s://x"]
)
def test_masters_of_spark(master: str) -> None:
    assert fault_of_master(master) is None


@pytest.mark.parametrize("master", ["", "local[]", "local[0]", "mesos://a", "duckdb", "spark://", "yarn; rm"])
def test_what_is_no_master_is_told(master: str) -> None:
    assert "is no master of Spark" in (fault_of_master(master) or "")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("spark.ssl.keyPassword", "holds a secret"),
        ("spark.authenticate.secret", "holds a secret"),
        ("spark.hadoop.fs.s3a.access.key", "holds a secret"),
        ("spark.jars.packages", "fetches code"),
        ("spark.sql.ansi.enabled", "may change a cent"),
        ("spark.sql.session.timeZone", "may change a cent"),
        ("spark.driver.host", "is set by Splice"),
        ("executor.memory", "spark.NAME is expected"),
    ],
)
def test_a_property_that_may_not_be_set_is_told_with_the_reason(name: str, problem: str) -> None:
    (fault,) = faults_of_properties({name: "x"})

    assert fault.startswith(name)
    assert problem in fault


def test_memory_and_cores_of_executors_may_be_set() -> None:
    assert faults_of_properties({"spark.executor.memory": "4g", "spark.executor.cores": "4"}) == []


def test_what_findings_count_on_cannot_be_overridden() -> None:
    settings = SparkSettings(properties={"spark.sql.ansi.enabled": "false", "spark.sql.shuffle.partitions": "3"})
    properties = session_properties(settings, 100, Path("scratch"))

    assert properties.items() >= SEMANTICS.items()
    assert properties["spark.sql.shuffle.partitions"] == "3"
    assert properties["spark.driver.memory"] == "1024m"
    assert properties["spark.driver.bindAddress"] == "127.0.0.1"
    assert properties["spark.ui.enabled"] == "false"
