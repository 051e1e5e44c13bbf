"""The simulated auto configuration server answers as GenieACS 1.2.16 was seen to answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer

DEVICE = "202BC1-BM632w-000000"
UPTIME = "InternetGatewayDevice.DeviceInfo.UpTime"
INTERVAL = "InternetGatewayDevice.ManagementServer.PeriodicInformInterval"


@pytest.fixture
def nbi() -> AcsNbi:
    found = AcsNbi(lambda: datetime(2026, 11, 21, 2, 22, 51, tzinfo=UTC))
    for number in range(3):
        found.connect(AcsDevice(f"00000{number}", {UPTIME: 7, INTERVAL: 300}))
    return found


@pytest.fixture
def acs(nbi: AcsNbi) -> Iterator[httpx.Client]:
    server = AcsServer(nbi)
    with httpx.Client(base_url=server.address, timeout=30) as client:
        yield client
    server.stop()


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "reason", "text"),
    [
        ("POST", f"/devices/{DEVICE}/tasks", '{"name":"reboot"}', 202, "Accepted", None),
        ("POST", "/devices/NOPE-X-1/tasks", '{"name":"reboot"}', 404, "Not Found", "No such device"),
        (
            "POST",
            "/devices/NOPE-X-1/tasks?connection_request",
            '{"name":"reboot"}',
            404,
            "Not Found",
            "No such device",
        ),
        (
            "POST",
            f"/devices/{DEVICE}/tasks",
            "{bad",
            400,
            "Bad Request",
            "SyntaxError: Expected property name or '}' in JSON at position 1",
        ),
        ("POST", f"/devices/{DEVICE}/tasks?connection_request", "", 200, "OK", ""),
        ("POST", f"/devices/{DEVICE}/tasks", "", 400, "Bad Request", ""),
        ("POST", f"/devices/{DEVICE}/tags/fiber-1g", "", 200, "OK", ""),
        ("DELETE", "/devices/NOPE/tags/x", "", 404, "Not Found", "No such device"),
        ("DELETE", "/devices/NOPE", "", 200, "OK", ""),
        ("DELETE", "/tasks/ffffffffffffffffffffffff", "", 404, "Not Found", "Task not found"),
        ("GET", "/nosuch/", "", 404, "Not Found", "404 Not Found"),
        (
            "GET",
            "/devices/?query=%7Bbad",
            "",
            400,
            "Bad Request",
            "SyntaxError: Expected property name or '}' in JSON at position 1",
        ),
    ],
)
def test_answers_are_those_of_the_real_one(
    acs: httpx.Client, method: str, target: str, body: str, status: int, reason: str, text: str | None
) -> None:
    answer = acs.request(method, target, content=body)
    assert (answer.status_code, answer.reason_phrase) == (status, reason)
    assert answer.headers["GenieACS-Version"] == "1.2.16"
    assert text is None or answer.text == text


def task(acs: httpx.Client, device: str = DEVICE, **asked: Any) -> httpx.Response:
    return acs.post(f"/devices/{device}/tasks?connection_request", json=asked)


def test_a_task_is_done_and_answered_with_itself(acs: httpx.Client) -> None:
    answer = task(acs, name="setParameterValues", parameterValues=[[INTERVAL, 120, "xsd:unsignedInt"]])
    assert answer.status_code == 200
    assert answer.json()["device"] == DEVICE
    assert len(answer.json()["_id"]) == 24
    shown = acs.get(f"/devices/?query=%7B%22_id%22%3A%22{DEVICE}%22%7D&projection={INTERVAL}")
    assert shown.headers["total"] == "1"
    assert shown.json()[0]["InternetGatewayDevice"]["ManagementServer"]["PeriodicInformInterval"]["_value"] == 120


def test_a_parameter_that_is_not_there_is_set_with_200_and_nothing_changes(acs: httpx.Client) -> None:
    before = acs.get("/devices/").json()
    answer = task(acs, name="setParameterValues", parameterValues=[["InternetGatewayDevice.No.Such.Param", "x"]])
    assert answer.status_code == 200
    assert acs.get("/faults/").json() == []
    assert acs.get("/devices/").json() == before


def test_a_router_that_is_away_is_told_by_the_reason_and_the_task_waits(acs: httpx.Client, nbi: AcsNbi) -> None:
    device = AcsDevice("000009", {INTERVAL: 300})
    nbi.connect(device)
    device.is_online = False
    answer = task(acs, device.id, name="setParameterValues", parameterValues=[[INTERVAL, 60]])
    assert (answer.status_code, answer.reason_phrase) == (202, "Device is offline")
    asked = acs.post(f"/devices/{device.id}/tasks?connection_request")
    assert (asked.status_code, asked.reason_phrase, asked.text) == (504, "Device is offline", "Device is offline")
    waiting = acs.get("/tasks/").json()
    assert [each["_id"] for each in waiting] == [answer.json()["_id"]]
    nbi.inform(device)
    assert (acs.get("/tasks/").json(), device.parameters[INTERVAL]) == ([], 60)


def test_what_makes_no_sense_closes_the_connection(acs: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        task(acs, name="setParameterValues")


def test_devices_are_counted_before_they_are_cut(acs: httpx.Client) -> None:
    answer = acs.get("/devices/?projection=_id&limit=1")
    assert (answer.headers["total"], answer.json()) == ("3", [{"_id": DEVICE}])
    head = acs.head("/devices/")
    assert (head.headers["total"], head.text) == ("3", "")
