"""Common causes and cohorts of the measured town are what the town gives, and it is seen where they are not."""

from pathlib import Path

import pytest

from benchmarks.told import main
from benchmarks.whole_or_changes import main as judge_in_a_way

SERVICES = 600


def test_causes_and_cohorts_are_told_and_held_against_the_town(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge_in_a_way("base", tmp_path, SERVICES)

    main(tmp_path, SERVICES)
    assert [line.split(" CPU")[0].strip() for line in capsys.readouterr().out.splitlines()] == [
        "common causes",
        "cohorts",
    ]

    with pytest.raises(SystemExit, match=r"cohorts by month come to \(600, 24, 72000\) services, findings and cents"):
        main(tmp_path, SERVICES - 100)
