"""Which field grows with each change, as every kind of system is asked in the same words."""

from typing import Any

import pytest

from connectors.drafting.changes import changing_field, deletion_mark
from connectors.probing import FoundField
from rules.types import ColumnType, Kind


def typed(**kinds: Kind) -> list[FoundField]:
    return [FoundField(name, ColumnType(kind)) for name, kind in kinds.items()]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (typed(id="text", updated_at="timestamp"), "updated_at"),
        (typed(id="text", upd_ts="timestamp", cre_ts="timestamp"), "upd_ts"),
        (typed(status_changed_at="timestamp", lastModifiedDate="timestamp"), "lastModifiedDate"),
        (typed(modified_by="text", modified="timestamp"), "modified"),
        (typed(changed="date", id="text"), "changed"),
        (typed(changed="date", modification_time="timestamp"), "modification_time"),
        (typed(change_no="integer", id="text"), "change_no"),
        (typed(changes="integer", id="text"), None),
        (typed(is_changed="boolean", created_at="timestamp"), None),
        (typed(GEAENDERT_AM="timestamp", KUNDENNR="text"), "GEAENDERT_AM"),
        (typed(fecha_modificacion="timestamp", cliente="text"), "fecha_modificacion"),
        (typed(date_modification="timestamp", numero_client="text"), "date_modification"),
        ([FoundField("meta.updated_at", ColumnType("timestamp"))], None),
        ([], None),
    ],
)
def test_the_field_that_grows_with_each_change(fields: list[FoundField], expected: str | None) -> None:
    assert changing_field(fields) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"], "updated"),
        (["2026-01-01"], "updated"),
        (["by ann"], None),
        ([True], None),
        ([], None),
    ],
)
def test_without_a_type_the_values_tell(values: list[Any], expected: str | None) -> None:
    samples = [{"id": "1", "updated": value} for value in values]
    assert changing_field([FoundField("id"), FoundField("updated")], samples) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "del_flag"], "del_flag"),
        (["id", "removed_at"], "removed_at"),
        (["kundennr", "geloescht", "vertrag"], "geloescht"),
        (["cliente", "eliminado"], "eliminado"),
        (["id", "delivered"], None),
    ],
)
def test_the_field_that_marks_what_was_deleted(names: list[str], expected: str | None) -> None:
    mark = deletion_mark([FoundField(name) for name in names])
    assert (mark.name if mark else None) == expected
