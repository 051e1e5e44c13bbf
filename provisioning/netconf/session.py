"""One NETCONF session to a device: read, and change all or nothing by a confirmed commit.

A device may say ok to a commit and change nothing. So a change is committed for a while (RFC 6241, 8.4), read back,
and confirmed only where it shows; otherwise it is called off. A process that dies before it has confirmed leaves
nothing behind: the device takes the change back when the time is over.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from lxml import etree

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from connectors.importing import IMPORTING
from provisioning.driver import UNCONFIRMED_FOR

BASE: Final = "urn:ietf:params:xml:ns:netconf:base:1.0"
CONFIRM_WITHIN_S: Final = int(UNCONFIRMED_FOR.total_seconds())
"""How long a device keeps what is not confirmed; far below the lease under which a saga is held."""

Way = Literal["confirmed", "candidate", "running"]
"""A confirmed commit that outlives a session (RFC 6241, 8.4); a commit that stays; edits that count at once."""

_CAPABILITY: Final = "urn:ietf:params:netconf:capability"
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

    @property
    def way(self) -> Way:
        """How the device lets itself be changed, by the capabilities that it announces (RFC 6241, 8).

        Raises:
            ConfigurationError: it takes no changes at all.
        """
        announced = {str(each).partition("?")[0] for each in self._manager.server_capabilities}
        if f"{_CAPABILITY}:candidate:1.0" in announced:
            return "confirmed" if f"{_CAPABILITY}:confirmed-commit:1.1" in announced else "candidate"
        if f"{_CAPABILITY}:writable-running:1.0" in announced:
            return "running"
        raise ConfigurationError(f"{self._name}: announces neither candidate nor writable-running: it only shows")

    def change(
        self, config: str, is_shown: Callable[[], bool], persist_id: str, back: Callable[[], str] | None = None
    ) -> None:
        """Change the configuration, all of it or nothing.

        On a device without a confirmed commit the way back is ours: the edit that it gives is made before the change,
        and applied where the change does not show. A process that dies in between leaves the change standing there.

        Args:
            config: content of an edit, namespaces declared.
            is_shown: reads the device and tells whether it shows the change.
            persist_id: names the change to the device, so that another session can call it off.
            back: reads the device and gives the edit that brings it back; devices without a confirmed commit need it.

        Raises:
            RetryableError: nothing has changed: another session holds the device, or it was lost before the commit.
            OutcomeUnknown: the session was lost while the change was confirmed or called off.
            UnsafeToContinue: the device refuses the change, or took it and does not show it.
        """
        if (way := self.way) != "confirmed":
            self._change_with_our_way_back(config, is_shown, back, "candidate" if way == "candidate" else "running")
            return
        self._call_off_what_is_left(persist_id)  # while something is unconfirmed, nobody gets the lock
        with self._locked("candidate"):
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
        with IMPORTING:
            from ncclient.operations import RPCError  # noqa: PLC0415

        with self._faults(RetryableError), suppress(RPCError):
            self._manager.cancel_commit(persist_id=persist_id)

    def _change_with_our_way_back(
        self, config: str, is_shown: Callable[[], bool], back: Callable[[], str] | None, target: str
    ) -> None:
        if back is None:
            raise UnsafeToContinue(f"{self._name} has no confirmed commit, and there is no way back for this change")
        with self._locked(target):
            way_back = back()
            try:
                self._edit(config, target)
            except OutcomeUnknown:
                raise
            except UnsafeToContinue:
                if target == "running":  # without rollback-on-error a part of a refused edit may stand there
                    self._bring_back(way_back, target)
                raise
            if not is_shown():
                self._bring_back(way_back, target)
                raise UnsafeToContinue(f"{self._name} said that it had changed and shows nothing of it")

    def _edit(self, config: str, target: str) -> None:
        wrapped = f'<config xmlns="{BASE}">{config}</config>'
        if target == "running":
            with self._faults(OutcomeUnknown):
                self._manager.edit_config(target="running", config=wrapped)
            return
        with self._faults(RetryableError):
            self._manager.discard_changes()
            self._manager.edit_config(target="candidate", config=wrapped)
        with self._faults(OutcomeUnknown):
            self._manager.commit()

    def _bring_back(self, way_back: str, target: str) -> None:
        try:
            self._edit(way_back, target)
        except (RetryableError, UnsafeToContinue) as error:
            raise OutcomeUnknown(f"{self._name}: what does not show was not brought back: {error}") from error

    @contextmanager
    def _locked(self, target: str) -> Iterator[None]:
        with self._faults(RetryableError):
            self._manager.lock(target)
        try:
            yield
        finally:
            with suppress(Exception):  # the end of the session would give the lock back as well
                self._manager.unlock(target)

    @contextmanager
    def _faults(self, lost: type[RetryableError] | type[OutcomeUnknown]) -> Iterator[None]:
        """Errors of the library as ours; ``lost`` is what a lost session means here."""
        with IMPORTING:
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
    with IMPORTING:
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
