"""Lines that somebody else changed after the hub had provisioned them: another terminal, or another place."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from canonical_model.network import NetworkObservation
from provisioning.facts import SagaFacts, facts_in
from provisioning.line import is_on_port
from storage.current_records import records_among
from storage.foreign_writes import ForeignWrite
from storage.sagas import Saga, last_sagas
from storage.work_paths import WorkPath

_MOST = 400


def foreign_lines(connection: Connection, paths: Sequence[WorkPath], now: datetime) -> Iterator[ForeignWrite]:
    """Terminals of the hub's lines that are seen, later than the hub left them, on another port.

    Args:
        connection: of a transaction.
        paths: of one market, that the hub has begun.
        now: this moment.
    """
    for start in range(0, len(paths), _MOST):
        yield from _of(connection, paths[start : start + _MOST], now)


def _of(connection: Connection, paths: Sequence[WorkPath], now: datetime) -> Iterator[ForeignWrite]:
    market = paths[0].market
    orders = [each.work.removeprefix("order/") for each in paths if each.work.startswith("order/")]
    left: dict[str, tuple[Saga, SagaFacts]] = {}
    for saga in last_sagas(connection, market, orders):
        try:
            facts = facts_in(saga.facts)
        except ValidationError:
            continue  # the guard tells of it
        if saga.state == "done" and facts.standing != "ended" and facts.line.serial is not None:
            left[facts.line.serial] = (saga, facts)
    for seen in records_among(connection, NetworkObservation, market, "serial", list(left)):
        saga, facts = left[seen.serial]
        line = facts.line
        if seen.port is None or seen.observed_at <= saga.changed_at:
            continue
        if seen.element == line.element and is_on_port(seen.port, line.port):
            continue
        evidence = {"hub_told": f"{line.element} {line.port}", "shown": f"{seen.element} {seen.port}"}
        thing = f"{saga.service_id} {seen.serial}"
        yield ForeignWrite(market, paths[0].handoff, facts.acts_on, "line_changed", thing, evidence, now)
