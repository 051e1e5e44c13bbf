"""A harness for every kind of system, by the name that tests have for it."""

from files_harness import FILES_HARNESSES
from source_harnesses import HARNESSES, Harness
from sql_harness import SQL_HARNESSES

ALL_HARNESSES: dict[str, Harness] = {**HARNESSES, **SQL_HARNESSES, **FILES_HARNESSES}
