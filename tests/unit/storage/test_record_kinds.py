"""Which column and which Arrow type a field of a record becomes."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from canonical_model.entities import ENTITIES
from canonical_model.network import NetworkObservation
from canonical_model.record import Record
from canonical_model.record_fields import RecordField, fields_of
from storage.arrow_columns import arrow_schema
from storage.schema.canonical import CANONICAL_TABLES, table_name


def test_every_entity_has_a_table_with_its_fields_and_its_history() -> None:
    assert set(CANONICAL_TABLES) == set(ENTITIES.values())
    for entity, table in CANONICAL_TABLES.items():
        history = ["stream", "landed_id", "content_hash", "known_from", "known_to"]
        assert [column.name for column in table.c] == [*entity.model_fields, *history]


def test_tables_are_named_in_snake_case() -> None:
    assert table_name(NetworkObservation) == "network_observation"


def test_literals_are_text_and_optional_fields_are_nullable() -> None:
    fields = {field.name: field for field in fields_of(NetworkObservation)}
    assert fields["operational_state"] == RecordField("operational_state", "text", nullable=False)
    assert fields["optical_side"] == RecordField("optical_side", "text", nullable=True)
    assert fields["serial"] == RecordField("serial", "text", nullable=False)
    assert fields["last_traffic_at"] == RecordField("last_traffic_at", "instant", nullable=True)


def test_the_arrow_schema_follows_the_model() -> None:
    schema = arrow_schema(NetworkObservation)
    assert schema.names == list(NetworkObservation.model_fields)
    assert schema.field("observed_at") == pa.field("observed_at", pa.timestamp("us", tz="UTC"), nullable=False)
    assert schema.field("optical_raw") == pa.field("optical_raw", pa.int64())
    assert schema.field("optical_dbm") == pa.field("optical_dbm", pa.float64())


@pytest.mark.parametrize("annotation", [Decimal, datetime, list[str], str | int])
def test_a_field_that_no_flat_row_holds_is_named(annotation: object) -> None:
    entity = type("Odd", (Record,), {"__annotations__": {"odd": annotation}})
    with pytest.raises(TypeError, match=r"Odd\.odd: .* is none of text"):
        fields_of(entity)
