"""Orders for sessions: equipment of the estate, and the tables of an AAA server that its accounting goes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.ports import Expected, Look, Part, SystemSettings, Write
from simulated_estate.books import Books, SessionRow
from simulated_estate.servers.serve import CREDENTIALS, RunningEstate, serve_estate
from tests.fakes.aaa_tables import aaa_tables

ACCESS = "rb-bng"
TABLES = "aaa"
SESSION, USER = "S-0001", "line-1"


def with_sessions(started: datetime) -> dict[str, list[SessionRow]]:
    """Sessions under each of the policies that writes change to."""
    rows = [
        SessionRow(f"line-{number}", f"S-{number:04}", f"100.64.0.{number}", f"1/1/{number}", profile, started)
        for number, profile in enumerate(("SVC-0", "SVC-1", "SVC-2"), start=1)
    ]
    return {ACCESS: rows}


def radius_write(number: int) -> Write:
    """The policy of one session is changed; the tables of the AAA server show it."""
    profile = f"SVC-{number}"
    look = Look("radacct", {"acctsessionid": SESSION}, {}, (Expected("filterid", "text", profile),), system=TABLES)
    key = {"User-Name": USER, "Acct-Session-Id": SESSION}
    return Write(
        "change_session", f"key-{number}", "harmless", (Part("change", key, {"Filter-Id": profile}),), (look,)
    )


@contextmanager
def served_with_tables(folder: Path, books: Books, **options: Any) -> Iterator[RunningEstate]:
    """The estate, with accounting kept in tables."""
    secret = CREDENTIALS["access"]["shared_secret"]
    with aaa_tables(folder / "aaa", secret) as tables, serve_estate(books, **options) as estate:
        for row in books.sessions[ACCESS]:
            tables.know(row.session_id, row.username, row.profile)
        estate.access_servers[ACCESS].accounting.target = ("127.0.0.1", tables.port)
        estate.addresses[TABLES] = f"sqlite:///{tables.file}"
        yield estate


def tables_of(estate: RunningEstate) -> SystemSettings:
    """Where the tables are looked at."""
    return SystemSettings(TABLES, "sql", estate.addresses[TABLES])
