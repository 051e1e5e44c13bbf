"""Bodies of webhooks, taken apart."""

import json
from typing import Any

import pytest

from connectors.webhooks.events import EventShape, SentEvent, read_events, record_in

NAMED = EventShape(event_id="id")


def events_of(content: Any, shape: EventShape = NAMED, header_id: str | None = None) -> list[SentEvent]:
    return read_events(json.dumps(content).encode(), shape, header_id)


def test_a_body_is_one_event_a_list_of_them_or_holds_one() -> None:
    one, other = {"id": "a"}, {"id": 2}
    assert [event.event_id for event in events_of(one)] == ["a"]
    assert [event.event_id for event in events_of([one, other])] == ["a", "2"]
    within = EventShape(events="message.events", event_id="id")
    assert [event.event_id for event in events_of({"message": {"events": [one, other]}}, within)] == ["a", "2"]
    assert events_of([]) == []


def test_amounts_are_kept_as_they_are_spelled() -> None:
    (event,) = read_events(b'{"id": "a", "amount": 79.90, "count": 3}', NAMED)
    assert json.loads(event.payload) == {"id": "a", "amount": "79.90", "count": 3}


def test_blanks_and_the_order_of_keys_make_no_other_event() -> None:
    (one,) = read_events(b'{"id": "a", "b": {"x": 1, "y": 2}}', NAMED)
    (same,) = read_events(b'{ "b":{"y":2,"x":1},"id":"a" }', NAMED)
    (other,) = read_events(b'{"id": "a", "b": {"x": 1, "y": 3}}', NAMED)
    assert one == same
    assert one.digest != other.digest


def test_a_signed_header_may_name_the_event_and_numbers_several() -> None:
    assert [event.event_id for event in events_of({"x": 1}, EventShape(), "msg_1")] == ["msg_1"]
    assert [event.event_id for event in events_of([{"x": 1}, {"x": 2}], EventShape(), "msg_1")] == [
        "msg_1#1",
        "msg_1#2",
    ]


def test_an_event_without_any_name_is_named_by_its_content() -> None:
    first, second, again = events_of([{"x": 1}, {"x": 2}, {"x": 1}], EventShape())
    assert first.event_id == again.event_id == first.digest != second.event_id


@pytest.mark.parametrize(
    ("body", "shape", "told"),
    [
        (b"", NAMED, "no JSON"),
        (b'{"id": "secret-7"', NAMED, "no JSON"),
        (b"\xff\xfe\xfd", NAMED, "no UTF-8"),
        (b'{"id": NaN}', NAMED, "NaN is no JSON number"),
        (b'"secret-7"', NAMED, "no object"),
        (b'[{"id": 1}, "secret-7"]', NAMED, "no object"),
        (b"[" * 50_000, NAMED, "nested too deeply"),
        (b'{"name": "secret-7"}', NAMED, "holds no id: id is missing"),
        (b'{"id": {"x": "secret-7"}}', NAMED, "neither text nor a whole number"),
        (b'{"id": true}', NAMED, "neither text nor a whole number"),
        (b'{"id": ""}', NAMED, "empty"),
        (b'{"id": "secret-7\\u0000"}', NAMED, "not printable"),
        (b'{"id": "' + b"7" * 201 + b'"}', NAMED, "longer than 200"),
        (b'{"data": []}', EventShape(events="data.events", event_id="id"), "holds no data.events: events is missing"),
        (b'{"events": {"secret-7": 1}}', EventShape(events="events", event_id="id"), "events is no list"),
        (b"[" + b",".join([b"{}"] * 5001) + b"]", EventShape(), "more than 5000 events"),
    ],
)
def test_a_body_that_cannot_be_used_is_told_without_what_it_holds(body: bytes, shape: EventShape, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        read_events(body, shape)
    assert told in str(error.value)
    assert "secret-7" not in str(error.value)


def test_the_record_lies_where_the_mapping_says() -> None:
    event = {"id": "a", "data": {"object": {"serial": "x"}}}
    assert record_in(event, EventShape()) == event
    assert record_in(event, EventShape(record="data.object")) == {"serial": "x"}
    with pytest.raises(ValueError, match=r"holds no data\.record: record is missing"):
        record_in(event, EventShape(record="data.record"))
    with pytest.raises(ValueError, match="id is no object"):
        record_in(event, EventShape(record="id"))
