"""What WS-Security does to each envelope: a UsernameToken, a signature, both or nothing.

Imported only when a system is opened, because zeep is heavy.
"""

from typing import Any

from zeep.wsse.compose import Compose
from zeep.wsse.username import UsernameToken

from connectors.ports import SystemSettings
from connectors.settings import option, secret
from connectors.soap.signing import signed_messages


def message_security(settings: SystemSettings, login: str) -> Any:
    """What zeep takes for ``wsse``; None for nothing.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    found: list[Any] = []
    if login in {"text", "digest"}:
        name, password = option(settings, "username"), secret(settings, "password")
        found.append(UsernameToken(name, password, use_digest=login == "digest", zulu_timestamp=True))
    if (signed := signed_messages(settings)) is not None:
        found.append(signed)
    return Compose(found) if len(found) > 1 else next(iter(found), None)
