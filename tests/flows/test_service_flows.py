"""Flows that bring services to life and change them: what a person sees, and that nothing happens twice."""

import json
import os
import re
import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_api import ServerApi

from canonical_model.errors import ConfigurationError
from console.demo_activation import ELEMENT_VARIABLES, operator_folder
from flows.activate_service import activate_service
from flows.adopt_services import adopt_services
from flows.asked import ActivationRequest, AdoptionRequest, ChangeRequest, RecoveryRequest
from flows.change_service import change_service
from flows.recover_sagas import recover_sagas
from flows.reporting import reporting_to
from flows.server import PrefectServer
from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready
from hub.sync import sync_stream, sync_system
from hub.takeover.authority import authority_of
from hub.workplace import Hub, open_hub
from provisioning.facts import SagaFacts
from simulated_estate.bookkeeping.stock import delivered
from simulated_estate.living_line import LivingLine
from simulated_estate.markets import MARKETS
from simulated_estate.newcomers import completion_of, walk_in
from storage.sagas import Saga, sagas
from tests.fakes.lumen_valley import LumenValley, lumen_valley

pytestmark = pytest.mark.xdist_group("prefect")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LivingLine]:
    """A corner of the plant that lives while the test runs."""
    living, ended = LivingLine(tmp_path, now), threading.Event()

    def live() -> None:
        while not ended.wait(0.1):
            living.live()

    thread = threading.Thread(target=live)
    thread.start()
    yield living
    ended.set()
    thread.join()
    living.stop()


@pytest.fixture
def valley(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "valley", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The operator of the demo, who asks for no soak."""
    folder = operator_folder(tmp_path)
    network: dict[str, Any] = yaml.safe_load((folder / "network.yaml").read_text(encoding="utf-8"))
    for block in network["verification"]:
        block["soak_minutes"] = 0
    (folder / "network.yaml").write_text(yaml.safe_dump(network), encoding="utf-8")
    return folder


@pytest.fixture
def environment(valley: LumenValley, line: LivingLine) -> dict[str, str]:
    elements = {
        "LUMEN_VALLEY_DEMO_CONTROLLER": line.olt_address,
        "LUMEN_VALLEY_RB_AAA": line.aaa_address,
        "LUMEN_VALLEY_RB_ACS": line.acs_address,
    }
    return os.environ | valley.environment | ELEMENT_VARIABLES | elements


@pytest.fixture
def hub(folder: Path, tmp_path: Path, environment: dict[str, str]) -> Iterator[Hub]:
    with open_hub(folder, tmp_path / "work", environment) as opened:
        yield opened


@pytest.fixture
def _reports(server: PrefectServer, environment: dict[str, str]) -> Iterator[None]:
    with reporting_to(server, environment):
        yield


def saga_of(hub: Hub, order: str) -> Saga:
    with hub.database.reading() as connection:
        return sagas(connection, order_number=order)[-1]


def activated(hub: Hub, place: Mapping[str, Any], order: str, steps: Collection[str]) -> Saga:
    """The saga after as many batches as it needs: each ends where what is next is due a few seconds later."""
    for _ in range(5):
        activate_service(ActivationRequest(**place, market="riverbend"))
        saga = saga_of(hub, order)
        if saga.step in steps and (saga.step != "release" or saga.state == "done"):
            break
    return saga


@pytest.mark.usefixtures("_reports")
def test_from_an_open_order_to_the_bill_and_another_tier(
    hub: Hub, folder: Path, tmp_path: Path, valley: LumenValley, line: LivingLine, api: ServerApi
) -> None:
    place = {"operator": folder, "workspace": tmp_path / "work"}
    books = valley.running.books
    came_in = valley.estate.as_of.replace(day=1)
    books.field_service["stock_movements"] += delivered(["ALCL0DE70001"], MARKETS["riverbend"], came_in, "GX-100")
    order = walk_in(books)
    for system in ("crm", "fsm", "billing"):
        sync_system(hub, system, now())

    may_act = authority_of(hub, now)
    begin_ready(hub, "riverbend", now(), may_act)
    drain(hub, now, may_act)
    begin_ready(hub, "riverbend", now(), may_act)  # else the terminal would be looked for before it is there
    facts = SagaFacts.model_validate_json(saga_of(hub, order).facts)
    line.plug(str(facts.expected_serial), facts.line.port)
    waits = activated(hub, place, order, {"gate", "verify"})
    assert (waits.state, waits.step) in {("running", "gate"), ("running", "verify")}, waits.reason
    assert valley.running.write_log.of("billing") == []

    job = next(row for row in books.field_service["work_orders"] if row["id"] == facts.work_order_id)
    books.field_service["completions"].append(completion_of(job, str(facts.expected_serial), now()))
    sync_stream(hub, "fsm", "completions", now())
    done = activated(hub, place, order, {"release"})
    assert (done.state, done.step) == ("done", "release"), done.reason
    assert len(valley.running.write_log.of("billing")) == 1
    run = api.newest_run("activate_service")
    assert run["name"] == "activate services of riverbend"
    history = api.artifacts_of(run["id"])[f"service-riverbend-{done.service_id}"]
    assert "start billing: the system shows it as applied" in history["data"].replace("\\", "")

    change = ChangeRequest(**place, service=done.service_id, change="change_tier", value="fiber-1000", wish="call-17")
    change_service(change)
    changed = api.newest_run("change_service")
    assert changed["name"] == f"change tier {done.service_id}"
    assert changed["state"]["message"].split(":")[0].startswith("saga ")
    with hub.database.reading() as connection:
        known = sagas(connection, service_id=done.service_id)
    change_service(change)
    with hub.database.reading() as connection:
        assert [each.id for each in sagas(connection, service_id=done.service_id)] == [each.id for each in known]
    recover_sagas(RecoveryRequest(**place))
    assert api.newest_run("recover_sagas")["state_type"] == "COMPLETED"


@pytest.mark.usefixtures("_reports")
def test_what_stands_in_an_orders_way_is_told_and_a_wrong_wish_is_refused(
    hub: Hub, folder: Path, tmp_path: Path, valley: LumenValley, api: ServerApi
) -> None:
    place = {"operator": folder, "workspace": tmp_path / "work"}
    walk_in(valley.running.books, offering="fiber-9000")
    for system in ("crm", "fsm"):
        sync_system(hub, system, now())
    activate_service(ActivationRequest(**place, market="riverbend"))
    run = api.newest_run("activate_service")
    assert re.match(r"HELD: \d+ need a person; ", run["state"]["message"])
    rows = json.loads(api.artifacts_of(run["id"])["orders-riverbend"]["data"])
    assert [row["order"] for row in rows] == ["9000001"]

    with pytest.raises(ConfigurationError):
        change_service(ChangeRequest(**place, service="4711", change="suspend", value="asleep"))
    with pytest.raises(ConfigurationError, match="until 'spring': a day like 2027-03-01 is expected"):
        change_service(ChangeRequest(**place, service="4711", change="hold", until="spring"))


@pytest.mark.usefixtures("_reports")
def test_services_of_legacy_are_compared_and_what_is_left_is_shown(
    hub: Hub, folder: Path, tmp_path: Path, api: ServerApi
) -> None:
    place = {"operator": folder, "workspace": tmp_path / "work"}
    for system in hub.operator.file.systems:
        sync_system(hub, system, now())
    adopt_services(AdoptionRequest(**place, market="riverbend", most=2, seconds=5))
    run = api.newest_run("adopt_services")
    assert run["name"] == "adopt services of riverbend"
    assert run["state"]["message"] == "2 begun, 0 known, 2 left as they are; 5 for the next time"
    rows = json.loads(api.artifacts_of(run["id"])["left-riverbend"]["data"])
    nothing = "; ".join(f"{layer}: it holds nothing of the line" for layer in ("access", "aaa", "cpe"))
    assert [row["why it is left"] for row in rows] == [nothing, nothing]
