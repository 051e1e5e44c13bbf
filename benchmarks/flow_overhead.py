"""Measure what Prefect adds to a batch of provisioning: ``python -m benchmarks.flow_overhead``.

The flow ``recover_sagas`` and the function that it calls work off the same hub, on which nothing is due: what is left
of the flow's time is Prefect's, and the same whether one service is led or five hundred, since a batch is one task.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import machine
from flows.asked import RecoveryRequest
from flows.reporting import reporting_to
from flows.server import local_server
from hub.running_clock import running_clock
from hub.sagas.bench import Bench
from hub.sagas.elements import open_element
from hub.sagas.working_off import work_off
from hub.takeover.authority import authority_of
from hub.workplace import open_hub
from tests.fakes.lumen_valley import LumenValley, lumen_valley

MOST_S = 30.0


def main() -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder, lumen_valley(Path(folder) / "operator", months=2) as operator:
        workspace = Path(folder) / "work"
        direct = _seconds(lambda: _batch(operator, workspace), options.runs)
        named = {"SPLICE_OPERATOR": str(operator.folder), "SPLICE_WORKSPACE": str(workspace)}
        environment = os.environ | operator.environment | named
        with local_server(Path(folder) / "prefect") as server, reporting_to(server, environment):
            # Prefect reads its settings when it is imported
            from flows.recover_sagas import recover_sagas  # noqa: PLC0415

            request = RecoveryRequest(seconds=MOST_S)
            flow = _seconds(lambda: recover_sagas(request), options.runs)
    print(f"the batch itself   {_told(direct)}")
    print(f"as a flow          {_told(flow)}")
    print(f"Prefect's share    {statistics.median(flow) - statistics.median(direct):.2f} s a flow run")
    return 0


def _batch(operator: LumenValley, workspace: Path) -> None:
    with open_hub(operator.folder, workspace, operator.environment) as hub:
        clock = running_clock(datetime.now(UTC))
        may_act = authority_of(hub, clock)
        bench = Bench(hub, hub.operator.network, lambda name: open_element(hub, name), clock, may_act)
        if not work_off(bench, most_s=MOST_S).is_all:
            raise SystemExit("something was due")


def _seconds(run: Callable[[], object], runs: int) -> list[float]:
    """Of each run but the first, which loads what all need."""
    took = []
    for _ in range(runs + 1):
        began = time.monotonic()
        run()
        took.append(time.monotonic() - began)
    return took[1:]


def _told(took: list[float]) -> str:
    return f"{len(took)} runs: median {statistics.median(took):.2f} s, slowest {max(took):.2f} s"


if __name__ == "__main__":
    sys.exit(main())
