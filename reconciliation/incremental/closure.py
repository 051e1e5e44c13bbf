"""Which records have to be judged together with some that changed: everything that their keys lead to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from reconciliation.incremental.following import follow
from reconciliation.incremental.links import BESIDE, BRANCHING, LINKS, RECORD_KEY, UNJUDGED
from reconciliation.snapshot.elsewhere import STATE_FOLDER


@dataclass(frozen=True, slots=True)
class EntityChanges:
    """What changed of one entity since a snapshot.

    Attributes:
        now: the versions that are new, in the entity's columns.
        ended: versions that the snapshot may hold and that are not current any more: their keys (``RECORD_KEY``) and
            the columns by which they are linked (``LINKS``).
    """

    now: pa.Table
    ended: pa.Table


Changes = Mapping[str, EntityChanges]
"""By entity; one that is not there did not change."""


Records = dict[str, tuple[pa.Schema, Iterator[pa.RecordBatch]]]
"""By entity its columns and its records."""


class Closure:
    """The records of a snapshot and its changes, reduced to those that a change can reach.

    Attributes:
        accounts: how many accounts that are.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, base: Path, changes: Changes, more_serials: pa.Table
    ) -> None:
        """Follow the keys of what changed until they lead to nothing new.

        Args:
            connection: of an empty database, which the closure takes for itself.
            base: a whole snapshot with its records and its state.
            changes: what changed since.
            more_serials: serials (column ``serial``) that have to be judged again although nothing of them changed.
        """
        self._connection = connection
        self._changes = changes
        self._open(base, more_serials)
        follow(connection, base, changes.keys() & BRANCHING.keys())
        self._gather()
        row = self._connection.execute("SELECT count(*) FROM reached WHERE kind = 'account'").fetchone()
        self.accounts: int = row[0] if row else 0

    def before(self) -> Records:
        """By entity the records that are reached, as the snapshot holds them."""
        return self._records("before")

    def now(self) -> Records:
        """By entity the records that are reached, as they are now."""
        return self._records("after")

    def _records(self, when: Literal["before", "after"]) -> Records:
        found: Records = {}
        for entity, relation in self.relations(when).items():
            table: pa.Table = self._connection.sql(f"FROM {relation}").to_arrow_table()
            found[entity] = (table.schema, iter(table.to_batches()))
        return found

    def relations(self, when: Literal["before", "after"]) -> dict[str, str]:
        """By entity the relation that holds these records, named so that other databases of the engine find it."""
        ((name,),) = self._connection.execute("SELECT current_database()").fetchall()
        place = f"{name}.main"
        shared = {entity: f"{place}.was_{entity}" for entity in self._shared}
        beside = {entity: f"{place}.{when}_{entity}" for entity in BESIDE}
        return shared | beside | {entity: f"{place}.{self._side(when, entity)}" for entity in LINKS}

    def _side(self, when: Literal["before", "after"], entity: str) -> str:
        return f"after_{entity}" if when == "after" and entity in self._changes else f"before_{entity}"

    def months(self) -> list[date]:
        """First days of the months that bill lines of the reached accounts begin in, as they are now."""
        query = f"SELECT DISTINCT date_trunc('month', covers_from)::DATE FROM {self._side('after', 'ChargeLine')}"
        return [month for (month,) in self._connection.execute(query).fetchall()]

    def rest_of(self, base: Path, table: str, counted: str) -> pa.Table:
        """What a table of the snapshot's state says of the accounts that are not reached.

        Args:
            base: the snapshot.
            table: of its state, with a column ``account``.
            counted: a query over these rows (``others``).
        """
        return self._connection.sql(
            "WITH others AS (FROM read_parquet(?)"
            " ANTI JOIN (SELECT value AS account FROM reached WHERE kind = 'account') USING (account))"
            f" {counted}",
            params=[str(base / STATE_FOLDER / f"{table}.parquet")],
        ).to_arrow_table()

    def less_before(self, base: Path, table: str, own: str) -> pa.Table:
        """Counts of a table of the snapshot's state, less what the reached records of before count for.

        Args:
            base: the snapshot.
            table: of its state; its column ``lines`` counts.
            own: the query that counted it.
        """
        return self._connection.sql(
            f"SELECT * EXCLUDE (lines), sum(lines)::BIGINT AS lines FROM (FROM read_parquet(?) UNION ALL BY NAME"
            f" SELECT * EXCLUDE (lines), -lines AS lines FROM ({own})) GROUP BY ALL HAVING sum(lines) <> 0",
            params=[str(base / STATE_FOLDER / f"{table}.parquet")],
        ).to_arrow_table()

    def know_codes(self, codes: Sequence[tuple[str, int]], currency: str) -> None:
        """Let queries of the state run over the reached records of before.

        Args:
            codes: the catalogue's billing codes with their products.
            currency: of the market.
        """
        self._connection.execute("CREATE TABLE billing_code (code VARCHAR, product_id SMALLINT)")
        if codes:
            self._connection.executemany("INSERT INTO billing_code VALUES (?, ?)", codes)
        self._connection.execute(f"CREATE MACRO market_currency() AS '{currency}'")
        self._connection.execute("CREATE VIEW charge_line AS FROM before_ChargeLine")

    def _open(self, base: Path, more_serials: pa.Table) -> None:
        run = self._connection.execute
        self._connection.read_parquet(str(base / STATE_FOLDER / "odd_serial.parquet")).create_view("odd_serial")
        self._connection.register("more_serials", more_serials)
        run("CREATE TABLE seed AS SELECT 'serial' AS kind, serial AS value FROM more_serials")
        self._shared = sorted(
            place.stem for place in (base / "records").glob("*.parquet") if place.stem not in LINKS.keys() | UNJUDGED
        )
        for entity in self._shared:
            self._connection.read_parquet(str(base / "records" / f"{entity}.parquet")).create_view(f"was_{entity}")
        self._open_beside(base)
        for entity, keys in LINKS.items():
            place = str(base / "records" / f"{entity}.parquet")
            self._connection.read_parquet(place, file_row_number=entity in BRANCHING).create_view(f"was_{entity}")
            changed = self._changes.get(entity)
            if changed is None:
                continue
            self._connection.register(f"new_{entity}", changed.now)
            self._connection.register(f"ended_{entity}", changed.ended)
            for source in (f"ended_{entity}", f"new_{entity}"):
                for kind, column in keys:
                    run(f"INSERT INTO seed SELECT '{kind}', {column} FROM {source} WHERE {column} IS NOT NULL")

    def _open_beside(self, base: Path) -> None:
        """What changed of entities that reach nobody, as it was and as it is."""
        key = ", ".join(RECORD_KEY)
        for entity in sorted(BESIDE):
            was = self._connection.read_parquet(str(base / "records" / f"{entity}.parquet"))
            changed = self._changes.get(entity)
            if changed is None:
                was.limit(0).create(f"before_{entity}")
                was.limit(0).create(f"after_{entity}")
                continue
            was.create_view(f"was_{entity}")
            self._connection.register(f"new_{entity}", changed.now)
            self._connection.register(f"ended_{entity}", changed.ended)
            keys = f"(SELECT {key} FROM ended_{entity} UNION SELECT {key} FROM new_{entity})"
            self._connection.execute(
                f"CREATE TABLE before_{entity} AS FROM was_{entity} SEMI JOIN {keys} USING ({key})"
            )
            self._connection.execute(f"CREATE TABLE after_{entity} AS FROM new_{entity}")

    def _gather(self) -> None:
        """All keys that are reached, and the records of entities that have one key."""
        run = self._connection.execute
        keys_of = (
            f"SELECT '{kind}' AS kind, {column} AS value FROM before_{entity} WHERE {column} IS NOT NULL"
            for entity, keys in BRANCHING.items()
            for kind, column in keys
        )
        run(f"CREATE TABLE reached AS FROM seed UNION {' UNION '.join(keys_of)}")
        for entity, keys in LINKS.items():
            if entity not in BRANCHING:
                ((kind, column),) = keys
                run(
                    f"CREATE TABLE before_{entity} AS FROM was_{entity}"
                    f" SEMI JOIN (SELECT value AS {column} FROM reached WHERE kind = '{kind}') USING ({column})"
                )
            if entity in self._changes:
                self._bring_up_to_date(entity)

    def _bring_up_to_date(self, entity: str) -> None:
        key = ", ".join(RECORD_KEY)
        self._connection.execute(
            f"CREATE TABLE after_{entity} AS FROM before_{entity}"
            f" ANTI JOIN (SELECT {key} FROM ended_{entity} UNION ALL SELECT {key} FROM new_{entity})"
            f" USING ({key}) UNION ALL BY NAME FROM new_{entity}"
        )
