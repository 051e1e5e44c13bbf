"""A login operation gives a session id, and a header carries it with every later call (the options ``session_*``).

The header is written as the WSDL declares it; where it does not, the option names it with its namespace.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from connectors.nesting import nested
from connectors.ports import SystemSettings
from connectors.settings import near, option, secret
from connectors.soap.faults import Told

_STEP = re.compile(r"(?:\{([^{}]*)\})?([^.{}]+)(?:\.|$)")

Headers = Mapping[str, Any] | list[Any]
"""What zeep takes for headers: values by the names that the WSDL declares, or elements."""


@dataclass(frozen=True, slots=True)
class SessionLogin:
    """How a session is had and shown.

    Attributes:
        operation: logs in.
        user: element of its request and the name.
        password: element of its request and the password.
        more: further elements of its request.
        id_path: element of its answer that holds the session id.
        header: header that takes the id: a declared one as in ``Session.id``, or ``{namespace}Session.id``.
        faults: names of fault details, or codes, that mean that the session has ended.
        ending: operation that ends a session; empty for none.
    """

    operation: str
    user: tuple[str, str]
    password: tuple[str, SecretStr]
    more: Mapping[str, Any]
    id_path: str
    header: str
    faults: frozenset[str]
    ending: str

    @property
    def paths(self) -> list[str]:
        """Elements of the request."""
        return [*self.more, self.user[0], self.password[0]]

    @property
    def arguments(self) -> dict[str, Any]:
        """The request; the password stands in it."""
        path, held = self.password
        return nested({**self.more, self.user[0]: self.user[1], path: held.get_secret_value()})


@dataclass(slots=True)
class Session:
    """A session with a service: none before the first call, and another once it has ended."""

    login: SessionLogin
    id: str = field(default="", repr=False)

    def has_ended(self, status: int, told: Told | None) -> bool:
        """Whether an answer says so; the session is forgotten then."""
        if status != 401 and (told is None or self.login.faults.isdisjoint((*told.faults, *told.codes))):
            return False
        self.id = ""
        return True


def session_login(settings: SystemSettings) -> SessionLogin:
    """The session of a system's options.

    Raises:
        ConfigurationError: an option is missing or makes no sense.
    """
    place = f"system {settings.name}: options:"
    more, faults = settings.options.get("session_arguments", {}), settings.options.get("session_faults")
    if not isinstance(more, Mapping):
        raise ConfigurationError(f"{place} session_arguments is a table of name: value")
    if not isinstance(faults, list) or not faults:
        raise ConfigurationError(f"{place} session_faults is a list of the faults that mean: the session has ended")
    header = option(settings, "session_header")
    if "".join(step[0] for step in _STEP.finditer(header)) != header:
        raise ConfigurationError(f"{place} session_header: expected Name.element or {{namespace}}Name.element")
    return SessionLogin(
        option(settings, "session_operation"),
        (option(settings, "session_username", "username"), option(settings, "username")),
        (option(settings, "session_password", "password"), SecretStr(secret(settings, "password"))),
        more,
        option(settings, "session_id"),
        header,
        frozenset(map(str, faults)),
        str(settings.options.get("session_end") or ""),
    )


def headers_for(login: SessionLogin, operation: Any, session_id: str) -> Headers:
    """The headers of a call.

    Args:
        login: of the system.
        operation: zeep's.
        session_id: what the login gave.

    Raises:
        ConfigurationError: the operation declares no such header.
    """
    steps = [(step[1], step[2]) for step in _STEP.finditer(login.header)]
    (namespace, name), *inner = steps
    if namespace is not None:
        return [_element(steps, session_id)]
    header = operation.input.header
    declared = dict(header.type.elements) if header is not None else {}
    by_name = {element.name: part for part, element in declared.items()}
    part = name if name in declared else by_name.get(name)
    if part is None:
        raise ConfigurationError(
            f"operation {operation.name} declares no header {name}{near(name, {*declared, *by_name})}; one that the "
            "WSDL does not declare is named with its namespace, {namespace}Name"
        )
    path = ".".join(step for _, step in inner)
    return {part: nested({path: session_id}) if path else session_id}


def _element(steps: list[tuple[str | None, str]], text: str) -> etree._Element:
    """Nested elements; one without a namespace of its own has that of the element around it."""
    namespace, name = steps[0]
    root = innermost = etree.Element(etree.QName(namespace or None, name))
    for own, step in steps[1:]:
        namespace = namespace if own is None else own
        innermost = etree.SubElement(innermost, etree.QName(namespace or None, step))
    innermost.text = text
    return root
