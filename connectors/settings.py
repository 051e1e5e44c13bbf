"""What every kind of system reads from its settings in the same way: addresses, secrets, choices."""

import ipaddress
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import SplitResult, quote, quote_plus, urlsplit

from canonical_model.errors import ConfigurationError
from connectors.ports import Capabilities, Option, StreamRead, SystemSettings

PLAIN_HTTP = Option("plain_http", "true lets secrets cross the network unencrypted to an http:// address")
CA_BUNDLE = Option("ca_bundle", "file of certificates to trust instead of the machine's")

SWEEP_HOURS = Option(
    "sweep_hours",
    "hours between sweeps over all keys, which find what was deleted without a mark (default 24; 0: in each pull; "
    "never)",
)
CHILDREN_TOUCH_PARENT = Option(
    "children_touch_parent",
    "true: a change of an element of a nested list moves the record's own cursor too; without it such a stream takes "
    "no cursor",
)
TOTAL_COUNTS = Option("total_counts", "matching (default): what the question matches; whole: all the source holds")


def checked(settings: SystemSettings, capabilities: Capabilities) -> SystemSettings:
    """The settings of a system, if its kind knows every name in them.

    Defaults for the options of its streams come with them (``stream_options`` in the system's block).

    Raises:
        ConfigurationError: an option or a secret is unknown, or a secret stands among the options.
    """
    known = {option.name: option.secret for option in (*capabilities.system_options, *capabilities.stream_options)}
    for name in settings.options:
        if known.get(name) is not False:
            told = (
                "belongs under secrets"
                if known.get(name)
                else f"is unknown to {capabilities.kind}{near(name, known)}"
            )
            raise ConfigurationError(f"system {settings.name}: options: {name} {told}")
    for name in settings.secrets:
        if not known.get(name):
            secrets = [known_name for known_name, is_secret in known.items() if is_secret]
            raise ConfigurationError(
                f"system {settings.name}: secrets: {name} is no secret of {capabilities.kind}{near(name, secrets)}"
            )
    return settings


def stream_options(settings: SystemSettings, read: StreamRead, capabilities: Capabilities) -> dict[str, Any]:
    """The options of a mapping, those of its system's block standing in where it has none.

    Raises:
        ConfigurationError: an option is unknown or a required one is missing.
    """
    known = {option.name: option for option in capabilities.stream_options}
    for name in read.options:
        if name not in known:
            raise ConfigurationError(
                f"{read.stream}: options: {name} is unknown to {capabilities.kind}{near(name, known)}"
            )
    merged = {name: value for name, value in {**settings.options, **read.options}.items() if name in known}
    if missing := [name for name, option in known.items() if option.required and merged.get(name) is None]:
        raise ConfigurationError(f"{read.stream}: options: {', '.join(missing)} is missing")
    return merged


def http_address(settings: SystemSettings) -> SplitResult:
    """The address of a system that speaks HTTP, checked.

    Raises:
        ConfigurationError: no URL, credentials in the URL, or unencrypted to another machine without leave.
    """
    where = f"system {settings.name}: address"
    try:
        url = urlsplit(settings.address)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise ConfigurationError(f"{where}: no URL like https://host:port/path") from error
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"{where}: expected a URL like https://host:port/path")
    if "@" in url.netloc:
        raise ConfigurationError(f"{where}: holds credentials; put them under secrets")
    if url.query or url.fragment:
        raise ConfigurationError(f"{where}: ends at the path, without ? and #")
    if url.scheme == "http" and not is_loopback(host) and settings.options.get("plain_http") is not True:
        raise ConfigurationError(f"{where}: http:// sends secrets unencrypted; use https://, or set plain_http: true")
    return url


def host_and_port(settings: SystemSettings, default_port: int) -> tuple[str, int]:
    """The address of a system that is named by ``host:port``.

    Raises:
        ConfigurationError: it is not of that form.
    """
    try:
        url = urlsplit(f"//{settings.address}")
        host, port = url.hostname, url.port or default_port
    except ValueError:
        host, port = None, default_port
    if not host or "@" in settings.address or "/" in settings.address:
        raise ConfigurationError(f"system {settings.name}: address: expected host:port")
    return host, port


def origin(url: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL in one spelling, so that two can be compared (RFC 6454).

    Raises:
        ValueError: the port is no number, or credentials stand before the host.
    """
    if "@" in url.netloc:
        raise ValueError("credentials")
    return url.scheme, (url.hostname or "").rstrip("."), url.port or {"http": 80, "https": 443}.get(url.scheme)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secret(settings: SystemSettings, name: str) -> str:
    """The value of a secret.

    Raises:
        ConfigurationError: it is missing, empty, or ends in a line break as a value read from a file may;
            the libraries would quote such a value in their own errors.
    """
    held = settings.secrets.get(name)
    value = held.get_secret_value() if held is not None else ""
    if not value:
        raise ConfigurationError(f"system {settings.name}: secrets: {name} is missing or empty")
    if value != value.strip() or not value.isprintable():
        raise ConfigurationError(
            f"system {settings.name}: secrets: {name} ends in a blank or holds a control character"
        )
    return value


def secret_key_text(settings: SystemSettings, name: str) -> str:
    """The value of a secret that has lines, such as a private key.

    Raises:
        ConfigurationError: it is missing or empty.
    """
    held = settings.secrets.get(name)
    if held is None or not held.get_secret_value().strip():
        raise ConfigurationError(f"system {settings.name}: secrets: {name} is missing or empty")
    return held.get_secret_value()


def without_secrets(text: str, settings: SystemSettings) -> str:
    """What a system said, without the secrets of its settings; some repeat a refused key in their words."""
    for held in settings.secrets.values():
        value = held.get_secret_value().strip()
        for spelled in (value, quote(value, safe=""), quote_plus(value)):
            text = text.replace(spelled, "***") if spelled else text
    return text


def option(settings: SystemSettings, name: str, default: str | None = None) -> str:
    """A setting that is a text.

    Raises:
        ConfigurationError: it is missing and has no default.
    """
    value = settings.options.get(name, default)
    if value is None or value == "":
        raise ConfigurationError(f"system {settings.name}: options: {name} is missing")
    return str(value)


def sweep_hours(read: StreamRead, options: Mapping[str, Any]) -> float | None:
    """Hours between two sweeps over all keys; None for never.

    Raises:
        ConfigurationError: it is no number from 0 on.
    """
    written = options.get("sweep_hours", 24)
    return None if written == "never" else number(f"{read.stream}: options: sweep_hours", written)


def refuse_lists_behind_a_cursor(read: StreamRead, lists: Iterable[str], options: Mapping[str, Any]) -> None:
    """See that no nested list hides its changes behind the record's cursor.

    Raises:
        ConfigurationError: there are lists and a cursor, and nobody says that their changes move it.
    """
    names = ", ".join(lists)
    if names and read.cursor_field and options.get("children_touch_parent") is not True:
        raise ConfigurationError(
            f"{read.stream}: options: a change inside {names} does not move {read.cursor_field} of "
            f"{read.source_object}, and would be missed: take the cursor out, map the children as a stream of their "
            "own, or set children_touch_parent: true if the source sees to it"
        )


def number(place: str, value: Any, least: float = 0) -> float:
    """A setting that is a finite number.

    Raises:
        ConfigurationError: it is none, or less than allowed.
    """
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = -1.0
    if not least <= found < float("inf"):
        raise ConfigurationError(f"{place}: a number from {least:g} on is expected")
    return found


def whole_number(place: str, value: Any, least: int, most: int) -> int:
    """A setting that is a whole number.

    Raises:
        ConfigurationError: it is none, or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ConfigurationError(f"{place} is a whole number from {least} to {most}")
    return value


def choice(place: str, value: Any, among: Iterable[str]) -> str:
    """A value that must be one of some words.

    Raises:
        ConfigurationError: it is not; names the nearest.
    """
    words = list(among)
    if value in words:
        return str(value)
    raise ConfigurationError(f"{place}: {value!r} is unknown{near(str(value), words)}")


def near(name: str, valid: Iterable[str]) -> str:
    """The end of a sentence that proposes the nearest valid names, or lists them where none is near."""
    names = sorted(set(valid))
    spelled = {each.lower(): each for each in names}
    if close := get_close_matches(name.lower(), spelled, n=3, cutoff=0.5):
        return f"; did you mean {' or '.join(spelled[each] for each in close)}?"
    return f"; there are: {', '.join(names[:20])}" if names else ""


def at_path(value: Any, path: str) -> Any:
    """Follow a dotted path into nested mappings; an empty path is the value itself.

    Raises:
        KeyError: the path leads nowhere; its argument is the step that is missing.
    """
    for step in path.split(".") if path else ():
        if not isinstance(value, Mapping) or step not in value:
            raise KeyError(step)
        value = value[step]
    return value
