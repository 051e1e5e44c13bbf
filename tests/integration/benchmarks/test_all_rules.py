"""Both sides of the benchmark of all rules find what is true, and what a side misses is seen."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.all_rules.compared import FOUND, RuleCompared, compare
from benchmarks.all_rules.contender import STATEMENTS, run
from benchmarks.all_rules.populated import Populated, populate
from tests.fakes.shipped_rules import ROOT, shipped_rules

SUBSCRIBERS = 1_000
"""Of which the three markets together have every mistake."""
COPIES = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Populated:
    return populate(tmp_path_factory.mktemp("all-rules") / "populated", SUBSCRIBERS, COPIES)


@pytest.fixture(scope="module", params=FOUND)
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def output(side: str, made: Populated) -> Path:
    folder = made.folder.with_name(side)
    run(side, made.folder, folder)
    return folder


def test_a_side_finds_what_is_true_and_nothing_else(side: str, made: Populated, output: Path) -> None:
    rules = compare(made.folder, side, output)

    assert {rule: each for rule, each in rules.items() if not each.is_right} == {}


def test_every_rule_that_ships_has_something_to_find_in_each_copy(side: str, made: Populated, output: Path) -> None:
    rules = compare(made.folder, side, output)

    assert set(made.rules) == {rule.id for rule in shipped_rules()} == rules.keys()
    assert all(each.lines >= COPIES and each.lines % COPIES == 0 for each in rules.values())


def test_a_cent_too_much_a_line_too_few_and_a_lost_reference_are_seen(
    side: str, made: Populated, output: Path, tmp_path: Path
) -> None:
    spoilt = shutil.copytree(output, tmp_path / "spoilt")
    lines, proofs = FOUND[side]
    with duckdb.connect() as connection:
        for file in spoilt.glob(f"mesa/{lines}"):
            connection.execute(
                f"CREATE OR REPLACE TABLE line AS SELECT * REPLACE (exposure_minor + (rule_id = 'RL-J01')::INTEGER"
                f" AS exposure_minor) FROM read_parquet('{file}') WHERE rule_id <> 'RL-J06'"
            )
            connection.execute(f"COPY line TO '{file}' (FORMAT parquet)")
        for file in spoilt.glob(f"mesa/{proofs}"):
            connection.execute(
                "CREATE OR REPLACE TABLE proof AS SELECT * REPLACE (CASE rule_id WHEN 'RL-J03' THEN evidence[2:]"
                f" ELSE evidence END AS evidence) FROM read_parquet('{file}')"
            )
            connection.execute(f"COPY proof TO '{file}' (FORMAT parquet)")

    before, after = (compare(made.folder, side, folder) for folder in (output, spoilt))

    assert after["RL-J01"].wrong == before["RL-J01"].lines
    assert after["RL-J06"].missing == before["RL-J06"].lines
    assert after["RL-J03"].unproven > 0
    assert {rule for rule, each in after.items() if not each.is_right} == {"RL-J01", "RL-J03", "RL-J06"}


def test_what_nobody_planted_is_seen(side: str, made: Populated, output: Path) -> None:
    truths = {path: path.read_bytes() for path in made.folder.glob("truth/*/line.parquet")}
    try:
        with duckdb.connect() as connection:
            for path in truths:
                connection.execute(f"CREATE OR REPLACE TABLE line AS FROM '{path}' WHERE rule_id <> 'RL-B04'")
                connection.execute(f"COPY line TO '{path}' (FORMAT parquet)")
        rules = compare(made.folder, side, output)
    finally:
        for path, content in truths.items():
            path.write_bytes(content)

    assert rules["RL-B04"].extra > 0
    assert rules["RL-B04"] == RuleCompared(extra=rules["RL-B04"].extra)


def test_a_rule_that_is_not_written_by_hand_ends_the_benchmark_with_status_1(tmp_path: Path) -> None:
    statements = tmp_path / "statements"
    statements.mkdir()
    for file in STATEMENTS.glob("*.sql"):
        shutil.copy(file, statements)
    devices = statements / "devices.sql"
    devices.write_text(devices.read_text(encoding="utf-8").replace("'RL-E05'", "NULL"), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.all_rules", "--copies", "1", "--runs", "1"]
    command += ["--subscribers", str(SUBSCRIBERS), "--folder", str(tmp_path), "--statements", str(statements)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1, ended.stderr
    assert "by hand, RL-E05: of" in ended.stdout
    assert "splice, RL-" not in ended.stdout
