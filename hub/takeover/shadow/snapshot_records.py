"""The canonical records of a snapshot, looked up as those of the database are."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from canonical_model.orders import ProductOrder
from canonical_model.record import Record

AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True, slots=True)
class SnapshotRecords:
    """The records of one market as a snapshot holds them; one thread at a time."""

    folder: Path
    engine: duckdb.DuckDBPyConnection

    def among(
        self, entity: type[AnyRecord], column: str, values: Collection[str], **wanted: Collection[str]
    ) -> list[AnyRecord]:
        """Records of an entity whose column has one of some values, in the order of their sources."""
        if not values:
            return []
        among = {column: values, **wanted}
        condition = " AND ".join(f'"{name}" IN (SELECT unnest(?))' for name in among)
        return self._found(entity, condition, [sorted(each) for each in among.values()])

    def orders_placed(self, since: datetime, until: datetime, kinds: Collection[str]) -> list[ProductOrder]:
        """Orders of some kinds that were placed from one moment on and before another, the first one first."""
        condition = "ordered_at >= ? AND ordered_at < ? AND order_type IN (SELECT unnest(?))"
        found = self._found(ProductOrder, condition, [since, until, sorted(kinds)])
        return sorted(found, key=lambda each: (each.ordered_at or since, each.order_number))

    def everything(self, entity: type[AnyRecord]) -> list[AnyRecord]:
        """All records of an entity."""
        return self._found(entity, "TRUE", [])

    def rows(self, entity: type[Record], columns: str, condition: str, given: list[Any]) -> list[tuple[Any, ...]]:
        """Columns of records, without records being made of them."""
        return self.engine.execute(f"SELECT {columns} FROM {self._file(entity)} WHERE {condition}", given).fetchall()

    def _found(self, entity: type[AnyRecord], condition: str, given: list[Any]) -> list[AnyRecord]:
        query = f"SELECT * FROM {self._file(entity)} WHERE {condition}"
        found = self.engine.execute(f"{query} ORDER BY source_system, source_object, source_id", given)
        names = [name for name, *_ in found.description]
        rows = found.fetchall()
        if not rows:
            return []
        # what a snapshot holds was checked before it was stored; a copy of one record takes a third of making one
        make: Callable[..., AnyRecord] = entity.model_construct  # type: ignore[assignment] # it makes its own kind
        first = make(**dict(zip(names, rows[0], strict=True)))
        return [first.model_copy(update=dict(zip(names, row, strict=True))) for row in rows]

    def _file(self, entity: type[Record]) -> str:
        path = str(self.folder / "records" / f"{entity.__name__}.parquet").replace("'", "''")
        return f"read_parquet('{path}')"


@contextmanager
def snapshot_records(folder: Path) -> Iterator[SnapshotRecords]:
    """Open the records of a whole snapshot."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET enable_progress_bar = false")
        yield SnapshotRecords(folder, engine)
