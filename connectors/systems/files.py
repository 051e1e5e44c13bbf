"""Files: CSV, fixed width, XLSX and Parquet that somebody lays into a folder, here or at the other end of SFTP.

The mapping's ``source_object`` is the pattern of their names (``lines-*.csv``), which may begin with a folder. Each
file is taken once; what was taken stands in the resume point.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canonical_model.errors import ConfigurationError
from connectors.importing import IMPORTING
from connectors.ports import Capabilities, Option, Page, ResumePoint, Source, StreamRead, SystemSettings
from connectors.probing import Probe
from connectors.settings import checked, stream_options

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.files.access import SftpAddress

CAPABILITIES = Capabilities(
    kind="files",
    protocol="CSV, fixed width, XLSX and Parquet from a folder or over SFTP 3",
    logins=("none", "password", "key"),
    incremental=False,
    deletes="soft",
    total=True,
    takes_once=True,
    system_options=(
        Option("login", "none (default of a folder); for sftp://user@host/folder password (default) or key"),
        Option("password", "for login password", secret=True),
        Option("private_key", "OpenSSH or PEM text, for login key", secret=True),
        Option("passphrase", "of the private key, where it has one", secret=True),
        Option("host_key", "for sftp: the server's public key as in known_hosts, or SHA256:fingerprint; pinned"),
    ),
    stream_options=(
        Option("format", "csv, fixed, xlsx or parquet (default: by the name); .gz is unpacked"),
        Option("mode", "delta (default): a file tells changes; full: each file tells everything, the newest counts"),
        Option("order", "name (default) or time: the order in which files are taken"),
        Option("encoding", "of text (default: found out, and told)"),
        Option("delimiter", "one character, or tab (default: found out, and told)"),
        Option("quote", 'one character (default "), or none'),
        Option("header", "false where the first row is a record; columns names them then"),
        Option("columns", "names, in order; for fixed width name: first-last, characters counted from 1"),
        Option("skip_lines", "lines before the header"),
        Option("trailer", "last line that is held against the rows: {first, count: place, sum: {column: place}}"),
        Option("sheet", "of a workbook (default: the first)"),
        Option("deleted_column", "column that tells which records are deleted"),
        Option("deleted_values", "its values that say so; without them anything does"),
        Option("json_columns", "columns whose text is JSON: lists and objects inside a row"),
        Option("ignore", "further patterns of names of unfinished files, beside *.tmp, *.part and their like"),
        Option("done_marker", "suffix of the file that says that another is finished, as .done"),
        Option("settle_s", "seconds for which a new file must not change (default 5); 0 with senders that rename"),
        Option("archive", "folder within this one to which files are moved once their rows are stored"),
    ),
)


def open_source(settings: SystemSettings) -> Source:
    """A source over a folder; it is looked into with the first page.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.files.access import address_of  # noqa: PLC0415 - only where files are read

    return FileSource(settings, address_of(checked(settings, CAPABILITIES)))


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a folder.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.files.access import address_of  # noqa: PLC0415 - only where files are read
        from connectors.files.probe import FilesProbe  # noqa: PLC0415 - as above

    return FilesProbe(settings.name, open_source(settings), address_of(checked(settings, CAPABILITIES)))


class FileSource:
    """Reads one folder."""

    def __init__(self, settings: SystemSettings, address: "Path | SftpAddress") -> None:
        self._settings = settings
        self._address = address

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``."""
        with IMPORTING:
            from connectors.files.access import opened_folder  # noqa: PLC0415 - as above
            from connectors.files.plan import plan_of  # noqa: PLC0415 - as above
            from connectors.files.pull import Pull  # noqa: PLC0415 - as above

        if read.cursor_field is not None:
            raise ConfigurationError(f"{read.stream}: cursor: files are taken in their order and take no cursor")
        plan = plan_of(read, stream_options(self._settings, read, CAPABILITIES))
        with opened_folder(self._settings.name, self._address, plan.folder) as folder:
            yield from Pull(self._settings.name, folder, read, plan, resume).pages()

    def close(self) -> None:
        """Nothing is held between pulls."""
