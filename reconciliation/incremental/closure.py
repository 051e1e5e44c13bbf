"""Which records have to be judged together with some that changed: everything that their keys lead to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

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
        ended: keys (``RECORD_KEY``) of versions that the snapshot may hold and that are not current any more.
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

    def __init__(self, base: Path, changes: Changes, more_serials: pa.Table) -> None:
        """Follow the keys of what changed until they lead to nothing new.

        Args:
            base: a whole snapshot with its records and its state.
            changes: what changed since.
            more_serials: serials (column ``serial``) that have to be judged again although nothing of them changed.
        """
        self._connection = duckdb.connect()
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET threads = 1")
        self._changes = changes
        self._open(base, more_serials)
        self._follow()
        self._gather()
        row = self._connection.execute("SELECT count(*) FROM reached WHERE kind = 'account'").fetchone()
        self.accounts: int = row[0] if row else 0

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()

    def before(self) -> Records:
        """By entity the records that are reached, as the snapshot holds them."""
        return self._records("before")

    def now(self) -> Records:
        """By entity the records that are reached, as they are now."""
        return self._records("after")

    def months(self) -> list[date]:
        """First days of the months that bill lines of the reached accounts begin in, as they are now."""
        query = "SELECT DISTINCT date_trunc('month', covers_from)::DATE FROM after_ChargeLine"
        return [month for (month,) in self._connection.execute(query).fetchall()]

    def rest_of(self, base: Path, table: str) -> pa.Table:
        """Rows of a table of the snapshot's state whose account is not reached."""
        return self._connection.sql(
            "SELECT * FROM read_parquet(?) WHERE account NOT IN (SELECT value FROM reached WHERE kind = 'account')",
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
        key = ", ".join(RECORD_KEY)
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
            keys_of_changes = f"(SELECT {key} FROM ended_{entity} UNION SELECT {key} FROM new_{entity})"
            touched = (
                f"(FROM was_{entity} SEMI JOIN {keys_of_changes} USING ({key}) UNION ALL BY NAME FROM new_{entity})"
            )
            for kind, column in keys:
                run(f"INSERT INTO frontier SELECT '{kind}', {column} FROM {touched} WHERE {column} IS NOT NULL")

    def _open_beside(self, base: Path) -> None:
        """What changed of entities that reach nobody, as it was and as it is."""
        key = ", ".join(RECORD_KEY)
        for entity in sorted(BESIDE):
            was = self._connection.read_parquet(str(base / "records" / f"{entity}.parquet"))
            changed = self._changes.get(entity)
            if changed is None:
                was.limit(0).create_view(f"before_{entity}")
                was.limit(0).create_view(f"after_{entity}")
                continue
            was.create_view(f"was_{entity}")
            self._connection.register(f"after_{entity}", changed.now)
            self._connection.register(f"ended_{entity}", changed.ended)
            self._connection.execute(
                f"CREATE VIEW before_{entity} AS FROM was_{entity} SEMI JOIN"
                f" (SELECT {key} FROM ended_{entity} UNION SELECT {key} FROM after_{entity}) USING ({key})"
            )

    def _follow(self) -> None:
        run = self._connection.execute
        while True:
            run(
                "CREATE OR REPLACE TABLE frontier AS SELECT DISTINCT kind, value FROM frontier"
                " ANTI JOIN reached USING (kind, value)"
            )
            if run("SELECT count(*) FROM frontier").fetchone() == (0,):
                break
            run("INSERT INTO reached FROM frontier")
            found = [query for entity, keys in _BRANCHING.items() for query in self._led_to(entity, keys)]
            run(f"CREATE OR REPLACE TABLE frontier AS {' UNION ALL '.join([*found, f'({_ALIKE})'])}")

    def _led_to(self, entity: str, keys: Keys) -> Iterator[str]:
        """Queries for all keys of records that have one key at the frontier, as they were and as they are."""
        for source in (f"was_{entity}", *([f"new_{entity}"] if entity in self._changes else [])):
            for at_kind, at in keys:
                for kind, column in keys:
                    if column != at:
                        yield (
                            f"(SELECT '{kind}' AS kind, {column} AS value FROM {source}"
                            f" WHERE {at} IN (SELECT value FROM frontier WHERE kind = '{at_kind}')"
                            f" AND {column} IS NOT NULL)"
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
            else:
                self._connection.execute(f"CREATE VIEW after_{entity} AS FROM before_{entity}")

    def _records(self, when: str) -> Records:
        found: Records = {}
        for entity in sorted(BESIDE):
            changed: pa.Table = self._connection.sql(f"FROM {when}_{entity}").to_arrow_table()
            found[entity] = (changed.schema, iter(changed.to_batches()))
        for entity in self._shared:
            whole: pa.Table = self._connection.sql(f"FROM was_{entity}").to_arrow_table()
            found[entity] = (whole.schema, iter(whole.to_batches()))
        for entity in LINKS:
            table: pa.Table = self._connection.sql(f"FROM {when}_{entity}").to_arrow_table()
            found[entity] = (table.schema, iter(table.to_batches()))
        return found
