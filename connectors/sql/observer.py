"""One row of a database, looked at to see what became of a write to another system."""

from typing import Any

from sqlalchemy import bindparam, column, select
from sqlalchemy.types import NullType

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.ports import Look, RawRecord
from connectors.sql.database import Database
from connectors.sql.dialect import ValueOptions
from connectors.sql.rows import described_columns, readings_of, records_of
from connectors.sql.select_text import checked_select
from connectors.sql.statements import named_source, query_source

_PLAIN = ValueOptions()


class SqlObserver:
    """Looks at rows of one database."""

    def __init__(self, system: str, database: Database) -> None:
        self._system = system
        self._database = database

    def observe(self, look: Look) -> RawRecord | None:
        """The row that a key names; see ``connectors.ports.Observer``."""
        place = f"{self._system}: look at {look.target}"
        options = dict(look.options)
        newest = options.get("newest")
        wanted = list(dict.fromkeys([*look.key, *_told_by(look), *([str(newest)] if newest else [])]))
        source = self._source(look, place)
        with self._database.session(look.target) as session:
            described = described_columns(session, place, look.target, source, wanted)
            named: list[Any] = [column(name) for name in wanted]
            statement = select(*named).select_from(source).where(*map(_is, look.key.items())).limit(2)
            if newest:
                statement = statement.order_by(column(str(newest)).desc()).limit(1)
            rows = session.rows_beside(statement)
            found = records_of(rows, readings_of(session, described, wanted, _PLAIN))
        if len(found) > 1:
            raise UnsafeToContinue(
                f"{place}: two rows under one key; name a key that identifies one, or `newest`: the column that "
                "tells the latest"
            )
        return found[0] if found else None

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def _source(self, look: Look, place: str) -> Any:
        query = look.options.get("query")
        if query is None:
            return named_source(look.target, look.options.get("schema"))
        if not isinstance(query, str):
            raise ConfigurationError(f"{place}: options: query is a text")
        return query_source(checked_select(query, self._database.dialect.name, f"{place}: options: query"))


def _told_by(look: Look) -> list[str]:
    """The columns that a look is about."""
    names = [each.field for each in look.expected]
    return [*names, *(name for name in (look.progress_field, look.reference_field) if name)]


def _is(pair: tuple[str, str]) -> Any:
    name, value = pair
    return column(name) == bindparam(None, value, NullType(), unique=True)
