"""A cursor of psycopg whose description is plain: SQLAlchemy asks for it with every result, and for little of it."""

from typing import Any

from psycopg import Cursor
from psycopg.pq import ExecStatus


class PlainCursor(Cursor[Any]):
    """A cursor that tells name and type of each column, and nothing else.

    The driver makes an object for each column of each result, which costs as much as reading a row.
    """

    @property
    def description(self) -> list[Any] | None:
        """Seven values for each column, as DB-API has them: name, type code, and five that are not known."""
        result = self.pgresult
        if result is None or (not result.nfields and result.status != ExecStatus.TUPLES_OK):
            return None
        places = range(result.nfields)
        return [((result.fname(place) or b"").decode(), result.ftype(place), *_NOT_KNOWN) for place in places]


_NOT_KNOWN = (None, None, None, None, None)
