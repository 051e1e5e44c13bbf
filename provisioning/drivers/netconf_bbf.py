"""OLTs that speak NETCONF with the models of Broadband Forum TR-385 and TR-383."""

from collections.abc import Mapping, Sequence

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.identifiers import parse_ont_serial
from canonical_model.network import OpticalPower
from connectors.ports import Option
from provisioning.change import Change, shows
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.line import Condition, FoundDevice, Line, Observation, Setting
from provisioning.netconf.dialects import DIALECTS, LIGHT, names_of
from provisioning.netconf.logins import LOGIN_OPTIONS, LOGINS, login_of
from provisioning.netconf.optics import light_filter, light_in
from provisioning.netconf.session import NetconfSession
from provisioning.netconf.tr385 import NS, desired, filter_of, presence_in, removed, settings_in
from provisioning.netconf.unclaimed import unclaimed_terminals
from provisioning.standing import ACCESS_WORDS

CAPABILITIES = DriverCapabilities(
    kind="netconf_bbf",
    protocol="NETCONF 1.0 and 1.1 over SSH, BBF TR-385 and TR-383, candidate and confirmed commit",
    layer="access",
    technologies=("pon",),
    variants=tuple(DIALECTS),
    discovers=True,
    atomic=True,
    evidence=("ont_ranged",),
    settings=ACCESS_WORDS,
    options=(
        *LOGIN_OPTIONS,
        Option("names", "patterns for names of objects that take the place of the dialect's"),
    ),
    logins=LOGINS,
)

_SEEN = (
    f'<interfaces-state xmlns="{NS["if"]}"><interface><name/><channel-termination xmlns="{NS["xpon"]}"/>'
    "</interface></interfaces-state>"
)


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Connect to an OLT.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the login is refused.
        RetryableError: it is out of reach.
    """
    return BbfOlt(settings)


class BbfOlt:
    """A session with one OLT."""

    def __init__(self, settings: ElementSettings) -> None:
        self._name = settings.name
        self._variant = settings.variant or "tr385"
        if self._variant not in DIALECTS:
            raise ConfigurationError(f"{settings.name}: netconf_bbf knows no variant {self._variant}")
        self._own: Mapping[str, str] = settings.options.get("names", {})
        self._session = NetconfSession(settings.name, login_of(settings))

    def discover(self) -> Sequence[FoundDevice]:
        """Terminals that a channel termination sees and that have no ``v-ani``, or one elsewhere."""
        data = self._session.state(_SEEN)
        return list(unclaimed_terminals(data, {**DIALECTS[self._variant], **self._own}["termination"]))

    def observe(self, line: Line) -> Observation:
        """What is configured of a line, and whether its terminal is there."""
        names = names_of(self._variant, self._own, line, {})
        data = self._session.state(filter_of(names))
        presence, detected = presence_in(data, names)
        serial = None if detected is None else parse_ont_serial(detected)
        condition = Condition(presence=presence, detected_serial=serial, powers=self._light(serial))
        return Observation(settings_in(data, names), condition)

    def apply(self, change: Change) -> None:
        """Commit a change for a while, read it back, and confirm it."""
        line, after = change.line, change.after
        self._session.change(
            self._edit(line, after),
            lambda: shows(self.observe(line), after),
            persist_id=f"splice-{line.market}-{line.service_id}",
            back=lambda: self._edit(line, self.observe(line).settings),
        )

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def _light(self, serial: str | None) -> tuple[OpticalPower, ...]:
        module = LIGHT.get(self._variant)
        if serial is None or module is None:
            return ()
        try:
            return light_in(self._session.state(light_filter(serial, module)), serial, module)
        except UnsafeToContinue:  # a device without the module may refuse to be asked for it
            return ()

    def _edit(self, line: Line, after: Mapping[str, Setting | None] | None) -> str:
        """The edit that makes a line so; one without its terminal is taken away."""
        if after is None or after.get("serial") is None:
            return removed(names_of(self._variant, self._own, line, {}))
        return desired(names_of(self._variant, self._own, line, after), line, after)
