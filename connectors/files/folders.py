"""Folders with files in them: here, or at the other end of SFTP."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from canonical_model.errors import ConfigurationError, RetryableError


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a folder.

    Attributes:
        name: within its folder.
        size: in octets.
        modified: moment of the last change in nanoseconds since 1970; whole seconds where no more is told.
    """

    name: str
    size: int
    modified: int


class Folder(Protocol):
    """A folder that is open for reading."""

    def entries(self) -> list[Entry]:
        """Its ordinary files, in no order; neither folders nor links.

        Raises:
            ConfigurationError: there is no such folder, or it may not be read.
            RetryableError: it cannot be reached.
        """
        ...

    def archived(self, archive: str) -> list[Entry]:
        """The ordinary files of a folder within this one, named with it (``archive/name``); none where it is missing.

        Raises:
            ConfigurationError, RetryableError: as ``entries``.
        """
        ...

    def open(self, entry: Entry) -> BinaryIO:
        """The content of a file, which stays the same while it is read.

        Raises:
            RetryableError: the file is gone or has changed since it was listed.
        """
        ...

    def move(self, name: str, archive: str, new_name: str) -> None:
        """Move a file into a folder within this one, which is made where it is missing.

        Raises:
            OSError: it cannot be moved.
        """
        ...


def checked_name(name: str) -> bool:
    """Whether a name that a server tells is that of a file in the folder, and leads nowhere else."""
    return bool(name) and name not in {".", ".."} and not any(sign in name for sign in "/\\\0")


def inner_folder(text: str, place: str) -> str:
    """A path within a folder.

    Raises:
        ConfigurationError: it leads out of it.
    """
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in text:
        raise ConfigurationError(f"{place}: a path within the folder is expected, without ..")
    return path.as_posix()


class LocalFolder:
    """A folder of this machine, or one that is mounted."""

    def __init__(self, system: str, path: Path) -> None:
        self._system = system
        self._path = path

    def entries(self) -> list[Entry]:
        """See ``Folder``."""
        with self._errors():
            return _listed(self._path, "")

    def archived(self, archive: str) -> list[Entry]:
        """See ``Folder``."""
        path = self._path / archive
        with self._errors():
            return _listed(path, f"{archive}/") if path.is_dir() else []

    def open(self, entry: Entry) -> BinaryIO:
        """See ``Folder``; a file that is replaced keeps its content for who has it open."""
        path = self._path / entry.name
        with self._errors():
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            except FileNotFoundError as error:
                raise RetryableError(
                    f"{self._system}: {entry.name} is gone since it was listed; try again"
                ) from error
            file = os.fdopen(descriptor, "rb")
        about = os.fstat(file.fileno())
        if (about.st_size, about.st_mtime_ns) != (entry.size, entry.modified):
            file.close()
            raise RetryableError(f"{self._system}: {entry.name} has changed since it was listed; try again later")
        return file

    def move(self, name: str, archive: str, new_name: str) -> None:
        """See ``Folder``."""
        target = self._path / archive
        target.mkdir(parents=True, exist_ok=True)
        (self._path / name).rename(target / new_name)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = f"{self._system}: folder {self._path}"
            if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
                raise ConfigurationError(
                    f"{place} cannot be read: {error.strerror}; check the address and its permissions"
                ) from error
            raise RetryableError(f"{place} cannot be read: {error.strerror}; try again later") from error


def _listed(path: Path, prefix: str) -> list[Entry]:
    found = []
    for entry in list(os.scandir(path)):
        try:
            about = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone since it was listed
        if stat.S_ISREG(about.st_mode):
            found.append(Entry(prefix + entry.name, about.st_size, about.st_mtime_ns))
    return found
