"""An SFTP server on loopback: asyncssh, which shares no code with the library that the connector uses."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD, PASSPHRASE = "hub", "sftp-hub-password", "sftp-key-passphrase"
START_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class SftpServer:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        root: the folder that users see as ``/``.
        host_key: its public key as in ``known_hosts``.
        fingerprint: of that key.
        private_key: text of a key that may log in.
        locked_private_key: the same under a passphrase.
    """

    port: int
    root: Path
    host_key: str
    fingerprint: str
    private_key: str = field(repr=False)
    locked_private_key: str = field(repr=False)


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def sftp_server(root: Path, listed_too: Callable[[], list[str]] = list) -> Iterator[SftpServer]:
    """A server for the length of the block.

    Args:
        root: the folder that is served.
        listed_too: names that the server adds to every listing, whether they are there or not.
    """
    host_key, user_key = asyncssh.generate_private_key("ssh-ed25519"), _user_key()
    public = host_key.export_public_key().decode().strip()
    user_public = user_key.export_public_key().decode()

    class Folder(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(root).encode())

        async def scandir(self, path: bytes) -> Any:
            async for name in super().scandir(path):
                yield name
            for text in listed_too():
                about = asyncssh.SFTPAttrs(size=3, permissions=0o100644, atime=0, mtime=0, type=1)
                yield asyncssh.SFTPName(text.encode(), attrs=about)

    loop = asyncio.new_event_loop()
    ready: list[Any] = []
    is_ready = threading.Event()

    async def start() -> None:
        server = await asyncssh.create_server(
            _Login,
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(user_public),
            sftp_factory=Folder,
            allow_scp=False,
        )
        ready.append(server)
        is_ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not is_ready.wait(START_TIMEOUT_S):
        raise RuntimeError("the SFTP server did not start")
    (server,) = ready
    try:
        yield SftpServer(
            port=server.get_port(),
            root=root,
            host_key=public,
            fingerprint=host_key.get_fingerprint(),
            private_key=user_key.export_private_key("openssh").decode(),
            locked_private_key=_locked_user_key(),
        )
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(START_TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_TIMEOUT_S)
        loop.close()


@cache
def _user_key() -> asyncssh.SSHKey:
    """One for all servers."""
    return asyncssh.generate_private_key("ssh-ed25519")


@cache
def _locked_user_key() -> str:
    """To put a key under a passphrase takes long, as it is meant to."""
    return str(_user_key().export_private_key("openssh", passphrase=PASSPHRASE).decode())


async def _stop(server: Any) -> None:
    server.close()
    await server.wait_closed()
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.cancel()
    await asyncio.sleep(0)
