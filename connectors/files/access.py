"""Where the folder of a system is, and how it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from connectors.files.folders import Folder, LocalFolder, inner_folder
from connectors.importing import IMPORTING
from connectors.ports import SystemSettings
from connectors.settings import choice, option, secret, secret_key_text

LOGINS = ("none", "password", "key")
_SFTP_PORT = 22


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """A folder at the other end of SFTP.

    Attributes:
        system: name of the system, for messages.
        folder: absolute, or within the user's home.
        host_key: the server's public key as in ``known_hosts`` (type and key), or its SHA256 fingerprint.
        private_key: PEM or OpenSSH text, for login ``key``.
    """

    system: str
    host: str
    port: int
    user: str
    folder: str
    host_key: str
    timeout_s: float
    password: SecretStr | None = field(default=None, repr=False)
    private_key: SecretStr | None = field(default=None, repr=False)
    passphrase: SecretStr | None = field(default=None, repr=False)


def address_of(settings: SystemSettings) -> Path | SftpAddress:
    """Read the block of a system.

    Raises:
        ConfigurationError: the address names no folder, or a setting of the login is missing.
    """
    is_remote = "://" in settings.address
    place = f"system {settings.name}: options: login"
    login = choice(place, option(settings, "login", "password" if is_remote else "none"), LOGINS)
    if is_remote:
        return _sftp_address(settings, login)
    if login != "none":
        raise ConfigurationError(f"{place}: a folder of this machine needs none")
    if not settings.address.strip() or "\0" in settings.address:
        raise ConfigurationError(f"system {settings.name}: address: a folder or sftp://user@host/folder is expected")
    return Path(settings.address).expanduser()


def _sftp_address(settings: SystemSettings, login: str) -> SftpAddress:
    where = f"system {settings.name}: address"
    expected = "a folder or sftp://user@host/folder is expected"
    try:
        url = urlsplit(settings.address)
        host, port = url.hostname, url.port or _SFTP_PORT
    except ValueError as error:
        raise ConfigurationError(f"{where}: {expected}") from error
    if url.password is not None:
        raise ConfigurationError(f"{where}: holds a password; put it under secrets")
    if url.scheme != "sftp" or not host or not url.username or url.query or url.fragment:
        raise ConfigurationError(f"{where}: {expected}")
    if login == "none":
        raise ConfigurationError(f"system {settings.name}: options: login: sftp takes password or key")
    is_key = login == "key"
    return SftpAddress(
        system=settings.name,
        host=host,
        port=port,
        user=unquote(url.username),
        folder=unquote(url.path) or ".",
        host_key=option(settings, "host_key").strip(),
        timeout_s=settings.timeout_s,
        password=None if is_key else SecretStr(secret(settings, "password")),
        private_key=SecretStr(secret_key_text(settings, "private_key")) if is_key else None,
        passphrase=settings.secrets.get("passphrase") if is_key else None,
    )


@contextmanager
def opened_folder(system: str, address: Path | SftpAddress, inner: str | None) -> Iterator[Folder]:
    """The folder for the length of the block.

    Args:
        system: name of the system, for messages.
        address: where it is.
        inner: a folder within it that is meant.

    Raises:
        ConfigurationError: wrong login or host key, or no such folder.
        RetryableError: the server cannot be reached.
    """
    if isinstance(address, Path):
        yield LocalFolder(system, address / inner_folder(inner, system) if inner else address)
        return
    with IMPORTING:
        from connectors.files.sftp import opened_sftp_folder  # noqa: PLC0415 - brings paramiko

    with opened_sftp_folder(address, inner) as folder:
        yield folder
