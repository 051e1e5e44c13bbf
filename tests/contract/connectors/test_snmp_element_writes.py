"""Variables set on an element of the estate: by every login, found by what a row shows, and no other device's."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from snmp_harness import ADMIN_STATE, ELEMENT, LABEL, OUT_OF_SERVICE, SERIAL, snmp_write
from snmp_harness import with_devices as devices

from canonical_model.errors import ConfigurationError, OutcomeUnknown, SpliceError, UnsafeToContinue
from connectors.commands import sight_of
from connectors.discovery import open_sink
from connectors.ports import Sink, SystemSettings, Write
from simulated_estate.books import Books, DeviceRow
from simulated_estate.servers.serve import RunningEstate, serve_estate
from tests.fakes.effects import START

Open = Callable[[SystemSettings], Sink]
LONG_S = 20.0


@pytest.fixture
def open_() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Sink:
            sink = open_sink(settings)
            stack.callback(sink.close)
            return sink

        yield opened


@pytest.fixture
def estate() -> Iterator[RunningEstate]:
    with serve_estate(Books(network=devices(START))) as running:
        yield running


def credentials(estate: RunningEstate, login: str) -> dict[str, Any]:
    held = estate.credentials["network"]
    if login == "v2c":
        return {"secrets": {name: SecretStr(held[name]) for name in ("community", "write_community")}}
    user, _, context = login.partition("@")
    options = {"login": "v3", "user": held["v3_writer" if user == "writer" else "v3_user"]}
    keys = {"auth_key": SecretStr(held["v3_auth_key"]), "priv_key": SecretStr(held["v3_priv_key"])}
    return {"options": {**options, **({"context": context} if context else {})}, "secrets": keys}


def element(estate: RunningEstate, login: str = "v2c", timeout_s: float = LONG_S) -> SystemSettings:
    return SystemSettings(
        ELEMENT, "snmp", estate.addresses[ELEMENT], timeout_s=timeout_s, **credentials(estate, login)
    )


def second(estate: RunningEstate) -> DeviceRow:
    return estate.books.network[ELEMENT][1]


@pytest.mark.parametrize("login", ["v2c", "writer", "writer@provisioning"])
def test_a_device_is_found_by_its_serial_set_and_read_back(estate: RunningEstate, open_: Open, login: str) -> None:
    sink, write = open_(element(estate, login)), snmp_write(1)
    (look,) = write.looks
    assert sight_of(look, sink.observe(look)) == "differs"
    assert not sink.send(write).is_refusal
    assert (second(estate).label, second(estate).locked) == ("label 1", True)
    assert [row.locked for row in estate.books.network[ELEMENT]] == [False, True, False]
    assert sink.observe(look) == {LABEL: "label 1", ADMIN_STATE: OUT_OF_SERVICE}
    assert sight_of(look, sink.observe(look)) == "applied"


def changed(write: Write, values: dict[str, Any], **options: Any) -> Write:
    (part,) = write.parts
    return replace(write, parts=(replace(part, values=values, options={**part.options, **options}),))


@pytest.mark.parametrize("login", ["v2c", "writer"])
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({ADMIN_STATE: 9}, "wrongValue"),
        ({ADMIN_STATE: "locked"}, "wrongType"),
        ({LABEL: "x" * 65}, "wrongLength"),
        ({LABEL: "good", SERIAL: "ADTN00000009"}, "notWritable"),
    ],
)
def test_what_the_element_refuses_is_told_and_nothing_of_the_request_is_set(
    estate: RunningEstate, open_: Open, login: str, values: dict[str, Any], told: str
) -> None:
    receipt = open_(element(estate, login)).send(changed(snmp_write(1), values))
    assert receipt.is_refusal
    assert receipt.said == f"SNMP {told} ({list(values)[-1]}.2)"
    assert second(estate).label == ""
    assert not estate.write_log.of(ELEMENT)


@pytest.mark.parametrize("login", ["v2c", "reader"])
def test_a_login_that_may_only_read_is_refused(estate: RunningEstate, open_: Open, login: str) -> None:
    settings = element(estate, login)
    secrets = {name: secret for name, secret in settings.secrets.items() if name != "write_community"}
    receipt = open_(replace(settings, secrets=secrets)).send(snmp_write(1))
    assert (receipt.is_refusal, receipt.said) == (True, f"SNMP noAccess ({LABEL}.2)")
    assert not estate.write_log.of(ELEMENT)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"options": {"login": "v3", "user": "nobody"}}, "refused .*check user, keys, protocols and context"),
        (
            {"secrets": {"auth_key": SecretStr("another-key"), "priv_key": SecretStr("another-key")}},
            "refused .*check",
        ),
    ],
)
def test_a_wrong_user_or_key_is_told_and_nothing_is_set(
    estate: RunningEstate, open_: Open, change: dict[str, Any], told: str
) -> None:
    direct = changed(snmp_write(1), {LABEL: "x"})
    write = replace(direct, parts=(replace(direct.parts[0], target="2", options={}),))
    with pytest.raises(ConfigurationError, match=told):
        open_(replace(element(estate, "writer"), **change)).send(write)
    assert not estate.write_log.of(ELEMENT)


def test_a_context_that_the_element_does_not_have_sets_nothing(estate: RunningEstate, open_: Open) -> None:
    with pytest.raises(SpliceError) as told:
        open_(element(estate, "writer@nowhere", timeout_s=2.0)).send(snmp_write(1))
    assert not isinstance(told.value, OutcomeUnknown)
    assert not estate.write_log.of(ELEMENT)


def test_a_device_that_is_gone_is_refused_and_its_old_index_is_never_written_to(
    estate: RunningEstate, open_: Open
) -> None:
    rows = estate.books.network[ELEMENT]
    rows.remove(rows[1])
    write = snmp_write(1)
    sink = open_(element(estate))
    receipt = sink.send(write)
    assert receipt.is_refusal
    assert receipt.said == f"no row shows what {SERIAL} shall show"
    assert sink.observe(write.looks[0]) is None
    assert not estate.write_log.of(ELEMENT)


def test_two_devices_of_one_serial_are_for_a_person(estate: RunningEstate, open_: Open) -> None:
    rows = estate.books.network[ELEMENT]
    rows.append(replace(rows[1], port="1/1/9"))
    with pytest.raises(UnsafeToContinue, match="2 rows show"):
        open_(element(estate)).send(snmp_write(1))
    assert not estate.write_log.of(ELEMENT)


def test_a_serial_is_found_however_it_is_spelled(estate: RunningEstate, open_: Open) -> None:
    second(estate).serial = "ADTN12AB34CD"
    write = snmp_write(1)
    spelled = replace(write, parts=(replace(write.parts[0], target="adtn12AB34cd"),))
    assert not open_(element(estate)).send(spelled).is_refusal
    assert second(estate).locked


def test_a_device_of_a_name_is_found_by_its_whole_name(estate: RunningEstate, open_: Open) -> None:
    for number, row in enumerate(estate.books.network[ELEMENT]):
        row.label = f"roof {number}" if number else "roof"
    write = snmp_write(1)
    named = replace(write.parts[0], target="roof 1", values={ADMIN_STATE: OUT_OF_SERVICE}, options={"row_by": LABEL})
    assert not open_(element(estate)).send(replace(write, parts=(named,))).is_refusal
    assert [row.locked for row in estate.books.network[ELEMENT]] == [False, True, False]


def test_a_write_whose_answer_is_lost_shows_by_looking(estate: RunningEstate, open_: Open) -> None:
    sink, write = open_(element(estate, timeout_s=3.0)), snmp_write(1)
    estate.set_faults(f"{ELEMENT}:answer_lost=1")
    with pytest.raises(OutcomeUnknown):
        sink.send(write)
    assert sight_of(write.looks[0], sink.observe(write.looks[0])) == "applied"


def test_an_element_that_says_yes_and_does_nothing_is_seen_through(estate: RunningEstate, open_: Open) -> None:
    sink, write = open_(element(estate)), snmp_write(1)
    estate.set_faults(f"{ELEMENT}:hollow=1")
    assert not sink.send(write).is_refusal
    assert sight_of(write.looks[0], sink.observe(write.looks[0])) == "differs"
    assert not second(estate).locked
