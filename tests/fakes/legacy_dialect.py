"""A database of which the connector knows nothing but SQLAlchemy's dialect: SQLite under another name."""

from typing import Any

from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

NAME, SHOUTING = "legacydb", "shoutingdb"


class LegacyDialect(SQLiteDialect_pysqlite):
    """Takes a login, as most databases do; the file is the database."""

    name = NAME
    supports_statement_cache = True

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        return [f"/{url.database}"], {}

    def connect(self, *arguments: Any, password: str = "", **keywords: Any) -> Any:
        if password != "legacy-password":
            raise self.loaded_dbapi.OperationalError("login refused")
        return super().connect(*arguments, **keywords)


class ShoutingDialect(LegacyDialect):
    """Spells names in capitals where statements spell them in small letters, as Oracle does."""

    name = SHOUTING
    supports_statement_cache = True
    requires_name_normalize = True


def register() -> None:
    """Let SQLAlchemy find the dialects by their names."""
    registry.register(NAME, __name__, LegacyDialect.__name__)
    registry.register(SHOUTING, __name__, ShoutingDialect.__name__)
