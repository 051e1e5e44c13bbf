"""A folder at the other end of SFTP, through paramiko; the server's key is pinned.

Files are copied to a temporary file before they are read, so that what is read is of one moment and can be gone over
more than once.
"""

import base64
import hashlib
import io
import posixpath
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import paramiko
from paramiko.pkey import UnknownKeyType

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.files.access import SftpAddress
from connectors.files.folders import Entry, checked_name, inner_folder

_PIECE = 1 << 18
_KEY_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_FINGERPRINT = "SHA256:"
_REFUSED = "Authentication failed."
"""What the library says where the server said no; it raises the same error where the connection broke meanwhile."""


@contextmanager
def opened_sftp_folder(address: SftpAddress, inner: str | None) -> Iterator["SftpFolder"]:
    """A folder for the length of the block; every error of the library that leaves it is told as ours."""
    path = posixpath.join(address.folder, inner_folder(inner, address.system)) if inner else address.folder
    place = f"{address.system}: sftp"
    transport: paramiko.Transport | None = None
    try:
        transport = _connected(address)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise RetryableError(f"{place}: the server opens no session; try again later")
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(address.timeout_s)
        yield SftpFolder(address.system, client, path)
    except SpliceError:
        raise
    except paramiko.AuthenticationException as error:
        if type(error) is paramiko.AuthenticationException and str(error) != _REFUSED:
            raise RetryableError(f"{place}: the connection was cut during the login; try again later") from error
        raise ConfigurationError(f"{place}: the login is refused; check user, password or key") from error
    except (PermissionError, FileNotFoundError) as error:
        raise ConfigurationError(
            f"{place}: folder {path} cannot be read; check the address and the rights of its user"
        ) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise RetryableError(f"{place}: cannot be reached, or the connection was cut; try again later") from error
    finally:
        if transport is not None:
            transport.close()


class SftpFolder:
    """A folder of an open session; see ``connectors.files.folders.Folder``."""

    def __init__(self, system: str, client: paramiko.SFTPClient, path: str) -> None:
        self._system = system
        self._client = client
        self._path = path

    def entries(self) -> list[Entry]:
        """See ``Folder``; a name that leads out of the folder is passed over."""
        return self._listed("")

    def archived(self, archive: str) -> list[Entry]:
        """See ``Folder``."""
        try:
            return self._listed(f"{archive}/")
        except FileNotFoundError:
            return []

    def open(self, entry: Entry) -> BinaryIO:
        """See ``Folder``."""
        path = posixpath.join(self._path, entry.name)
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        try:
            self._copy(path, entry, copy)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def move(self, name: str, archive: str, new_name: str) -> None:
        """See ``Folder``."""
        folder = self._path
        for part in archive.split("/"):
            folder = posixpath.join(folder, part)
            try:
                self._client.stat(folder)
            except FileNotFoundError:
                self._client.mkdir(folder)
        self._client.rename(posixpath.join(self._path, name), posixpath.join(folder, new_name))

    def _listed(self, prefix: str) -> list[Entry]:
        return [
            _entry(prefix + about.filename, about)
            for about in self._client.listdir_attr(posixpath.join(self._path, prefix))
            if checked_name(about.filename) and about.st_mode is not None and stat.S_ISREG(about.st_mode)
        ]

    def _copy(self, path: str, entry: Entry, copy: "tempfile._TemporaryFileWrapper[bytes] | BinaryIO") -> None:
        changed = f"{self._system}: {entry.name} is gone or has changed since it was listed; try again later"
        try:
            with self._client.open(path, "rb") as remote:
                remote.prefetch(entry.size)
                while piece := remote.read(_PIECE):
                    copy.write(piece)
            after = _entry(entry.name, self._client.lstat(path))
        except FileNotFoundError as error:
            raise RetryableError(changed) from error
        if after != entry or copy.tell() != entry.size:
            raise RetryableError(changed)


def _entry(name: str, about: paramiko.SFTPAttributes) -> Entry:
    return Entry(name, about.st_size or 0, (about.st_mtime or 0) * 1_000_000_000)


def _connected(address: SftpAddress) -> paramiko.Transport:
    """A transport that is logged in to the server whose key is pinned.

    Raises:
        ConfigurationError: the server shows another key, or a setting cannot be read.
    """
    pinned = _pinned(address)
    private_key = _private_key(address)
    wire = socket.create_connection((address.host, address.port), timeout=address.timeout_s)
    transport = paramiko.Transport(wire)
    try:
        for limit in ("banner_timeout", "auth_timeout", "handshake_timeout", "channel_timeout"):
            setattr(transport, limit, address.timeout_s)
        if not isinstance(pinned, str):
            kinds = _RSA if pinned.get_name() == "ssh-rsa" else (pinned.get_name(),)
            transport.get_security_options().key_types = kinds
        transport.start_client(timeout=address.timeout_s)
        _refuse_other_key(address, transport.get_remote_server_key(), pinned)
        if private_key is not None:
            transport.auth_publickey(address.user, private_key)
        else:
            transport.auth_password(address.user, address.password.get_secret_value() if address.password else "")
    except BaseException:
        transport.close()
        raise
    return transport


def _pinned(address: SftpAddress) -> paramiko.PKey | str:
    """The key that the server has to show, or its fingerprint."""
    words = address.host_key.split()
    if len(words) == 1 and words[0].startswith(_FINGERPRINT):
        return words[0].removeprefix(_FINGERPRINT).rstrip("=")
    try:
        kind, encoded = words[:2]
        return paramiko.PKey.from_type_string(kind, base64.b64decode(encoded, validate=True))
    except (ValueError, TypeError, UnknownKeyType, paramiko.SSHException) as error:
        raise ConfigurationError(
            f"system {address.system}: options: host_key: the server's public key as in known_hosts (type and key), "
            "or SHA256:fingerprint, is expected"
        ) from error


def _refuse_other_key(address: SftpAddress, shown: paramiko.PKey, pinned: paramiko.PKey | str) -> None:
    if isinstance(pinned, str):
        is_pinned = base64.b64encode(hashlib.sha256(shown.asbytes()).digest()).decode().rstrip("=") == pinned
    else:
        is_pinned = shown.asbytes() == pinned.asbytes()
    if not is_pinned:
        raise ConfigurationError(
            f"{address.system}: sftp: the server shows another host key than the one that is pinned; ask its owner "
            "before you change host_key"
        )


def _private_key(address: SftpAddress) -> paramiko.PKey | None:
    if address.private_key is None:
        return None
    text = address.private_key.get_secret_value()
    passphrase = address.passphrase.get_secret_value() if address.passphrase else None
    for kind in _KEY_KINDS:
        try:
            return kind.from_private_key(io.StringIO(text if text.endswith("\n") else f"{text}\n"), passphrase)
        except (paramiko.SSHException, ValueError, TypeError):
            continue
    raise ConfigurationError(
        f"system {address.system}: secrets: private_key cannot be read as an Ed25519, ECDSA or RSA key; check it and "
        "its passphrase"
    )
