"""`splice work`: bring services to life, tell other systems, and take events in, as long as it runs."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.opened_hub import opened
from console.told_to_stop import until_told_to_stop
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen


def work(
    leading: Annotated[int, typer.Option(min=1, max=64, help="Threads that lead sagas.")] = 4,
    sending: Annotated[int, typer.Option(min=1, max=64, help="Threads that send effects.")] = 2,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Do whatever is due until Ctrl-C; any number of processes may do so over one database."""
    # what maps records and speaks to systems takes a second to import; no other command pays for it
    from hub.running_clock import running_clock  # noqa: PLC0415
    from hub.sagas.bench import Bench, Crew  # noqa: PLC0415
    from hub.sagas.elements import open_element  # noqa: PLC0415
    from hub.sagas.working import work as work_until  # noqa: PLC0415
    from hub.takeover.authority import authority_of  # noqa: PLC0415

    with opened(operator, workspace) as hub, until_told_to_stop() as stop:
        clock = running_clock(datetime.now(UTC))
        bench = Bench(
            hub, hub.operator.network, lambda element: open_element(hub, element), clock, authority_of(hub, clock)
        )
        screen.print("working; Ctrl-C ends it", highlight=False)
        done = work_until(bench, stop, Crew(leading, sending))
    looks = f"{done.sagas} looks at sagas, {done.effects} at effects"
    screen.print(f"ended: {looks}, {done.events} events taken in", highlight=False)
