"""Runs whose process was lost: nobody else would ever end them, and each holds the only slot of its deployment."""

from typing import TYPE_CHECKING

from flows.work_pool import worker_name

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

PAGE = 200


def end_lost_runs() -> int:
    """Mark every run that is said to be under way as crashed, and give back every slot; gives their number.

    To be called when no worker runs that ends with the server, before one starts and after it ended: whatever is
    under way then was lost with the machine or with the worker that ran it. Without this a deployment that runs one
    at a time would cancel every later run. Runs of pools that other workers serve as well are left alone, and slots
    with them: those that are lost stop saying that they live, and the server ends them. Speaks to the server that
    this process reports to.
    """
    # a second that only this needs
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate  # noqa: PLC0415
    from prefect.client.schemas.filters import (  # noqa: PLC0415
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415
    from prefect.states import Crashed  # noqa: PLC0415

    under_way = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    lost = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=under_way)))
    ended = kept = 0
    with get_client(sync_client=True) as client:
        others = _pools_served_elsewhere(client)
        while runs := client.read_flow_runs(flow_run_filter=lost, limit=PAGE, offset=kept):
            for run in runs:
                if run.work_pool_name in others:
                    kept += 1
                    continue
                message = "lost with the process that ran it; the next run goes on from what was stored"
                client.set_flow_run_state(run.id, Crashed(message=message), force=True)
                ended += 1
        for limit in [] if others else client.read_global_concurrency_limits(limit=PAGE):
            if limit.active_slots:
                client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
    return ended


def _pools_served_elsewhere(client: "SyncPrefectClient") -> set[str]:
    """Work pools for which a worker that stays without this server has asked within the last minutes."""
    from prefect.client.schemas.objects import WorkerStatus  # noqa: PLC0415 - a second that only this needs

    return {
        pool.name
        for pool in client.read_work_pools()
        for each in client.read_workers_for_work_pool(pool.name)
        if each.status == WorkerStatus.ONLINE and each.name != worker_name()
    }
