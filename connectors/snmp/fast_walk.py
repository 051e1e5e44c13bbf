"""A walk of one column with gufo-snmp, whose decoder is compiled: forty times the rows a processor second of pysnmp.

It knows no context of v3, and it takes whatever refuses or fails in the middle of a table for the table's end, so its
word on an end counts for nothing (``column_walk``). What it does beneath its documented surface is leaned on here and
nowhere else: one position that several sockets share, each with another time-out.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gufo.snmp import SnmpError
from gufo.snmp._fast import GetIter
from gufo.snmp.sync import SnmpSession
from gufo.snmp.user import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)

from connectors.snmp.logins import CommunityLogin, Login
from connectors.snmp.oids import Oid, dotted

if TYPE_CHECKING:
    from gufo.snmp.typing import ValueType

_AUTHENTICATION = {
    "md5": Md5Key,
    "sha": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
_PRIVACY = {"des": DesKey, "aes": Aes128Key, "aes192": Aes192Key, "aes256": Aes256Key}


class SilentError(Exception):
    """No answer came, however often and long it was waited for."""


class DoubtError(Exception):
    """Something came that this client cannot use; another may."""


def can_walk(login: Login) -> bool:
    """Whether this client speaks as a login wants."""
    return isinstance(login, CommunityLogin) or not login.context


class FastWalk:
    """Walks one column, for one thread."""

    def __init__(
        self, address: tuple[str, int], login: Login, column: Oid, waits: Sequence[float], repetitions: int
    ) -> None:
        self._address = address
        self._login = login
        self._waits = waits
        self._place = GetIter(dotted(column), repetitions)
        self._sockets: dict[int, Any] = {}

    def rows(self) -> "list[tuple[str, ValueType] | None]":
        """The next rows as OID and value; empty at the end, or where the agent gave anything else than rows.

        Raises:
            SilentError: no answer in time.
            DoubtError: an answer that this client cannot read, or an error it does not explain.
        """
        for place, wait in enumerate(self._waits):
            asked = time.monotonic()
            try:
                found: list[tuple[str, ValueType] | None] = self._socket(place).get_bulk(self._place)
            except StopAsyncIteration:
                return []
            except (BlockingIOError, TimeoutError):
                # a port that nobody listens on is told at once; the agent may be starting again
                time.sleep(max(0.0, wait - (time.monotonic() - asked)))
            except (SnmpError, OSError, ValueError) as error:
                raise DoubtError from error
            else:
                return found
        raise SilentError

    def _socket(self, place: int) -> Any:
        if place not in self._sockets:
            session = SnmpSession(
                self._address[0],
                port=self._address[1],
                timeout=self._waits[place],
                **_credentials(self._login),
            )
            session.refresh()
            self._sockets[place] = session._sock  # noqa: SLF001 - takes a position of ours, as no public call does
        return self._sockets[place]


def _credentials(login: Login) -> dict[str, Any]:
    if isinstance(login, CommunityLogin):
        return {"community": login.community}
    auth = _AUTHENTICATION[login.auth_protocol](login.auth_key.encode()) if login.auth_key else None
    priv = _PRIVACY[login.priv_protocol](login.priv_key.encode()) if login.priv_key else None
    # a long key is stretched as pysnmp does, so that both clients know the same user
    return {"user": User(login.user, auth_key=auth, priv_key=priv, key_expansion=KeyExpansion.Cisco)}
