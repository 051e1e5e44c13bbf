"""`splice work` as a process: it works until it is told to stop, and ends well."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.effects.enqueue import enqueue
from storage.effects import effect_with
from tests.fakes.effects import Stages, job
from tests.fakes.lumen_valley import lumen_valley
from tests.fakes.splice_process import ended, started
from tests.waiting import wait_until


@pytest.mark.parametrize("told_by", [signal.SIGTERM, signal.SIGINT])
def test_it_works_until_a_signal_and_ends_well(tmp_path: Path, told_by: signal.Signals) -> None:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as operator:
        acts = "declared: {mesa: {provisioning_to_dispatch: active}}\n"
        (operator.folder / "handoffs.yaml").write_text(acts)
        workspace = tmp_path / "work"
        with operator.hub(workspace) as hub:
            effect = enqueue(hub, job(1), datetime.now(UTC), Stages())
            process = started(operator, workspace, "work")

            def is_done() -> bool:
                assert process.poll() is None, ended(process)
                with hub.database.reading() as connection:
                    now = effect_with(connection, effect.id)
                assert now is not None
                return now.state == "done"

            wait_until(is_done, "the effect is done")
            process.send_signal(told_by)
            status, output, errors = ended(process)
    assert (status, errors) == (0, "")
    assert "ended: " in output
    assert len(operator.running.write_log.of("fsm")) == 1
