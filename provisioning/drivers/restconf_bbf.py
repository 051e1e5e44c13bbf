"""OLTs behind a controller that speaks RESTCONF (RFC 8040) with the models of Broadband Forum TR-385 and TR-383.

There is no transaction over several requests: each object of a line is read, ours is put into it, and it is written
only as long as nobody else has changed it in between (``If-Match``). Where one is refused, those that were written
before are brought back. A controller that says yes may not have told the device yet, so the line is read in the end.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lxml import etree

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError, UnsafeToContinue
from canonical_model.identifiers import parse_ont_serial
from connectors.ports import Option
from provisioning.change import Change
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.http_element import HTTP_OPTIONS, HttpElement, TokenLogin
from provisioning.line import Condition, FoundDevice, Line, Observation
from provisioning.netconf.dialects import DIALECTS as NAMES
from provisioning.netconf.dialects import names_of
from provisioning.netconf.tr385 import Names, presence_in, settings_in
from provisioning.netconf.unclaimed import unclaimed_terminals
from provisioning.reading_back import read_back
from provisioning.restconf.dialects import DIALECTS
from provisioning.restconf.encoding import as_xml, merged
from provisioning.restconf.resources import (
    INTERFACES,
    STATES,
    Resource,
    as_data,
    contained,
    entry_of,
    interface,
    taken_away,
    told_of,
)
from provisioning.standing import ACCESS_WORDS

CAPABILITIES = DriverCapabilities(
    kind="restconf_bbf",
    protocol="RESTCONF (RFC 8040) with JSON, BBF TR-385 and TR-383; entity tags against two writers at once",
    layer="access",
    technologies=("pon",),
    variants=tuple(DIALECTS),
    discovers=True,
    atomic=False,
    evidence=("ont_ranged",),
    settings=ACCESS_WORDS,
    options=(
        Option("username", "who logs in", required=True),
        Option("device", "the OLT's own name in the controller, for nokia_altiplano"),
        Option("release", "what the paths of nokia_altiplano begin with (default nokia)"),
        Option("mount", "path below data at which the models of the OLT hang; for adtran_mosaic"),
        Option("names", "patterns for names of objects that take the place of the dialect's"),
        *HTTP_OPTIONS,
        Option("password", "of the user", secret=True, required=True),
    ),
)

_MEDIA: Final = "application/yang-data+json"
_NAMING: Final[Mapping[str, str]] = {
    "rfc8040": "tr385",
    "nokia_altiplano": "nokia_lightspan",
    "adtran_mosaic": "adtran_sdx",
}


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open a controller; nothing is asked yet.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    return RestconfOlt(settings)


class RestconfOlt:
    """One OLT as its controller shows it."""

    def __init__(self, settings: ElementSettings) -> None:
        self._name = settings.name
        variant = settings.variant or "rfc8040"
        if variant not in DIALECTS:
            raise ConfigurationError(f"{settings.name}: restconf_bbf knows no variant {variant}")
        dialect, options = DIALECTS[variant], settings.options
        if missing := [name for name in (*dialect.needs, "username") if name not in options]:
            raise ConfigurationError(f"{settings.name}: {variant} needs the options {', '.join(missing)}")
        if "password" not in settings.secrets:
            raise ConfigurationError(f"{settings.name}: username goes with the secret password")
        told = {
            "release": options.get("release", "nokia"),
            "device": options.get("device", ""),
            "mount": str(options.get("mount", "")).strip("/"),
        }
        self._writes, self._reads = (root.format(**told).rstrip("/") for root in (dialect.writes, dialect.reads))
        token = dialect.token
        asked = token and TokenLogin(token.path.format(**told), token.sends, token.token)
        login = (str(options["username"]), settings.secrets["password"].get_secret_value())
        self._http = HttpElement(settings, login, asked, _MEDIA)
        self._naming = _NAMING[variant]
        self._own: Mapping[str, str] = options.get("names", {})

    def discover(self) -> Sequence[FoundDevice]:
        """Terminals that a channel termination sees and that have no ``v-ani``, or one elsewhere."""
        answer = self._http.read(f"{self._reads}/{STATES}", "the state of interfaces")
        if answer is None:
            raise self._nothing_hangs_there()
        data = etree.Element("data")
        for name, value in (answer.body if isinstance(answer.body, dict) else {}).items():
            data.extend(as_xml(name, value))
        return list(unclaimed_terminals(data, {**NAMES[self._naming], **self._own}["termination"]))

    def observe(self, line: Line) -> Observation:
        """What the device shows of a line, and whether its terminal is there."""
        names = names_of(self._naming, self._own, line, {})
        read = self._shown(names)
        if not read and self._http.read(f"{self._reads}/{INTERFACES}?depth=2", "the interfaces") is None:
            raise self._nothing_hangs_there()
        data = as_data(read)
        presence, detected = presence_in(data, names)
        serial = None if detected is None else parse_ont_serial(detected)
        return Observation(settings_in(data, names), Condition(presence=presence, detected_serial=serial))

    def apply(self, change: Change) -> None:
        """Write each object, bring all back where one is refused, and read the line in the end."""
        line, after = change.line, change.after
        written: list[tuple[Resource, dict[str, Any] | None]] = []
        try:
            if after is None:
                for resource in taken_away(names_of(self._naming, self._own, line, {})):
                    self._remove(resource, written)
            else:
                for resource in told_of(names_of(self._naming, self._own, line, after), line, after):
                    self._put(resource, written)
        except OutcomeUnknown:
            raise
        except (RetryableError, UnsafeToContinue, ConfigurationError) as fault:
            self._bring_back(written, fault)
            raise
        read_back(self, self._name, change)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _nothing_hangs_there(self) -> ConfigurationError:
        """Every OLT has interfaces; without any, the line may be there, below another path."""
        return ConfigurationError(f"{self._name}: {self._reads} shows no interface at all: is the path right?")

    def _shown(self, names: Names) -> dict[Resource, Mapping[str, Any]]:
        wanted = [interface(name) for name in (names.v_ani, names.v_enet, names.sub_interface)]
        wanted += [
            interface(names.v_ani, STATES),
            contained("tcont", names.tcont),
            contained("gemport", names.gemport),
        ]
        read: dict[Resource, Mapping[str, Any]] = {}
        for resource in wanted:
            entry = self._entry(self._reads, resource)[0]
            if entry is not None:
                read[resource] = entry
                if "traffic-descriptor-profile-ref" in entry:
                    wanted.append(
                        contained("traffic-descriptor-profile", str(entry["traffic-descriptor-profile-ref"]))
                    )
        return read

    def _entry(self, root: str, resource: Resource) -> tuple[dict[str, Any] | None, str]:
        answer = self._http.read(f"{root}/{resource.path}", resource.name)
        if answer is None:
            return None, ""
        return entry_of(answer.body, resource), answer.headers.get("ETag", "")

    def _put(self, resource: Resource, written: list[tuple[Resource, dict[str, Any] | None]]) -> None:
        there, tag = self._entry(self._writes, resource)
        wanted = merged(there, resource.body)
        if there != wanted or not self._shows(resource):
            self._write(resource, wanted, {"If-None-Match": "*"} if there is None else _only(tag))
            written.append((resource, there))

    def _shows(self, resource: Resource) -> bool:
        """Whether the device itself has an object as it shall be, which its controller may only believe."""
        if self._reads == self._writes:
            return True
        entry = self._entry(self._reads, resource)[0]
        return entry is not None and merged(entry, resource.body) == entry

    def _remove(self, resource: Resource, written: list[tuple[Resource, dict[str, Any] | None]]) -> None:
        there, tag = self._entry(self._writes, resource)
        if there is not None:
            self._write(resource, None, _only(tag))
            written.append((resource, there))

    def _write(self, resource: Resource, body: dict[str, Any] | None, headers: Mapping[str, str]) -> None:
        path = f"{self._writes}/{resource.path}"
        if body is None:
            self._http.write("DELETE", path, resource.name, headers=headers)
        else:
            self._http.write("PUT", path, resource.name, {resource.list: [body]}, headers=headers)

    def _bring_back(self, written: list[tuple[Resource, dict[str, Any] | None]], fault: SpliceError) -> None:
        try:
            for resource, before in reversed(written):
                there, tag = self._entry(self._writes, resource)
                if there != before:
                    self._write(resource, before, {"If-None-Match": "*"} if there is None else _only(tag))
        except SpliceError as error:
            raise OutcomeUnknown(f"{fault}; what was written before it could not be brought back: {error}") from error


def _only(tag: str) -> dict[str, str]:
    """The condition that nobody else has written in between, where the controller gives entity tags."""
    return {"If-Match": tag} if tag else {}
