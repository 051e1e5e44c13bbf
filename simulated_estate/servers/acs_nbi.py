"""The northbound interface of an auto configuration server (GenieACS 1.2), with the devices behind it.

It answers as the real one was seen to answer: a parameter that a device does not have is set with 200 and nothing
changes; a device that is offline is told by the reason phrase of a 202, and the task waits until the device speaks;
a task that makes no sense closes the connection without an answer.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import unquote

from simulated_estate.servers.instants import iso_z
from simulated_estate.servers.told_http import Lie

_TEST_LASTS = timedelta(seconds=10)
_TASKS = {
    "getParameterValues": "parameterNames",
    "setParameterValues": "parameterValues",
    "refreshObject": "objectName",
    "reboot": None,
    "factoryReset": None,
}

Answer = tuple[int, str, Any, dict[str, str]]
"""Status, reason phrase (the usual one where it is empty), content, further headers."""


@dataclass(slots=True)
class AcsDevice:
    """A router that speaks TR-069 to its server.

    Attributes:
        parameters: value by path, as the device has them.
        known: what the server last read of them.
        is_online: whether a connection request reaches it.
        speeds: Mbit/s that a test comes to, by ``Download`` and ``Upload``; a test without one fails.
        keeps_old_results: it answers a request for a test and makes none.
        read_at: when the server last read each of them.
        last_bootstrap: when it last spoke with factory settings.
    """

    serial: str
    parameters: dict[str, Any]
    oui: str = "202BC1"
    product_class: str = "BM632w"
    is_online: bool = True
    tags: list[str] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)
    factory: dict[str, Any] = field(default_factory=dict)
    last_inform: datetime | None = None
    speeds: dict[str, int] = field(default_factory=dict)
    keeps_old_results: bool = False
    read_at: dict[str, datetime] = field(default_factory=dict)
    last_bootstrap: datetime | None = None

    @property
    def id(self) -> str:
        """As the server calls it."""
        return f"{self.oui}-{self.product_class}-{self.serial}"


class AcsNbi:
    """Devices, their tasks, and what became of them.

    Attributes:
        done: the tasks that devices have carried out, oldest first.
        lie: what it does beside the truth.
    """

    def __init__(self, clock: Callable[[], datetime], login: tuple[str, str] | None = None) -> None:
        self._clock = clock
        self._login = None if login is None else base64.b64encode(":".join(login).encode()).decode()
        self._devices: dict[str, AcsDevice] = {}
        self._tasks: dict[str, dict[str, Any]] = {}
        self._numbers = count(0x6B01007B0BB9E075F86233A2)
        self._lock = threading.Lock()
        self.done: list[dict[str, Any]] = []
        self.lie: Lie = ""

    def connect(self, device: AcsDevice) -> None:
        """A device speaks to its server for the first time."""
        with self._lock:
            device.factory = dict(device.parameters)
            device.known = dict(device.parameters)
            device.last_inform = device.last_bootstrap = self._clock()
            device.read_at = dict.fromkeys(device.known, self._clock())
            self._devices[device.id] = device

    def reset(self, device: AcsDevice) -> None:
        """A device was set back to its factory settings and says so (0 BOOTSTRAP); nothing is read of it."""
        with self._lock:
            device.parameters = dict(device.factory)
            device.last_inform = device.last_bootstrap = self._clock()

    def inform(self, device: AcsDevice) -> None:
        """A device speaks by itself: what waits for it is carried out."""
        with self._lock:
            device.is_online = True
            device.last_inform = self._clock()
            for task in [each for each in self._tasks.values() if each["device"] == device.id]:
                self._carry_out(device, task)
            self._end_tests(device)

    def answer(self, method: str, target: str, login: str, body: bytes) -> Answer | None:
        """What a request is answered with; None where the connection is closed without a word.

        Args:
            method: of HTTP.
            target: path and query as they were sent.
            login: the header Authorization, or nothing.
            body: of the request.
        """
        if self._login is not None and login != f"Basic {self._login}":
            return 401, "", "Unauthorized", {}
        raw, _, query = target.partition("?")
        steps = [unquote(step) for step in raw.strip("/").split("/")]
        with self._lock:
            return self._answered(method, steps, _query(query), body)

    def _answered(self, method: str, steps: list[str], query: dict[str, str], body: bytes) -> Answer | None:
        match (method, steps):
            case ("GET" | "HEAD", ["devices" | "tasks" | "faults" as collection]):
                return self._listed(collection, query, method == "HEAD")
            case ("GET" | "HEAD", _):
                return 404, "", "404 Not Found", {}
            case ("POST", ["devices", device_id, "tasks"]):
                return self._task(device_id, query, body)
            case ("POST" | "DELETE", ["devices", device_id, "tags", tag]):
                return self._tagged(method, device_id, tag)
            case ("DELETE", ["devices", device_id]):
                self._devices.pop(device_id, None)
                return 200, "", "", {}
            case ("DELETE", ["tasks", task_id]):
                found = self._tasks.pop(task_id, None)
                return (200, "", "", {}) if found else (404, "", "Task not found", {})
        return 405, "", "405 Method Not Allowed", {"Allow": "GET, HEAD"}

    def _listed(self, collection: str, query: dict[str, str], only_head: bool) -> Answer:
        try:
            wanted = json.loads(query.get("query", "{}"))
        except ValueError:
            return 400, "", "SyntaxError: Expected property name or '}' in JSON at position 1", {}
        rows: Iterable[dict[str, Any]] = self._tasks.values()
        if collection == "devices":
            rows = [_document(device) for device in self._devices.values()]
        elif collection == "faults":
            rows = []
        found = [row for row in rows if all(_fits(_at(row, key), value) for key, value in wanted.items())]
        total = {"total": str(len(found))}
        shown = found[int(query.get("skip", 0)) :][: int(query["limit"]) if "limit" in query else None]
        return 200, "", "" if only_head else [_projected(row, query.get("projection")) for row in shown], total

    def _task(self, device_id: str, query: dict[str, str], body: bytes) -> Answer | None:
        device = self._devices.get(device_id)
        if device is None:
            return 404, "", "No such device", {}
        asks = "connection_request" in query
        if not body:
            if not asks:
                return 400, "", "", {}
            return (200, "", "", {}) if device.is_online else (504, "Device is offline", "Device is offline", {})
        try:
            asked = json.loads(body)
        except ValueError:
            return 400, "", "SyntaxError: Expected property name or '}' in JSON at position 1", {}
        needs = _TASKS.get(asked.get("name"), "nothing of the kind")
        if needs is not None and needs not in asked:
            return None  # the real one dies of it
        unique = asked.get("uniqueKey")
        for old in [key for key, each in self._tasks.items() if unique and each.get("uniqueKey") == unique]:
            del self._tasks[old]
        task = {**asked, "device": device_id, "timestamp": iso_z(self._clock()), "_id": f"{next(self._numbers):024x}"}
        self._tasks[task["_id"]] = task
        if not asks:
            return 202, "Accepted", task, {}
        if not device.is_online:
            return 202, "Device is offline", task, {}
        self._carry_out(device, task)
        return None if self.lie == "loses_answer" else (200, "", task, {})

    def _tagged(self, method: str, device_id: str, tag: str) -> Answer:
        device = self._devices.get(device_id)
        if device is None:
            return 404, "", "No such device", {}
        device.tags = [each for each in device.tags if each != tag] + ([tag] if method == "POST" else [])
        return 200, "", "", {}

    def _carry_out(self, device: AcsDevice, task: dict[str, Any]) -> None:
        device.last_inform = self._clock()
        match task["name"]:
            case "setParameterValues":
                self._set(device, task["parameterValues"])
            case "getParameterValues":
                for path in task["parameterNames"]:
                    if path in device.parameters:
                        device.known[path] = device.parameters[path]
            case "refreshObject":
                name = task["objectName"]
                device.known |= {path: each for path, each in device.parameters.items() if path.startswith(name)}
            case "factoryReset":
                device.parameters = dict(device.factory)
        if task["name"] != "factoryReset":
            device.read_at |= dict.fromkeys(_paths_of(task, device), self._clock())
        self._tasks.pop(task["_id"], None)
        self.done.append(task)

    def _set(self, device: AcsDevice, values: list[list[Any]]) -> None:
        taken = [] if self.lie == "forgets" else values[:-1] if self.lie == "drops_a_setting" else values
        for path, value, *_type in taken:
            if path not in device.parameters:
                continue
            device.known[path] = value
            is_kept = path.endswith(".DiagnosticsState") and device.keeps_old_results
            if not is_kept and self.lie != "keeps_to_itself":
                device.parameters[path] = value

    def _end_tests(self, device: AcsDevice) -> None:
        """Tests that were asked for have ended: the router tells so by its next inform (8 DIAGNOSTICS COMPLETE)."""
        for state in [path for path, value in device.parameters.items() if value == "Requested"]:
            root = state.removesuffix(".DiagnosticsState")
            way = "Download" if "Download" in root else "Upload"
            if way not in device.speeds:
                device.parameters[state] = "Error_InitConnectionFailed"
                continue
            begun = self._clock()
            octets = "TestBytesReceived" if way == "Download" else "TestBytesSent"
            device.parameters |= {
                state: "Completed",
                f"{root}.BOMTime": f"{begun.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
                f"{root}.EOMTime": f"{begun.astimezone(UTC) + _TEST_LASTS:%Y-%m-%dT%H:%M:%S.%f}",
                f"{root}.{octets}": device.speeds[way] * 1_000_000 // 8 * int(_TEST_LASTS.total_seconds()),
            }


def _paths_of(task: dict[str, Any], device: AcsDevice) -> list[str]:
    """The parameters that the server knows anew after a task."""
    named = [*task.get("parameterNames", ()), *(path for path, *_value in task.get("parameterValues", ()))]
    under = task.get("objectName", "")
    return [path for path in device.parameters if path in named or (under and path.startswith(under))]


def _document(device: AcsDevice) -> dict[str, Any]:
    found: dict[str, Any] = {
        "_id": device.id,
        "_deviceId": {
            "_Manufacturer": "Simulated",
            "_OUI": device.oui,
            "_ProductClass": device.product_class,
            "_SerialNumber": device.serial,
        },
        "_lastInform": None if device.last_inform is None else iso_z(device.last_inform),
        "_lastBootstrap": None if device.last_bootstrap is None else iso_z(device.last_bootstrap),
        "_tags": list(device.tags),
    }
    for path, value in device.known.items():
        *objects, leaf = path.split(".")
        place = found
        for step in objects:
            place = place.setdefault(step, {"_object": True, "_writable": False})
        kind = "xsd:boolean" if isinstance(value, bool) else "xsd:int" if isinstance(value, int) else "xsd:string"
        place[leaf] = {"_object": False, "_value": value, "_type": kind, "_writable": True}
        if path in device.read_at:
            place[leaf]["_timestamp"] = iso_z(device.read_at[path])
    return found


def _projected(row: dict[str, Any], projection: str | None) -> dict[str, Any]:
    if projection is None:
        return row
    found: dict[str, Any] = {"_id": row["_id"]}
    for path in projection.split(","):
        source, target = row, found
        *objects, leaf = path.split(".")
        for step in objects:
            source = source.get(step, {})
            target = target.setdefault(step, {}) if source else {}
        if leaf in source:
            target[leaf] = source[leaf]
    return found


def _at(row: dict[str, Any], key: str) -> Any:
    *objects, leaf = key.split(".")
    place: Any = row
    for step in objects:
        place = place.get(step, {})
    found = place.get(leaf)
    return found.get("_value") if isinstance(found, dict) and not leaf.startswith("_") else found


def _fits(shown: Any, wanted: Any) -> bool:
    """Whether a value is the one of a query; of a moment, whether it is later."""
    if isinstance(wanted, dict) and "$gt" in wanted:
        return shown is not None and datetime.fromisoformat(shown) > datetime.fromisoformat(wanted["$gt"])
    return bool(shown == wanted)


def _query(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split("&") if pair]
    return {unquote(name): unquote(value.replace("+", " ")) for name, _, value in pairs}


class AcsServer:
    """The interface on a free port of loopback, in a thread of its own; reason phrases are as the real ones."""

    def __init__(self, nbi: AcsNbi) -> None:
        handler = type("_Handler", (_Handler,), {"nbi": nbi})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), name="estate-acs", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """End it; calling it twice is harmless."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    nbi: AcsNbi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.nbi.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
        if answer is None:
            self.close_connection = True
            return
        status, reason, content, extra = answer
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status, reason or None)
        self.send_header("GenieACS-Version", "1.2.16")
        if not isinstance(content, str):
            self.send_header("Content-Type", "application/json")
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - as the library calls them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library calls it
        """Its own log would drown the demo's."""
