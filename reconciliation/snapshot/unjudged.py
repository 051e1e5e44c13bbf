"""Who in a snapshot was left out of the judgement: nobody may take silence about them for an answer."""

from pathlib import Path

import duckdb

_UNJUDGED = """
WITH known AS (SELECT account, is_judged FROM read_parquet(getvariable('services')))
SELECT account FROM known WHERE NOT is_judged
UNION
SELECT serial
FROM read_parquet(getvariable('devices'))
WHERE is_near_miss OR (is_live AND NOT known_to_field AND NOT is_awaited AND profile_product IS NULL)
UNION
SELECT name
FROM (SELECT replace(subject, 'account/', '') AS name
      FROM read_parquet(getvariable('unjoined')) WHERE scope = 'record')
WHERE split_part(name, '/', 1) NOT IN (SELECT account FROM known)
"""


def unjudged_subjects(folder: Path) -> frozenset[str]:
    """Accounts and serials of a snapshot that no rule was asked about.

    An account is left out where the keys of its records lead nowhere, or where only billing knows it; a device where
    it is nearly one that the field knows, or where nothing tells its price. A remark on an account that is judged all
    the same does not leave it out.
    """
    with duckdb.connect() as connection:
        for name, files in (
            ("services", "by_service/*/service.parquet"),
            ("devices", "by_serial/*/device_state.parquet"),
            ("unjoined", "dimensions/not_judged.parquet"),
        ):
            connection.execute(f"SET VARIABLE {name} = ?", [str(folder / files)])
        return frozenset(subject for (subject,) in connection.execute(_UNJUDGED).fetchall())
