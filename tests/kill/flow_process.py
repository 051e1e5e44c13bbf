"""A process that has loaded Prefect and all flows, and forks one for each flow run; those are killed.

A flow run dies right before or right after a commit of the hub's database, or from outside at any moment. SQLAlchemy
tells of each commit, so that a flow runs as it does in production.
"""

import gc
import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from typing import Any

from sqlalchemy import Engine, Pool, event

from tests.fakes.doomed import kill_this_process
from tests.kill.ending import ended

DRAIN_TIMEOUT_S = 10.0
_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class FlowRun:
    """What one flow run is asked for, and when it dies.

    Attributes:
        flow: by its name.
        request: fields of what it is asked for.
        point: number of the point in the hub's journal, two for each commit; 0 where it dies at none.
        killed_after_s: when it is killed from outside; None where it is not.
    """

    flow: str
    request: dict[str, Any]
    point: int = 0
    killed_after_s: float | None = None


def run_flows_when_asked(environment: dict[str, str], database: str, pipe: Pipe) -> None:
    """Fork a process for each ``FlowRun`` that comes through the pipe, and tell the signal that ended it, or 0.

    Args:
        environment: of flow runs, which report to a server.
        database: file of the hub's own, whose commits are the points.
        pipe: to whoever asks.
    """
    os.environ.clear()
    os.environ.update(environment)
    flows = _flows()  # Prefect reads its settings when it is loaded
    assert threading.active_count() == 1
    gc.freeze()  # a collection would touch every page that is shared with the forked ones
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        pipe.send(ended(_forked(flows, database, asked), asked.killed_after_s, asked))


def _flows() -> dict[str, Callable[[dict[str, Any]], object]]:
    from flows import asked
    from flows.activate_service import activate_service
    from flows.change_service import change_service
    from flows.drain_outbox import drain_outbox
    from flows.recover_sagas import recover_sagas

    return {
        "activate_service": lambda given: activate_service(asked.ActivationRequest(**given)),
        "change_service": lambda given: change_service(asked.ChangeRequest(**given)),
        "drain_outbox": lambda given: drain_outbox(asked.OutboxRequest(**given)),
        "recover_sagas": lambda given: recover_sagas(asked.RecoveryRequest(**given)),
    }


def _forked(flows: dict[str, Callable[[dict[str, Any]], object]], database: str, asked: FlowRun) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if asked.point:
            _die_at(asked.point, database)
        flows[asked.flow](asked.request)
        _told_to_the_server()
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, nobody else would tell
        traceback.print_exc()
    finally:
        os._exit(code)


def _told_to_the_server() -> None:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
    EventsWorker.drain_all(timeout=DRAIN_TIMEOUT_S)


def _die_at(point: int, database: str) -> None:
    """Let this process die at a point of the journal: before and after each commit that has written something."""
    counting, passed = threading.Lock(), 0

    def pass_by() -> None:
        nonlocal passed
        with counting:
            passed += 1
            if passed == point:
                kill_this_process()

    @event.listens_for(Engine, "before_cursor_execute")
    def _noted(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.engine.url.database == database and statement.lstrip().startswith(_WRITES):
            connection.info["wrote"] = True

    @event.listens_for(Engine, "commit")
    def _before(connection: Any) -> None:
        if connection.info.pop("wrote", False):
            pass_by()
            connection.info["committed"] = True

    @event.listens_for(Pool, "checkin")
    def _after(_dbapi: Any, record: Any) -> None:
        if record.info.pop("committed", False):
            pass_by()
