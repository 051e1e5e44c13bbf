"""Subscriber modules of Cambium (fixed wireless) through the interface of cnMaestro (REST, JSON, OAuth 2).

A tier is a configuration template that cnMaestro has already. Giving a module its template starts a job, and a job
that has ended well proves little: so the configuration is pulled from the module itself and read. A module that is
away shows nothing, and takes its template when it is back.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from canonical_model.identifiers import parse_device_serial
from connectors.ports import Option
from provisioning.change import Change
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.http_element import HTTP_OPTIONS, HttpElement, TokenLogin
from provisioning.line import Condition, FoundDevice, Line, Observation, Presence, RadioLevels, Setting
from provisioning.reading_back import read_back

CAPABILITIES = DriverCapabilities(
    kind="cambium_cnmaestro",
    protocol="cnMaestro interface v2 (HTTP, JSON), OAuth 2 client credentials; templates, read back from the module",
    layer="access",
    technologies=("fixed_wireless",),
    discovers=True,
    atomic=False,
    evidence=("ont_ranged",),
    settings=("serial", "enabled", "outer_vlan", "down_mbps", "up_mbps", "up_assured_mbps"),
    options=(
        Option("client_id", "of the client that cnMaestro was told to let in", required=True),
        Option("template", "pattern for a tier's template: {down}, {up}, {vlan} (default {down}-{up}-{vlan})"),
        Option("blocked", "likewise, of a service that is cut off (default {down}-{up}-{vlan}-blocked)"),
        Option("bare", "template of a module without a service (default no-service)"),
        Option("vlan_key", "key in a module's configuration that holds its VLAN", required=True),
        Option("enabled_key", "key in it that tells whether traffic passes, true or 1", required=True),
        Option("kbps_per_mbps", "kbit/s that a module is set to for each Mbit/s of the tier (default 1000)"),
        *HTTP_OPTIONS,
        Option("client_secret", "of the client", secret=True, required=True),
    ),
    logins=("oauth2",),
)

_ROOT: Final = "api/v2"
_TOKEN: Final = TokenLogin(f"{_ROOT}/access/token", "client_credentials", "access_token")
_RATES: Final = {"down_mbps": "sustainedDownlinkDataRate", "up_mbps": "sustainedUplinkDataRate"}
"""Rates in a module's configuration, in kbit/s."""
_ENDED: Final = frozenset({"completed", "failed", "cancelled", "timed_out", "timeout"})
_BLOCKED: Final = "{down}-{up}-{vlan}-blocked"
_PAGE: Final = 100
_LOOK_S: Final = 0.2


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open cnMaestro; nothing is asked yet.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    return CnMaestro(settings)


class CnMaestro:
    """The modules that one cnMaestro manages."""

    def __init__(self, settings: ElementSettings) -> None:
        options = settings.options
        if missing := [name for name in ("client_id", "vlan_key", "enabled_key") if name not in options]:
            raise ConfigurationError(f"{settings.name}: cambium_cnmaestro needs the options {', '.join(missing)}")
        if "client_secret" not in settings.secrets:
            raise ConfigurationError(f"{settings.name}: client_id goes with the secret client_secret")
        self._name, self._options, self._timeout_s = settings.name, options, settings.timeout_s
        login = (str(options["client_id"]), settings.secrets["client_secret"].get_secret_value())
        self._http = HttpElement(settings, login, _TOKEN, "application/json")

    def discover(self) -> Sequence[FoundDevice]:
        """Modules that ask to be taken in; the port is the access point that they hang on."""
        return [
            FoundDevice(parse_device_serial(each["mac"]), str(each.get("ap_mac") or ""))
            for each in self._pages(f"{_ROOT}/devices", {"status": "onboarding"}, "modules")
            if each.get("mac")
        ]

    def observe(self, line: Line) -> Observation:
        """What a module itself shows of its configuration, and how well it hears its access point."""
        device = None if line.serial is None else self._one(f"{_ROOT}/devices/{_mac(line.serial)}", line.serial)
        if device is None or line.serial is None:
            return Observation(None, Condition(presence="absent"))
        presence = _presence(device, line.port)
        if device.get("status") != "online":
            return Observation({}, Condition(presence=presence))  # what it holds is not known until it is back
        place = f"{_ROOT}/devices/{_mac(line.serial)}/statistics"
        statistics = self._one(place, f"statistics of {line.serial}") or {}
        condition = Condition(
            presence=presence,
            detected_serial=parse_device_serial(device["mac"]),
            radio=_levels(statistics.get("radio")),
        )
        return Observation(self._settings(line.serial, self._pulled(line.serial)), condition)

    def apply(self, change: Change) -> None:
        """Give a module its template, wait for the job, and read the module."""
        line, after = change.line, change.after
        if line.serial is None:
            raise UnsafeToContinue(f"{self._name}: no module is bound to line {line.service_id}")
        device = self._one(f"{_ROOT}/devices/{_mac(line.serial)}", line.serial)
        if device is None:
            if after is None:
                return
            raise RetryableError(f"{self._name}: module {line.serial} is not known to it yet")
        template = str(self._options.get("bare", "no-service")) if after is None else self._template(after)
        answer = self._http.write(
            "PUT", f"{_ROOT}/devices/{_mac(line.serial)}", f"template of {line.serial}", {"template": template}
        )
        job = answer.body.get("job_id") if isinstance(answer.body, Mapping) else None
        if job is not None:
            self._await_job(str(job), line.serial)
        read_back(self, self._name, change)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _template(self, after: Mapping[str, Setting | None]) -> str:
        if after.get("up_assured_mbps"):
            raise UnsafeToContinue(f"{self._name}: a module is guaranteed nothing: up_assured has to be 0")
        told = {"down": after.get("down_mbps"), "up": after.get("up_mbps"), "vlan": after.get("outer_vlan")}
        if missing := [word for word, value in told.items() if value is None]:
            raise UnsafeToContinue(f"{self._name}: a template needs {', '.join(missing)}")
        word, usual = ("template", "{down}-{up}-{vlan}") if after.get("enabled") else ("blocked", _BLOCKED)
        return str(self._options.get(word, usual)).format(**told)

    def _settings(self, serial: str, config: Mapping[str, Any]) -> dict[str, Setting] | None:
        per = Decimal(str(self._options.get("kbps_per_mbps", 1000)))
        found: dict[str, Setting] = {}
        for word, key in _RATES.items():
            rate = _number(config.get(key))
            if rate:
                found[word] = int((Decimal(rate) / per).to_integral_value())
        if not found:
            return None
        vlan = _number(config.get(str(self._options["vlan_key"])))
        enabled = config.get(str(self._options["enabled_key"]))
        if vlan is not None:
            found["outer_vlan"] = vlan
        return {**found, "serial": serial, "enabled": enabled in (True, 1, "1", "true"), "up_assured_mbps": 0}

    def _pulled(self, serial: str) -> Mapping[str, Any]:
        """The configuration as the module has it: every key with a plain value, wherever it stands."""
        place, what = f"{_ROOT}/devices/{_mac(serial)}/pull_config", f"configuration of {serial}"
        try:
            self._http.write("POST", place, what, {})
        except OutcomeUnknown as error:  # it is only asked to read, so nothing has changed
            raise RetryableError(str(error)) from error

        def pulled() -> dict[str, Any] | None:
            answer = self._http.read(place, what)
            found = {} if answer is None else dict(_flat(answer.body))
            return found if found.keys() & set(_RATES.values()) else None

        found = self._awaited(pulled)
        if found is None:
            raise RetryableError(f"{self._name}: {what} has not come yet")
        return found

    def _await_job(self, job: str, serial: str) -> None:
        def ended() -> dict[str, Any] | None:
            found = self._one(f"{_ROOT}/jobs/{job}", f"job of {serial}")
            return found if found is not None and str(found.get("state")).lower() in _ENDED else None

        try:
            found = self._awaited(ended)
        except RetryableError as error:
            raise OutcomeUnknown(f"{self._name}: the job for {serial} cannot be looked at: {error}") from error
        if found is None:
            raise OutcomeUnknown(f"{self._name}: module {serial} has not taken its template yet")
        state = str(found.get("state")).lower()
        if state != "completed":
            raise OutcomeUnknown(f"{self._name}: the job for {serial} ended as {state}")

    def _awaited(self, look: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        ends = time.monotonic() + self._timeout_s
        while (found := look()) is None and time.monotonic() < ends:
            time.sleep(_LOOK_S)
        return found

    def _one(self, path: str, what: str) -> dict[str, Any] | None:
        answer = self._http.read(path, what)
        rows = answer.body.get("data") if answer is not None and isinstance(answer.body, Mapping) else None
        return dict(rows[0]) if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else None

    def _pages(self, path: str, wanted: Mapping[str, str], what: str) -> Iterator[dict[str, Any]]:
        offset, total = 0, 1
        while offset < total:
            asked = {**wanted, "limit": str(_PAGE), "offset": str(offset)}
            answer = self._http.read(path, what, asked)
            body = answer.body if answer is not None and isinstance(answer.body, Mapping) else {}
            rows = [dict(each) for each in body.get("data") or [] if isinstance(each, Mapping)]
            yield from rows
            offset, total = offset + len(rows), int((body.get("paging") or {}).get("total") or 0) if rows else 0


def _mac(serial: str) -> str:
    return ":".join(serial[place : place + 2] for place in range(0, len(serial), 2))


def _presence(device: Mapping[str, Any], port: str) -> Presence:
    if device.get("status") != "online":
        return "absent"
    told = str(device.get("ap_mac") or "")
    is_elsewhere = bool(told) and _plain(told) != _plain(port)
    return "elsewhere" if is_elsewhere else "present"


def _plain(mac: str) -> str:
    return mac.replace(":", "").replace("-", "").upper()


def _levels(radio: Any) -> RadioLevels | None:
    """What module and access point hear of each other; None without a single reading."""
    if not isinstance(radio, Mapping):
        return None
    rssi = {name: level for name in ("dl_rssi", "ul_rssi") if (level := _number(radio.get(name))) and level < 0}
    found = RadioLevels(
        down_rssi_dbm=rssi.get("dl_rssi"),
        up_rssi_dbm=rssi.get("ul_rssi"),
        down_snr_db=_number(radio.get("dl_snr")),
        up_snr_db=_number(radio.get("ul_snr")),
    )
    return None if found == RadioLevels() else found


def _flat(value: Any) -> Iterator[tuple[str, Any]]:
    """Key and value of every plain value; a text that is JSON itself is opened, as answers wrap one in another."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value if isinstance(value, list) else ())
    for key, held in pairs:
        if isinstance(held, Mapping | list) or (isinstance(held, str) and held.lstrip()[:1] in ("{", "[")):
            yield from _flat(held)
        elif isinstance(key, str):
            yield key, held


def _number(told: Any) -> int | None:
    text = str(told)
    return int(text) if text.removeprefix("-").isdigit() and not isinstance(told, bool) else None
