"""A database that is open for reading: statements in, rows out, errors told in our words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Inspector, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import Select

from canonical_model.errors import ConfigurationError
from connectors.settings import near
from connectors.sql.access import Access
from connectors.sql.dialect import Dialect, Rows
from connectors.sql.meanings import NO_TEXT

_PACKAGES = {"snowflake": "snowflake-sqlalchemy", "redshift": "sqlalchemy-redshift", "db2": "ibm_db_sa"}
"""Backend of an address -> the package that brings its dialect, where their names differ."""


class Database:
    """One database; no connection of it can write."""

    def __init__(self, access: Access, dialect: Dialect) -> None:
        """Prepare to connect; no connection is made yet.

        Raises:
            ConfigurationError: there is no such kind of database, or its driver is not installed.
        """
        self.dialect = dialect
        self._access = access
        self._engine = _engine(access, dialect)
        # a driver of which a library is missing says so with a RuntimeError
        self._errors = (DBAPIError, self._engine.dialect.loaded_dbapi.Error, RuntimeError)

    @contextmanager
    def session(self, source_object: str) -> Iterator["Session"]:
        """A connection for the length of the block.

        Raises:
            ConfigurationError, RetryableError, UnsafeToContinue: what a driver's error inside the block means.
        """
        session = Session(self._engine, self.dialect, self._access.statement_timeout_s, source_object)
        try:
            yield session
        except UnicodeDecodeError as error:
            # without its cause, which holds the text
            raise NO_TEXT.error(f"{self._place(session)}: {NO_TEXT.sentence} ({error.encoding})") from None
        except self._errors as error:
            fault = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
            told = self.dialect.told(fault)
            if told is None:
                raise
            others = session.tables_near() if told.is_missing_object else ""
            raise told.error(f"{self._place(session)}: {told.sentence}{others}") from fault
        finally:
            session.close()

    def close(self) -> None:
        """Nothing is held between pulls; calling it twice is harmless."""
        self._engine.dispose()

    def _place(self, session: "Session") -> str:
        return f"{self._access.system}: pull {session.asks_of}"


class Session:
    """One connection, or two where one statement stays open while others are asked.

    Attributes:
        dialect: of the database.
        asks_of: the table or view that is being asked, for messages.
    """

    def __init__(self, engine: Engine, dialect: Dialect, limit_s: float, asks_of: str) -> None:
        self.dialect = dialect
        self.asks_of = asks_of
        self._engine = engine
        self._limit_s = limit_s
        self._main: Connection | None = None
        self._beside: Connection | None = None

    def columns(self, statement: Select[Any]) -> list[Any]:
        """Descriptions (PEP 249) of the columns of a statement, names as statements spell them."""
        with self._guarded(self._first()) as connection:
            result = connection.execute(statement)
            described = list(_cursor(result).description)
            result.close()
            connection.rollback()
        spelled = self._engine.dialect
        if spelled.requires_name_normalize:  # Oracle says BILL_NO where a statement says bill_no
            return [(spelled.normalize_name(str(one[0])), *tuple(one)[1:]) for one in described]
        return described

    def row(self, statement: Select[Any]) -> tuple[Any, ...]:
        """The only row of a statement."""
        with self._guarded(self._first()) as connection:
            (found,) = connection.execute(statement).all()
            connection.rollback()
        return tuple(found)

    def batches(self, statement: Select[Any], size: int) -> Iterator[Rows]:
        """The rows of a statement, so many at a time."""
        connection = self._first()
        if self.dialect.open_rows is None:
            rows = self._all(connection, statement)
            for start in range(0, len(rows), size):
                yield rows[start : start + size]
            return
        # not through SQLAlchemy's own streaming, which buffers rows that the driver's cursor then lacks
        compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
        driver = connection.connection.driver_connection
        cursor = self.dialect.open_rows(driver, str(compiled), compiled.params)
        while rows := cursor.fetchmany(size):
            yield rows
        cursor.close()
        connection.connection.rollback()

    def rows_beside(self, statement: Select[Any]) -> Rows:
        """The rows of a statement that is asked while ``batches`` is under way."""
        if self.dialect.open_rows is None:
            return self._all(self._first(), statement)
        self._beside = beside = self._beside or self._engine.connect()
        return self._all(beside, statement)

    def tables_near(self) -> str:
        """The end of a sentence that proposes tables and views with a name like the one that is asked."""
        found, schema = self.inspector(), self.asks_of.rpartition(".")[0]
        names = [*found.get_table_names(schema or None), *found.get_view_names(schema or None)]
        return near(self.asks_of, [f"{schema}.{each}" if schema else each for each in names])

    def inspector(self) -> Inspector:
        """What the database's catalogue tells."""
        connection = self._first()
        connection.rollback()
        return inspect(connection)

    def close(self) -> None:
        """Close the connections; what a statement left open ends with them."""
        for connection in (self._main, self._beside):
            if connection is not None:
                connection.invalidate()
                connection.close()
        self._main = self._beside = None

    def _first(self) -> Connection:
        self._main = connection = self._main or self._engine.connect()
        return connection

    def _all(self, connection: Connection, statement: Select[Any]) -> Rows:
        """Every row of a statement, after which nothing stays open at the source."""
        with self._guarded(connection):
            result = connection.execute(statement)
            rows: Rows = _cursor(result).fetchall()
            result.close()
            connection.rollback()
        return rows

    @contextmanager
    def _guarded(self, connection: Connection) -> Iterator[Connection]:
        with self.dialect.guard(connection.connection.driver_connection, self._limit_s):
            yield connection


def _cursor(result: CursorResult[Any]) -> Any:
    """The driver's own cursor, which gives rows as they come, in half the time."""
    if result.cursor is None:
        raise TypeError("a statement without rows")
    return result.cursor


def _engine(access: Access, dialect: Dialect) -> Engine:
    backend = access.url.get_backend_name()
    try:
        engine = create_engine(
            access.url.set(drivername=dialect.drivername), poolclass=NullPool, hide_parameters=True
        )
    except (ImportError, NoSuchModuleError) as error:
        module = getattr(error, "name", None)
        package = (module or "").partition(".")[0] or _PACKAGES.get(backend, f"sqlalchemy-{backend}")
        raise ConfigurationError(
            f"system {access.system}: the driver of {backend} is missing; install the package {package}"
        ) from error

    def connect(_dialect: Any, _record: Any, _arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        if dialect.connect is not None:
            return dialect.connect(access, dict(keywords))
        if access.password is not None:
            keywords["password"] = access.password.get_secret_value()
        return None

    event.listen(engine, "do_connect", connect)
    return engine
