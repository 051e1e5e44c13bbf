"""The part of a mapping that says what is taken of what a system sends by itself over the network."""

from dataclasses import replace

from small_mapping import JOBS, LEDGER, LINES, faults_of, mapping_of

from connectors.mapping.plan import Hearing
from connectors.webhooks.events import EventShape

HEARD = replace(LEDGER, is_heard=True, capabilities=replace(LEDGER.capabilities, hears="bells", incremental=False))
OID = "1.3.6.1.2.1.2.2.1.2"
HEARS = LINES.replace("  options: {drawer: top}\n", "") + f"listens: {{kinds: [{OID}], fields: {{town: {OID}}}}}\n"


def test_a_mapping_says_which_kinds_it_takes_and_how_their_values_are_called() -> None:
    mapping = mapping_of(HEARS, HEARD)
    assert mapping.listens == Hearing((OID,), {OID: "town"})
    assert mapping.webhook == EventShape(record="record")
    assert mapping_of(LINES).listens is None


def test_a_system_that_is_not_listened_to_is_a_fault() -> None:
    (fault,) = faults_of(HEARS)
    assert "listens: paper is not listened to" in fault
    (fault,) = faults_of(HEARS, systems=[replace(HEARD, is_heard=False)])
    assert "listens: needs systems.ledger.listens in operator.yaml" in fault


def test_a_stream_is_heard_in_one_way_and_in_an_order() -> None:
    faults = faults_of(JOBS + "listens: {}\nwebhook: {event_id: id}\n", systems=[replace(HEARD, sends=True)])
    assert any("listens: goes with no webhook" in fault for fault in faults)
    assert any("listens: needs read.cursor" in fault for fault in faults)


def test_a_name_stands_for_an_oid() -> None:
    (fault,) = faults_of(HEARS.replace(f"town: {OID}", "town: ifDescr"), systems=[HEARD])
    assert "listens.fields.town" in fault
