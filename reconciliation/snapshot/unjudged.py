"""Who in a snapshot was left out of the judgement: nobody may take silence about them for an answer."""

from pathlib import Path

from reconciliation.engines.databases import reading

_UNJUDGED = """
WITH known AS (SELECT service, account, is_judged FROM read_parquet(getvariable('services'))),
remarked AS (
    SELECT name, split_part(name, '/', 1) AS account
    FROM (SELECT regexp_replace(subject, '^(account|service)/', '') AS name
          FROM read_parquet(getvariable('unjoined')) WHERE scope = 'record')
),
found AS (SELECT DISTINCT account FROM known SEMI JOIN remarked USING (account))
SELECT service FROM known WHERE NOT is_judged
UNION
SELECT serial
FROM read_parquet(getvariable('devices'))
WHERE is_near_miss OR (is_live AND NOT known_to_field AND NOT is_awaited AND profile_product IS NULL)
UNION
SELECT name FROM remarked ANTI JOIN found USING (account)
"""


def unjudged_subjects(folder: Path) -> frozenset[str]:
    """Services, accounts and serials of a snapshot that no rule was asked about.

    A service is left out where the keys of its records lead nowhere, an account where only billing knows it; a device
    where it is nearly one that the field knows, or where nothing tells its price. A remark on a service that is
    judged all the same does not leave it out.
    """
    with reading() as connection:
        for name, files in (
            ("services", "by_service/*/service.parquet"),
            ("devices", "by_serial/*/device_state.parquet"),
            ("unjoined", "dimensions/not_judged.parquet"),
        ):
            connection.execute(f"SET VARIABLE {name} = ?", [str(folder / files)])
        return frozenset(subject for (subject,) in connection.execute(_UNJUDGED).fetchall())
