"""What the errors of pysnmp and the statuses of agents mean (RFC 3414, RFC 3416)."""

from typing import Any, Literal

from pysnmp.proto import errind

from connectors.snmp.logins import CommunityLogin, Login

NO_ACCESS, AUTHORIZATION = 6, 16

REFUSED = (
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.UnsupportedSecurityLevel,
    errind.UnknownCommunityName,
    errind.NoSuchContext,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.WrongDigest,
    errind.DecryptionError,
    errind.EncryptionError,
)
"""The agent does not take the login, or we cannot make what it wants; nothing was carried out."""

NOT_NOW = (errind.NotInTimeWindow, errind.UnknownEngineID)
"""The agent has started anew, which the next question makes up for; nothing was carried out."""

SetMeaning = Literal["refused", "not now", "login", "unclear"]
"""It will not be set; it was not set now; the login may not; it may have been set."""

SET_STATUSES: dict[int, tuple[str, SetMeaning]] = {
    1: ("tooBig", "refused"),
    2: ("noSuchName", "refused"),
    3: ("badValue", "refused"),
    4: ("readOnly", "refused"),
    5: ("genErr", "unclear"),
    NO_ACCESS: ("noAccess", "refused"),
    7: ("wrongType", "refused"),
    8: ("wrongLength", "refused"),
    9: ("wrongEncoding", "refused"),
    10: ("wrongValue", "refused"),
    11: ("noCreation", "refused"),
    12: ("inconsistentValue", "not now"),
    13: ("resourceUnavailable", "not now"),
    14: ("commitFailed", "not now"),
    15: ("undoFailed", "unclear"),
    AUTHORIZATION: ("authorizationError", "login"),
    17: ("notWritable", "refused"),
    18: ("inconsistentName", "refused"),
}
"""What each status of a SET means.

After commitFailed all is as before; after undoFailed something is not. A genErr is given by agents for all that they
have no word for, a time-out towards the device included.
"""


def why_silent(login: Login) -> str:
    """What to look at where an agent does not answer."""
    if isinstance(login, CommunityLogin):
        return (
            "it is out of reach, or it knows another community: an agent answers a wrong one with silence; "
            "check address and community, then try again"
        )
    return "it is out of reach, or silent to this user or context; check address and login, then try again"


def status_number(status: Any) -> int:
    """An error status as a number; 0 for none."""
    return int(status) if status else 0
