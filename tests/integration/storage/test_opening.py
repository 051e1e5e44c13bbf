"""Opening a database: what is set on it, and what a person reads when it cannot be opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from storage.database import Database, open_database
from tests.postgresql import PostgresServer

SECRET = "open-sesame"


def problem_of(address: str) -> SpliceError:
    opened = open_database(address)
    with pytest.raises(SpliceError) as raised, opened.reading() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_master"))
    opened.close()
    return raised.value


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hub.db",
        "mysql://root:open-sesame@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:p@h:port/x",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_database(address)
    assert SECRET not in str(raised.value)


def test_sqlite_is_opened_for_many_readers_and_one_writer(tmp_path: Path) -> None:
    opened = open_database(f"sqlite:///{tmp_path}/made/on/the/way/hub.db")
    with opened.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    opened.close()
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database at all, but long enough to be looked at" * 40)

    problem = problem_of(f"sqlite:///{path}")
    assert isinstance(problem, ConfigurationError)
    assert f"sqlite:///{path}: the file is no SQLite database" in str(problem)


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    problem = problem_of(f"sqlite:///{tmp_path}")
    assert isinstance(problem, ConfigurationError)
    assert "the file cannot be opened" in str(problem)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="its folder cannot be made"):
        open_database(f"sqlite:///{tmp_path}/file/hub.db")


def test_a_server_that_does_not_answer_may_answer_later() -> None:
    problem = problem_of(f"postgresql://splice:{SECRET}@127.0.0.1:1/hub")
    assert isinstance(problem, RetryableError)
    assert "postgresql://splice:***@127.0.0.1:1/hub: the server cannot be reached" in str(problem)


@pytest.mark.parametrize(("user", "name"), [("postgres", "nowhere"), ("nobody", "postgres")])
def test_a_wrong_user_or_database_is_a_setting_to_mend(postgres: PostgresServer, user: str, name: str) -> None:
    problem = problem_of(f"postgresql://{user}:{SECRET}@127.0.0.1:{postgres.port}/{name}")
    assert isinstance(problem, ConfigurationError)
    assert "mend user, password or database name" in str(problem)
    assert SECRET not in str(problem)


@contextmanager
def opened_on(postgres: PostgresServer) -> Iterator[Database]:
    name = postgres.create_database()
    opened = open_database(postgres.url(name))
    yield opened
    opened.close()
    postgres.drop_database(name)


def backend_of(opened: Database) -> int:
    with opened.reading() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(postgres: PostgresServer, backend: int) -> None:
    with psycopg.connect(postgres.url("postgres")) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))


def test_a_server_that_ends_the_connection_may_be_tried_again(postgres: PostgresServer) -> None:
    def lose_the_connection(opened: Database) -> None:
        with opened.writing() as connection:
            end(postgres, connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            connection.execute(text("SELECT 1"))

    with opened_on(postgres) as opened:
        with pytest.raises(RetryableError, match="busy or out of reach"):
            lose_the_connection(opened)
        assert backend_of(opened)


def test_a_connection_that_was_lost_a_moment_ago_is_replaced_after_one_fault(postgres: PostgresServer) -> None:
    with opened_on(postgres) as opened:
        end(postgres, lost := backend_of(opened))
        with pytest.raises(RetryableError, match="busy or out of reach"):
            backend_of(opened)
        assert backend_of(opened) != lost


def test_a_connection_that_was_lost_while_it_rested_is_not_noticed(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._ASKED_AFTER_S", 0.0)
    with opened_on(postgres) as opened:
        end(postgres, lost := backend_of(opened))
        assert backend_of(opened) != lost


def test_postgresql_reads_the_state_of_one_moment_and_may_not_write(postgres: PostgresServer) -> None:
    kinds = {}
    with opened_on(postgres) as opened:
        for kind in ("reading", "writing", "journaling"):
            with getattr(opened, kind)() as connection:
                kinds[kind] = [
                    connection.execute(text(f"SHOW {setting}")).scalar_one()
                    for setting in ("transaction_isolation", "transaction_read_only", "synchronous_commit")
                ]
    assert kinds == {
        "reading": ["repeatable read", "on", "off"],
        "writing": ["read committed", "off", "off"],
        "journaling": ["read committed", "off", "on"],
    }


def test_a_defect_of_ours_stays_what_it_is(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as raised, database.reading() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(raised.value, SpliceError)


def test_a_block_that_raises_undoes_what_it_wrote(database: Database) -> None:
    def write_and_fail() -> None:
        with database.writing() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        write_and_fail()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
