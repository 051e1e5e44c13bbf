"""The part of a mapping that says what is taken of what a system sends by itself over the network."""

from dataclasses import replace

from small_mapping import JOBS, LEDGER, LINES, MARKETS, faults_of, mapping_of

from canonical_model.errors import Fault
from connectors.mapping import read_mappings
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


REREADS = replace(HEARD, capabilities=replace(HEARD.capabilities, rereads=True, incremental=True))
PROFILED = HEARS.replace(f"kinds: [{OID}], fields: {{town: {OID}}}", "profile: true, rereads: drawers")


def test_a_mapping_may_leave_it_to_the_device_profile_and_name_what_is_read_again() -> None:
    pulled = LINES.replace("stream: lines", "stream: drawers")
    faults: list[Fault] = []
    texts = {"heard.yaml": PROFILED, "read.yaml": pulled}
    heard, _ = read_mappings(texts, faults, systems={"ledger": REREADS}, markets=MARKETS)
    assert faults == []
    assert heard.listens == Hearing(by_profile=True, rereads="drawers")


def test_what_shall_be_read_again_must_be_read() -> None:
    (fault,) = faults_of(PROFILED, systems=[REREADS])
    assert "listens.rereads: there is no stream drawers that is read from ledger" in fault
    itself = PROFILED.replace("rereads: drawers", "rereads: lines")
    assert any("there is no stream lines that is read" in fault for fault in faults_of(itself, systems=[REREADS]))


def test_a_profile_goes_with_no_kinds_and_with_a_connector_that_has_profiles() -> None:
    both = HEARS.replace("listens: {", "listens: {profile: true, ")
    (fault,) = faults_of(both, systems=[REREADS])
    assert "listens.kinds: goes with no profile" in fault
    alone = HEARS.replace(f"kinds: [{OID}], fields: {{town: {OID}}}", "profile: true")
    (fault,) = faults_of(alone, systems=[HEARD])
    assert "listens.profile: paper has no device profiles" in fault
    without = HEARS.replace("listens: {", "listens: {rereads: drawers, ")
    assert any("listens.rereads: needs profile: true" in fault for fault in faults_of(without, systems=[REREADS]))
