"""Any other database that SQLAlchemy has a dialect for: read with care, by what PEP 249 promises."""

import re
from typing import Any

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.sql.access import Access
from connectors.sql.dialect import Dialect, Reading, ValueOptions
from connectors.sql.meanings import Told, other, wrong_statement
from connectors.sql.values import plain_column

_SQLGLOT = {"mssql": "tsql", "oracle": "oracle", "snowflake": "snowflake", "redshift": "redshift", "duckdb": "duckdb"}
_DRIVERS = {"oracle": "oracle+oracledb"}
_WITHOUT_ITS_ZONE = re.compile("TIMESTAMP_L?TZ")
"""Oracle's types of moments with a zone, as its driver calls them."""
_PASSING = frozenset({"OperationalError", "InterfaceError"})


def dialect(access: Access) -> Dialect:
    """The dialect of an address of which nothing more is known."""
    backend = access.url.get_backend_name()
    given = access.url.drivername
    return Dialect(
        name=_SQLGLOT.get(backend),
        drivername=given if "+" in given else _DRIVERS.get(backend, given),
        connect=None,
        reading=_reading,
        told=_told,
    )


def _reading(description: Any, options: ValueOptions) -> Reading:
    """How any column is read.

    Raises:
        ConfigurationError: the driver leaves the zone of its moments out, so that each would be hours off.
    """
    if _WITHOUT_ITS_ZONE.search(str(description[1])):
        raise ConfigurationError(
            f"column {description[0]} holds moments with a zone, which the driver leaves out: read it by "
            f"options.query as SYS_EXTRACT_UTC({description[0]}), and set zone: UTC"
        )
    return Reading(plain_column(options), "naive")


def _told(error: BaseException) -> Told | None:
    names = [cls.__name__ for cls in type(error).__mro__]
    if "Error" not in names or isinstance(error, OSError | ValueError | LookupError):
        return None  # no error of PEP 249
    if _PASSING.intersection(names):
        return Told(RetryableError, "cannot be reached, is busy, or refuses the login; try again later")
    return wrong_statement("the statement is refused") if "ProgrammingError" in names else other(names[0])
