"""Which records have to be judged together with some that changed: everything that their keys lead to."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from reconciliation.incremental.links import BESIDE, LINKS, RECORD_KEY, UNJUDGED, Keys
from reconciliation.snapshot.elsewhere import STATE_FOLDER

_BRANCHING = {entity: keys for entity, keys in LINKS.items() if len(keys) > 1}
"""Entities whose records lead from one key to another; all others only belong to one."""

_ALIKE = """
WITH shortened AS (
    SELECT serial, is_odd,
           unnest(list_transform(range(1, length(serial) + 1),
                                 lambda place: serial[:place - 1] || serial[place + 1:])) AS rest
    FROM (SELECT value AS serial, false AS is_odd FROM frontier WHERE kind = 'serial'
          UNION ALL SELECT serial, true FROM odd_serial)
)
SELECT DISTINCT 'serial' AS kind, o.serial AS value
FROM shortened f
JOIN shortened o ON o.rest = f.rest AND o.is_odd AND NOT f.is_odd
"""


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
        self._follow()
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
        run("CREATE TABLE reached (kind VARCHAR, value VARCHAR)")
        run("CREATE TABLE frontier (kind VARCHAR, value VARCHAR)")
        self._connection.read_parquet(str(base / STATE_FOLDER / "odd_serial.parquet")).create_view("odd_serial")
        self._connection.register("more_serials", more_serials)
        run("INSERT INTO frontier SELECT 'serial', serial FROM more_serials")
        self._shared = sorted(
            place.stem for place in (base / "records").glob("*.parquet") if place.stem not in LINKS.keys() | UNJUDGED
        )
        for entity in self._shared:
            self._connection.read_parquet(str(base / "records" / f"{entity}.parquet")).create_view(f"was_{entity}")
        self._open_beside(base)
        for entity, keys in LINKS.items():
            place = base / "records" / f"{entity}.parquet"
            self._connection.read_parquet(str(place)).create_view(f"was_{entity}")
            changed = self._changes.get(entity)
            if changed is None:
                continue
            self._connection.register(f"new_{entity}", changed.now)
            self._connection.register(f"ended_{entity}", changed.ended)
            for source in (f"ended_{entity}", f"new_{entity}"):
                for kind, column in keys:
                    run(f"INSERT INTO frontier SELECT '{kind}', {column} FROM {source} WHERE {column} IS NOT NULL")

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

    def _follow(self) -> None:
        run = self._connection.execute
        while True:
            run(
                "CREATE OR REPLACE TABLE frontier AS SELECT DISTINCT kind, value FROM frontier"
                " ANTI JOIN reached USING (kind, value)"
            )
            kinds = {kind for (kind,) in run("SELECT DISTINCT kind FROM frontier").fetchall()}
            if not kinds:
                break
            run("INSERT INTO reached FROM frontier")
            found = [query for entity, keys in _BRANCHING.items() for query in self._led_to(entity, keys, kinds)]
            alike = [f"({_ALIKE})"] if "serial" in kinds else []
            if not found and not alike:
                break
            run(f"CREATE OR REPLACE TABLE frontier AS {' UNION ALL '.join([*found, *alike])}")

    def _led_to(self, entity: str, keys: Keys, kinds: Collection[str]) -> Iterator[str]:
        """Queries for all keys of records that have one key at the frontier, as they were and as they are."""
        all_keys = ", ".join(f"{{'kind': '{kind}', 'value': {column}}}" for kind, column in keys)
        for source in (f"was_{entity}", *([f"new_{entity}"] if entity in self._changes else [])):
            for kind, column in keys:
                if kind in kinds:
                    yield (
                        f"(SELECT key.kind, key.value FROM (SELECT unnest([{all_keys}]) AS key FROM {source}"
                        f" SEMI JOIN (SELECT value AS {column} FROM frontier WHERE kind = '{kind}') USING ({column}))"
                        " WHERE key.value IS NOT NULL)"
                    )

    def _gather(self) -> None:
        """The reached records: one belongs to what is reached as soon as one of its keys does."""
        key = ", ".join(RECORD_KEY)
        for entity, keys in LINKS.items():
            self._connection.execute(
                f"CREATE TABLE before_{entity} AS FROM was_{entity}"
                f" SEMI JOIN (SELECT value AS {keys[0][1]} FROM reached WHERE kind = '{keys[0][0]}')"
                f" USING ({keys[0][1]})"
                if len(keys) == 1
                else f"CREATE TABLE before_{entity} AS FROM was_{entity} WHERE "
                + " OR ".join(
                    f"{column} IN (SELECT value FROM reached WHERE kind = '{kind}')" for kind, column in keys
                )
            )
            if entity in self._changes:
                self._connection.execute(
                    f"CREATE TABLE after_{entity} AS FROM before_{entity}"
                    f" ANTI JOIN (SELECT {key} FROM ended_{entity} UNION ALL SELECT {key} FROM new_{entity})"
                    f" USING ({key}) UNION ALL BY NAME FROM new_{entity}"
                )
