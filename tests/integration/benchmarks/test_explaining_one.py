"""The benchmark of single accounts explains what was planted, and refuses where it does not."""

import pytest

from benchmarks.explain_one import explain_one
from benchmarks.generate import Made, make_snapshot
from benchmarks.truth import service_name

SERVICES = 2_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_snapshot(tmp_path_factory.mktemp("bench"), SERVICES)


def test_a_service_that_was_never_billed_is_explained(made: Made) -> None:
    explain_one(made.snapshot, service_name(7), 1)
    with pytest.raises(SystemExit, match=r"\d+ is explained of 100000000"):
        explain_one(made.snapshot, service_name(7), 100_000_000)
