"""What the suite runs over: every kind of system that is discovered, some of them in more than one way."""

from dataclasses import replace

from files_harness import FILES
from source_harnesses import REST, SALESFORCE, SNMP, SOAP, Harness
from sql_harness import SQL

HARNESSES: tuple[Harness, ...] = (
    SALESFORCE,
    replace(
        SALESFORCE,
        name="salesforce-bulk",
        read=replace(SALESFORCE.read, options={"mode": "bulk", "bulk_page": 300}),
    ),
    SOAP,
    REST,
    SNMP,
    *SQL,
    *FILES,
)
