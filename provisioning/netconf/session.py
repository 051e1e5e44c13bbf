"""One NETCONF session to a device: read, and change all or nothing by a confirmed commit.

A device may say ok to a commit and change nothing. So a change is committed for a while (RFC 6241, 8.4), read back,
and confirmed only where it shows; otherwise it is called off. A process that dies before it has confirmed leaves
nothing behind: the device takes the change back when the time is over.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.driver import UNCONFIRMED_FOR

BASE: Final = "urn:ietf:params:xml:ns:netconf:base:1.0"
CONFIRM_WITHIN_S: Final = int(UNCONFIRMED_FOR.total_seconds())
"""How long a device keeps what is not confirmed; far below the lease under which a saga is held."""

_BUSY = frozenset({"lock-denied", "in-use", "resource-denied"})
_TICK_S = 0.002


@dataclass(frozen=True, slots=True)
class NetconfLogin:
    """Where a device is, and how it knows us.

    Attributes:
        host: name or address.
        host_key: public key of the device, as base64; None only where the operator trusts any.
        password: None where a key is used.
        key_file: private key; None where a password is used.
    """

    host: str
    port: int
    username: str
    host_key: str | None
    password: str | None = None
    key_file: str | None = None
    timeout_s: float = 30.0


class NetconfSession:
    """An open session; used by one thread at a time."""

    def __init__(self, name: str, login: NetconfLogin) -> None:
        """Connect.

        Raises:
            RetryableError: the device is out of reach.
            ConfigurationError: it does not know us, or we do not know it.
        """
        self._name = name
        self._manager = _connected(name, login)

    def read(self, wanted: str) -> etree._Element:
        """What is configured, of what the subtree filter names.

        Raises:
            RetryableError: the device does not answer.
            UnsafeToContinue: it refuses.
        """
        with self._faults(RetryableError):
            return _data(self._manager.get_config("running", filter=_filter(wanted)))

    def state(self, wanted: str) -> etree._Element:
        """What is configured and what the device sees, of what the subtree filter names.

        Raises:
            RetryableError: the device does not answer.
            UnsafeToContinue: it refuses.
        """
        with self._faults(RetryableError):
            return _data(self._manager.get(filter=_filter(wanted)))

    def change(self, config: str, is_shown: Callable[[], bool], persist_id: str) -> None:
        """Change the configuration, all of it or nothing.

        Args:
            config: content of an edit, namespaces declared.
            is_shown: reads the device and tells whether it shows the change.
            persist_id: names the change to the device, so that another session can call it off.

        Raises:
            RetryableError: nothing has changed: another session holds the device, or it was lost before the commit.
            OutcomeUnknown: the session was lost while the change was confirmed or called off.
            UnsafeToContinue: the device refuses the change, or took it and does not show it.
        """
        self._call_off_what_is_left(persist_id)  # while something is unconfirmed, nobody gets the lock
        with self._locked():
            with self._faults(RetryableError):
                self._manager.discard_changes()
                self._manager.edit_config(target="candidate", config=f'<config xmlns="{BASE}">{config}</config>')
                # a lost answer leaves nothing: what nobody confirms is taken back
                self._manager.commit(confirmed=True, timeout=str(CONFIRM_WITHIN_S), persist=persist_id)
            if not is_shown():
                with self._faults(OutcomeUnknown):
                    self._manager.cancel_commit(persist_id=persist_id)
                raise UnsafeToContinue(f"{self._name} said that it had changed and shows nothing of it")
            with self._faults(OutcomeUnknown):
                self._manager.commit(persist_id=persist_id)

    def close(self) -> None:
        """End the session; calling it twice is harmless."""
        with suppress(Exception):
            self._manager.close_session()

    def _call_off_what_is_left(self, persist_id: str) -> None:
        """Call a change off that an earlier session has not confirmed; mostly there is none, and it is refused."""
        from ncclient.operations import RPCError  # noqa: PLC0415

        with self._faults(RetryableError), suppress(RPCError):
            self._manager.cancel_commit(persist_id=persist_id)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._faults(RetryableError):
            self._manager.lock("candidate")
        try:
            yield
        finally:
            with suppress(Exception):  # the end of the session would give the lock back as well
                self._manager.unlock("candidate")

    @contextmanager
    def _faults(self, lost: type[RetryableError] | type[OutcomeUnknown]) -> Iterator[None]:
        """Errors of the library as ours; ``lost`` is what a lost session means here."""
        from ncclient.operations import RPCError, TimeoutExpiredError  # noqa: PLC0415
        from ncclient.transport import TransportError  # noqa: PLC0415

        try:
            yield
        except RPCError as error:
            tags, said = _told(error)
            if tags & _BUSY:
                raise RetryableError(f"{self._name}: another session holds it ({said})") from error
            raise UnsafeToContinue(f"{self._name} refuses: {said}") from error
        except (TransportError, TimeoutExpiredError, OSError, EOFError) as error:
            raise lost(f"{self._name}: the session was lost ({type(error).__name__})") from error


def _connected(name: str, login: NetconfLogin) -> Any:
    import ncclient.transport.session  # noqa: PLC0415
    from ncclient import manager  # noqa: PLC0415
    from ncclient.transport import AuthenticationError, SSHError, SSHUnknownHostError, TransportError  # noqa: PLC0415

    # how long a request waits before it is looked for: 0.1 s by default, which makes nine requests a second
    ncclient.transport.session.TICK = _TICK_S
    try:
        return manager.connect(
            host=login.host,
            port=login.port,
            username=login.username,
            password=login.password,
            key_filename=login.key_file,
            hostkey_verify=login.host_key is not None,
            hostkey_b64=login.host_key,
            ssh_config=None,
            look_for_keys=False,
            allow_agent=False,
            timeout=login.timeout_s,
            manager_params={"timeout": login.timeout_s},
        )
    except AuthenticationError as error:
        raise ConfigurationError(f"{name}: it does not let {login.username} in: check the login") from error
    except SSHUnknownHostError as error:
        raise ConfigurationError(f"{name}: its host key is not the one that is known: {error}") from error
    except (SSHError, TransportError, OSError, EOFError) as error:
        raise RetryableError(f"{name}: cannot be reached at {login.host}:{login.port}") from error


def _filter(wanted: str) -> etree._Element:
    return etree.fromstring(f'<filter xmlns="{BASE}" type="subtree">{wanted}</filter>')


def _data(reply: Any) -> etree._Element:
    found: etree._Element = reply.data_ele
    return found


def _told(error: Any) -> tuple[set[str], str]:
    """Tags of an error reply, and its words; several errors may stand in one reply."""
    errors = getattr(error, "_errlist", None) or [error]
    tags = {str(getattr(each, "tag", None) or "") for each in errors}
    words = "; ".join(str(getattr(each, "message", None) or getattr(each, "tag", "")) for each in errors)
    return tags, re.sub(r"\s+", " ", words)[:400]
