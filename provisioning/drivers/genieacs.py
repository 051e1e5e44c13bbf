"""Routers that speak TR-069, through the northbound interface of GenieACS.

What the interface answers proves little: a parameter that a router does not have is set with 200, and a router that
is offline is a 202. So after each change the parameters are read from the router itself, and a line counts as told
only where they show and the router bears the tag of its service. A router that is away takes the change when it
speaks again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import httpx

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from connectors.ports import Option
from provisioning.acs_device import reset_at, services_on, speed_tag, tag_of, tested_at, type_of, value_in
from provisioning.acs_secrets import ALWAYS_HIDDEN, is_reference, references_in, secret_tag, tags_of_secret
from provisioning.change import Change
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.http_element import HTTP_OPTIONS, http_client
from provisioning.line import Condition, FoundDevice, Line, Observation, Setting
from provisioning.tr143 import REQUESTED, ROOT, Direction, SpeedTestPaths, measured_mbps, paths_of

CAPABILITIES = DriverCapabilities(
    kind="genieacs",
    protocol="GenieACS 1.2 northbound interface (HTTP, JSON); TR-069 behind it",
    layer="cpe",
    technologies=("pon", "active_ethernet", "fixed_wireless"),
    atomic=False,
    tests_speed=True,
    evidence=("speed_test",),
    options=(
        Option("paths", "TR-181 or TR-098 path of each setting, by its word in network.yaml", required=True),
        Option("hidden", "words of secret settings: given by reference, never read (voice_password is one)"),
        Option("download_url", "what a router fetches for a speed test (TR-143); none is made without it"),
        Option("upload_url", "where it sends to for one"),
        Option("upload_octets", "how much it sends (default 100000000)"),
        Option("diagnostics", "path above a router's diagnostics (default Device.IP.Diagnostics)"),
        Option("voice_status", "TR-104 path that says Up while the telephone is registered; read from the router"),
        Option("username", "for the proxy before the interface, which has no logins of its own"),
        Option("password", "likewise", secret=True),
        *HTTP_OPTIONS,
    ),
    logins=("none", "basic"),
)

_WAYS: Final[tuple[Direction, ...]] = ("down", "up")
_SESSION_S: Final = 130.0
"""The interface holds a request until the session with the router has ended, up to two minutes."""


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open the interface; nothing is asked yet.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    return GenieAcs(settings)


class GenieAcs:
    """The interface of one auto configuration server."""

    def __init__(self, settings: ElementSettings) -> None:
        self._name = settings.name
        paths = settings.options.get("paths")
        if not isinstance(paths, Mapping) or not paths:
            raise ConfigurationError(f"{settings.name}: the option paths has to give the path of each setting")
        self._paths: dict[str, str] = dict(paths)
        self._hidden = ALWAYS_HIDDEN | frozenset(settings.options.get("hidden", ()))
        self._shown = {word: path for word, path in self._paths.items() if word not in self._hidden}
        self._reveal = settings.reveal
        self._voice_status: str | None = settings.options.get("voice_status")
        self._also = () if self._voice_status is None else (self._voice_status,)
        login = None
        if "username" in settings.options:
            if "password" not in settings.secrets:
                raise ConfigurationError(f"{settings.name}: username goes with the secret password")
            login = httpx.BasicAuth(settings.options["username"], settings.secrets["password"].get_secret_value())
        root = str(settings.options.get("diagnostics", ROOT))
        urls = {"down": settings.options.get("download_url"), "up": settings.options.get("upload_url")}
        self._tests: dict[Direction, tuple[SpeedTestPaths, str]] = {
            way: (paths_of(way, root), str(urls[way])) for way in _WAYS if urls[way]
        }
        self._upload_octets = int(settings.options.get("upload_octets", 100_000_000))
        self._http = http_client(settings, login)

    def discover(self) -> Sequence[FoundDevice]:
        """Routers are found by the serial of their line, not by themselves."""
        return ()

    def observe(self, line: Line) -> Observation:
        """What the server last read from the router, where it bears the tag of the service."""
        device = self._device(line)
        if device is None:
            return Observation(None)
        spoke = device.get("_lastInform")
        speeds = {way: self._speed(device, line, way) for way in self._tests}
        condition = Condition(
            last_contact_at=None if spoke is None else datetime.fromisoformat(spoke),
            down_mbps=speeds.get("down"),
            up_mbps=speeds.get("up"),
            speed_asked_at=min(filter(None, (tested_at(device, line, way) for way in self._tests)), default=None),
        )
        services = services_on(device)
        if services and line.service_id not in services:
            return Observation(None, condition)
        if self._voice_status is not None and services:
            condition = replace(condition, voice_registered=self._is_registered(device, line, self._voice_status))
        # what was read before the router was reset is no more so (event 0 BOOTSTRAP)
        found = {word: value_in(device, path, device.get("_lastBootstrap")) for word, path in self._shown.items()}
        shown = {word: value for word, value in found.items() if value is not None}
        held = {**shown, **references_in(device, line, self._hidden)}
        return Observation(held, condition) if services else Observation(None, condition, unclaimed=held)

    def label(self, line: Line) -> None:
        """Tag a router that bears no tag of a service."""
        device = self._device(line)
        if device is None:
            raise RetryableError(f"{self._name}: router {line.serial} has never spoken to it")
        if line.service_id not in services_on(device):
            self._asked("POST", f"/devices/{quote(device['_id'], safe='')}/tags/{quote(tag_of(line), safe='')}")

    def apply(self, change: Change) -> None:
        """Set what changes, tag the router, and read the parameters from it."""
        line = change.line
        device = self._device(line)
        if device is None:
            if change.after is None:
                return
            raise RetryableError(f"{self._name}: router {line.serial} has never spoken to it")
        place = f"/devices/{quote(device['_id'], safe='')}"
        self._withdraw(device["_id"], line)
        if change.after is None:
            self._forget_tests(place, device, line)
            for tag in (*tags_of_secret(device, line), tag_of(line)):
                self._asked("DELETE", f"{place}/tags/{quote(tag, safe='')}")
            return
        self._check(change.after)
        wanted = {word: value for word, value in change.after.items() if value is not None}
        sent = {self._paths[word]: self._as_sent(word, value) for word, value in wanted.items()}
        if sent:
            values = [[path, value, type_of(value)] for path, value in sent.items()]
            answer = self._told(place, line, {"name": "setParameterValues", "parameterValues": values})
            if shown := [self._paths[word] for word in wanted if word not in self._hidden]:
                self._told(place, line, {"name": "getParameterValues", "parameterNames": shown})
            self._remember(place, device, line, wanted, datetime.fromisoformat(answer.json()["timestamp"]))
        self._asked("POST", f"{place}/tags/{quote(tag_of(line), safe='')}")

    def _as_sent(self, word: str, value: Setting) -> Setting:
        return self._reveal(str(value)).get_secret_value() if word in self._hidden else value

    def _remember(
        self, place: str, device: Mapping[str, Any], line: Line, wanted: Mapping[str, Setting], set_at: datetime
    ) -> None:
        """Tag the router with the references that it was set by, in the place of those before."""
        for word in sorted(self._hidden & wanted.keys()):
            for old in tags_of_secret(device, line, word):
                self._asked("DELETE", f"{place}/tags/{quote(old, safe='')}")
            self._asked("POST", f"{place}/tags/{quote(secret_tag(line, word, str(wanted[word]), set_at), safe='')}")

    def test_speed(self, line: Line, *, again: bool = False) -> None:
        """One direction after the other: they would take from each other what they measure."""
        device = self._device(line)
        if device is None:
            raise RetryableError(f"{self._name}: router {line.serial} has never spoken to it")
        place = f"/devices/{quote(device['_id'], safe='')}"
        if again and all(self._speed(device, line, way) is not None for way in self._tests):
            self._forget_tests(place, device, line)
            device = self._device(line) or device
        for way, (paths, url) in self._tests.items():
            if self._speed(device, line, way) is not None:
                continue
            if tested_at(device, line, way) is None:
                self._ask_for_test(place, line, way, paths, url)
                return
            self._told(place, line, {"name": "getParameterValues", "parameterNames": list(paths.all_read)})
            now = self._device(line) or device
            if self._speed(now, line, way) is None:
                if value_in(now, paths.state) != REQUESTED:  # the router has forgotten it, failed, or never took it
                    self._forget_tests(place, now, line, (way,))
                return

    def resets_since(self, at: datetime) -> Mapping[str, datetime]:
        """By the event 0 BOOTSTRAP (TR-069), and the tags that routers bear of their services."""
        query = json.dumps({"_lastBootstrap": {"$gt": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000"}})
        found = self._listed(f"/devices/?query={quote(query)}&projection=_id,_lastBootstrap,_tags")
        resets = {service: reset for each in found if (reset := reset_at(each)) for service in services_on(each)}
        return {service: reset for service, reset in resets.items() if reset > at}

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _ask_for_test(self, place: str, line: Line, way: Direction, paths: SpeedTestPaths, url: str) -> None:
        wanted: list[tuple[str, Setting]] = [(paths.url, url)]
        if paths.length is not None:
            wanted.append((paths.length, self._upload_octets))
        wanted.append((paths.state, REQUESTED))
        values = [[path, value, type_of(value)] for path, value in wanted]
        answer = self._told(place, line, {"name": "setParameterValues", "parameterValues": values})
        asked_at = datetime.fromisoformat(answer.json()["timestamp"])
        self._asked("POST", f"{place}/tags/{quote(speed_tag(line, way, asked_at), safe='')}")

    def _forget_tests(
        self, place: str, device: Mapping[str, Any], line: Line, ways: tuple[Direction, ...] = _WAYS
    ) -> None:
        for tag in device.get("_tags", ()):
            if tag.startswith(tuple(speed_tag(line, way, None) for way in ways)):
                self._asked("DELETE", f"{place}/tags/{quote(tag, safe='')}")

    def _speed(self, device: Mapping[str, Any], line: Line, way: Direction) -> Decimal | None:
        """What the last test came to, where it was asked for for this line."""
        paths, asked_at = self._tests[way][0], tested_at(device, line, way)
        if asked_at is None:
            return None
        return measured_mbps(paths, {path: value_in(device, path) for path in paths.all_read}, asked_at)

    def _check(self, after: Mapping[str, Setting | None]) -> None:
        if unknown := sorted(word for word in after if word not in self._paths):
            raise UnsafeToContinue(f"{self._name} has no path for {', '.join(unknown)}: add it under its options")
        given = {word: value for word, value in after.items() if value is not None}
        if open_ := sorted(word for word in given if is_reference(given[word]) and word not in self._hidden):
            raise ConfigurationError(f"{self._name}: {', '.join(open_)} is secret: name it under the option hidden")
        if bare := sorted(word for word in given if word in self._hidden and not is_reference(given[word])):
            raise ConfigurationError(f"{self._name}: {', '.join(bare)} is secret: give it as env:NAME or file:PATH")

    def _is_registered(self, device: Mapping[str, Any], line: Line, path: str) -> bool | None:
        """Whether the router says now that the telephone is registered; None where it does not answer."""
        place = f"/devices/{quote(device['_id'], safe='')}"
        try:
            self._told(place, line, {"name": "getParameterValues", "parameterNames": [path]})
        except OutcomeUnknown:
            return None
        told = value_in(self._device(line) or device, path)
        return None if told is None else told == "Up"

    def _told(self, place: str, line: Line, task: dict[str, Any]) -> httpx.Response:
        """Let the router do a task now.

        Raises:
            OutcomeUnknown: it is away and will do it when it speaks again.
        """
        unique = {**task, "uniqueKey": f"{tag_of(line)}/{task['name']}"}
        answer = self._asked("POST", f"{place}/tasks?connection_request", unique)
        if answer.status_code != httpx.codes.OK:
            said = answer.reason_phrase or "the task waits"
            raise OutcomeUnknown(f"{self._name}: {said}; router {line.serial} takes it when it speaks again")
        return answer

    def _withdraw(self, device_id: str, line: Line) -> None:
        """Take back tasks of ours that still wait for the router: it would do them after what comes now."""
        query = quote(json.dumps({"device": device_id}))
        for task in self._listed(f"/tasks/?query={query}"):
            if str(task.get("uniqueKey", "")).startswith(f"{tag_of(line)}/"):
                self._asked("DELETE", f"/tasks/{task['_id']}")

    def _device(self, line: Line) -> dict[str, Any] | None:
        query = json.dumps({"_deviceId._SerialNumber": line.serial})
        tested = [path for paths, _ in self._tests.values() for path in paths.all_read]
        projection = ",".join(
            ("_id", "_lastInform", "_lastBootstrap", "_tags", *self._shown.values(), *self._also, *tested)
        )
        found = self._listed(f"/devices/?query={quote(query)}&projection={quote(projection, safe=',')}")
        if len(found) > 1:
            raise UnsafeToContinue(f"{self._name} knows {len(found)} routers with serial {line.serial}")
        return found[0] if found else None

    def _listed(self, target: str) -> list[dict[str, Any]]:
        """The objects of a list; a page of somebody else, such as a proxy's, is told for what it is."""
        answer = self._asked("GET", target)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise RetryableError(f"{self._name}: HTTP {answer.status_code}, and what came is no list of its own")
        return found

    def _asked(self, method: str, target: str, body: dict[str, Any] | None = None) -> httpx.Response:
        with self._faults(method):
            patience = _SESSION_S if "connection_request" in target else httpx.USE_CLIENT_DEFAULT
            answer = self._http.request(method, target, json=body, timeout=patience)
        if answer.status_code in (401, 403):
            raise ConfigurationError(f"{self._name} does not let us in (HTTP {answer.status_code}): check the login")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise RetryableError(f"{self._name}: the router, or a task for it, is not there any more")
        if answer.is_server_error:
            later = method == "GET" or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            fault = RetryableError if later else OutcomeUnknown
            raise fault(f"{self._name}: HTTP {answer.status_code} {answer.reason_phrase}")
        if answer.is_error:
            raise UnsafeToContinue(f"{self._name} refuses: HTTP {answer.status_code}")  # it may repeat secrets
        return answer

    @contextmanager
    def _faults(self, method: str) -> Iterator[None]:
        """Errors of the wire as ours: what was sent by a write may have been taken."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise RetryableError(f"{self._name}: cannot be reached") from error
        except httpx.TransportError as error:
            if method == "GET":
                raise RetryableError(f"{self._name}: does not answer ({type(error).__name__})") from error
            raise OutcomeUnknown(f"{self._name}: no answer ({type(error).__name__})") from error
