"""OLTs of Calix through the northbound interface of SMx (REST, JSON): a subscriber, his ONT, and its service.

SMx answers from its own books. What the OLT itself shows of the ONT is asked for apart (``refresh``), and a line
whose ONT the OLT does not know counts as not told. Services are shown from the books alone: that traffic flows is
proven by the subscriber's session or a speed test, not by this driver.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError, UnsafeToContinue
from connectors.ports import Option
from provisioning.change import Change
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.http_element import HTTP_OPTIONS, HttpElement
from provisioning.line import FoundDevice, Line, Observation, Setting
from provisioning.reading_back import read_back
from provisioning.smx import SmxNames, condition_shown, ont_of, service_of, settings_shown, subscriber_of
from provisioning.standing import ACCESS_WORDS

CAPABILITIES = DriverCapabilities(
    kind="calix_smx",
    protocol="Calix SMx northbound interface (HTTP, JSON); the subscriber first, ONT and service hang off him",
    layer="access",
    technologies=("pon",),
    discovers=False,
    atomic=False,
    evidence=("ont_ranged",),
    settings=ACCESS_WORDS,
    options=(
        Option("username", "who logs in", required=True),
        Option("device", "the OLT's name in SMx", required=True),
        Option("ont_profile", "profile of the ONTs that are given out", required=True),
        Option("organization", "that subscribers belong to (default Calix)"),
        Option("ont_port", "port of the ONT that carries the service (default g1)"),
        Option("service", "name of the service on it (default Data)"),
        Option("policy_map", "pattern for a tier's policy map (default {down}-{up}-{assured}, in Mbit/s)"),
        *HTTP_OPTIONS,
        Option("password", "of the user", secret=True, required=True),
    ),
    logins=("basic",),
)

_ROOT: Final = "rest/v1"
_SERVICE: Final = f"{_ROOT}/ems/service"
Undo = Callable[[], object]


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open SMx; nothing is asked yet.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    return CalixSmx(settings)


class CalixSmx:
    """One OLT as SMx shows it."""

    def __init__(self, settings: ElementSettings) -> None:
        options = settings.options
        if missing := [name for name in ("username", "device", "ont_profile") if name not in options]:
            raise ConfigurationError(f"{settings.name}: calix_smx needs the options {', '.join(missing)}")
        if "password" not in settings.secrets:
            raise ConfigurationError(f"{settings.name}: username goes with the secret password")
        self._name = settings.name
        self._names = SmxNames(
            organization=str(options.get("organization", "Calix")),
            device=str(options["device"]),
            port=str(options.get("ont_port", "g1")),
            model=str(options["ont_profile"]),
            service=str(options.get("service", "Data")),
            policy=str(options.get("policy_map", "{down}-{up}-{assured}")),
        )
        login = (str(options["username"]), settings.secrets["password"].get_secret_value())
        self._http = HttpElement(settings, login, None, "application/json")
        self._device = f"{_ROOT}/config/device/{quote(self._names.device, safe='')}"

    def discover(self) -> Sequence[FoundDevice]:
        """SMx is asked for ONTs that it was told of, and for no others."""
        return ()

    def observe(self, line: Line) -> Observation:
        """What stands in the books of SMx, as far as the OLT itself knows the ONT."""
        ont = self._ont(line)
        status = None if ont is None else self._status(line)
        shown = settings_shown(self._names, ont, self._service(line) if ont is not None else None)
        # what stands in the books and not on the OLT is neither there nor gone
        settings = shown if status is not None else None if ont is None else {}
        return Observation(settings, condition_shown(status, line.port))

    def apply(self, change: Change) -> None:
        """Write subscriber, ONT and service; what was made before a refusal is taken away again."""
        line, after = change.line, change.after
        undo: list[Undo] = []
        try:
            if after is None:
                self._take_away(line)
            else:
                self._make_subscriber(line, undo)
                self._make_ont(line, after, undo)
                self._make_service(line, after, undo)
        except OutcomeUnknown:
            raise
        except (RetryableError, UnsafeToContinue, ConfigurationError) as fault:
            self._bring_back(undo, fault)
            raise
        read_back(self, self._name, change)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _make_subscriber(self, line: Line, undo: list[Undo]) -> None:
        if self._http.read(self._subscriber(line), f"subscriber {line.service_id}") is None:
            body = subscriber_of(self._names, line)
            self._http.write("POST", f"{_ROOT}/ems/subscriber", f"subscriber {line.service_id}", body)
            undo.append(lambda: self._http.write("DELETE", self._subscriber(line), f"subscriber {line.service_id}"))

    def _make_ont(self, line: Line, after: Mapping[str, Setting | None], undo: list[Undo]) -> None:
        there, wanted, what = self._ont(line), ont_of(self._names, line, after), f"ONT {line.service_id}"
        place, named = f"{self._device}/ont", {"ont-id": line.service_id}
        if there is None:
            self._http.write("POST", place, what, wanted)
            undo.append(lambda: self._http.write("DELETE", place, what, parameters=named))
        elif any(there.get(name) != value for name, value in wanted.items()) or self._status(line) is None:
            update = {"action": "update", **named}
            self._http.write("PUT", place, what, {**there, **wanted}, parameters=update)
            undo.append(lambda: self._http.write("PUT", place, what, there, parameters=update))

    def _make_service(self, line: Line, after: Mapping[str, Setting | None], undo: list[Undo]) -> None:
        there, wanted = self._service(line), service_of(self._names, line, after)
        what = f"service {self._names.service} of {line.service_id}"
        if there is not None and there.get("in-provisioning"):
            raise RetryableError(f"{self._name}: {what}: SMx is at work on it")
        if there is None:
            self._http.write("POST", _SERVICE, what, wanted)
            undo.append(lambda: self._remove_service(line))
        else:
            kept = {name: value for name, value in there.items() if name not in ("vlan", "cTag", "policy-map")}
            if {**kept, **wanted} != there:
                self._http.write("PUT", _SERVICE, what, {**kept, **wanted})
                undo.append(lambda: self._http.write("PUT", _SERVICE, what, there))
        is_active = there is None or there.get("admin-status") == "active"
        if bool(after.get("enabled")) != is_active:
            spots = (self._names.device, line.service_id, self._names.port, wanted.get("vlan"))
            device, ont, port, vlan = (quote(str(spot), safe="") for spot in spots)
            action = {"action": "pause" if is_active else "resume"}
            tag = {"cTag": str(wanted["cTag"])} if "cTag" in wanted else {}
            place = f"{_SERVICE}/device/{device}/ont/{ont}/port/{port}/vlan/{vlan}"
            self._http.write("PUT", place, f"{action['action']} {what}", parameters={**tag, **action})

    def _take_away(self, line: Line) -> None:
        """Our service, then ONT and subscriber as far as nothing of others hangs off them."""
        services, gone = self._services(line), ""
        try:
            if self._ours(services) is not None:
                self._remove_service(line)
                gone = f"service {self._names.service} is gone"
            if others := [each for each in services if each.get("service-name") != self._names.service]:
                carried = others[0].get("service-name")
                raise UnsafeToContinue(f"{self._name}: ONT {line.service_id} carries {carried} as well, and stays")
            if self._ont(line) is not None:
                named = {"ont-id": line.service_id, "force-delete": "false"}
                self._http.write("DELETE", f"{self._device}/ont", f"ONT {line.service_id}", parameters=named)
                gone = f"ONT {line.service_id} is gone"
            if self._http.read(self._subscriber(line), f"subscriber {line.service_id}") is not None:
                self._http.write("DELETE", self._subscriber(line), f"subscriber {line.service_id}")
        except RetryableError as fault:
            if not gone:
                raise
            raise OutcomeUnknown(f"{fault}; {gone} already") from fault

    def _remove_service(self, line: Line) -> None:
        named = {
            "device-name": self._names.device,
            "ont-id": line.service_id,
            "ont-port-id": self._names.port,
            "service-name": self._names.service,
        }
        what = f"service {self._names.service} of {line.service_id}"
        self._http.write("DELETE", _SERVICE, what, parameters=named)

    def _bring_back(self, undo: list[Undo], fault: SpliceError) -> None:
        try:
            for step in reversed(undo):
                step()
        except SpliceError as error:
            raise OutcomeUnknown(f"{fault}; what was made before it could not be taken away: {error}") from error

    def _subscriber(self, line: Line) -> str:
        organization, account = quote(self._names.organization, safe=""), quote(line.service_id, safe="")
        return f"{_ROOT}/ems/subscriber/org/{organization}/account/{account}"

    def _ont(self, line: Line) -> dict[str, Any] | None:
        answer = self._http.read(f"{self._device}/ont", f"ONT {line.service_id}", {"ont-id": line.service_id})
        found = _rows(None if answer is None else answer.body)
        return found[0] if found else None

    def _status(self, line: Line) -> dict[str, Any] | None:
        device, ont = quote(self._names.device, safe=""), quote(line.service_id, safe="")
        place = f"{_ROOT}/performance/device/{device}/ont/{ont}/status"
        answer = self._http.read(place, f"state of ONT {line.service_id}", {"refresh": "true"})
        found = _rows(None if answer is None else answer.body)
        return found[0] if found else None

    def _services(self, line: Line) -> list[dict[str, Any]]:
        named = {"device-name": self._names.device, "ont-id": line.service_id}
        answer = self._http.read(_SERVICE, f"services of {line.service_id}", named)
        return _rows(None if answer is None else answer.body)

    def _service(self, line: Line) -> dict[str, Any] | None:
        return self._ours(self._services(line))

    def _ours(self, services: list[dict[str, Any]]) -> dict[str, Any] | None:
        return next((each for each in services if each.get("service-name") == self._names.service), None)


def _rows(body: Any) -> list[dict[str, Any]]:
    """The objects of an answer, which is a list of them, one alone, or a page with them under ``data``."""
    held = body.get("data", body) if isinstance(body, Mapping) else body
    found = held if isinstance(held, list) else [held]
    return [dict(each) for each in found if isinstance(each, Mapping) and each]
