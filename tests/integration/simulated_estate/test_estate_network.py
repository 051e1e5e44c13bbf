"""The simulated network elements as pysnmp meets them."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from estate_clients import walk
from estate_rows import device
from pyasn1.codec.ber import encoder
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate
from simulated_estate.servers.snmp_ber import binding
from simulated_estate.servers.snmp_values import Value

ENTERPRISES = "1.3.6.1.4.1"
SINCE = datetime(2026, 3, 5, 19, 3, 22, tzinfo=UTC)
LATER = datetime(2026, 7, 5, 18, 3, 22, tzinfo=UTC)
COLUMNS = {
    "rb-olt-calix": {
        "serial": f"{ENTERPRISES}.6321.1.2.4.2.6.1.1.2",
        "admin": f"{ENTERPRISES}.6321.1.2.4.2.6.1.1.3",
        "oper": f"{ENTERPRISES}.6321.1.2.4.2.6.1.1.4",
        "rx": f"{ENTERPRISES}.6321.1.2.4.2.6.1.1.6",
        "port": f"{ENTERPRISES}.6321.999.1.1.1",
        "profile": f"{ENTERPRISES}.6321.999.1.1.2",
        "registered": f"{ENTERPRISES}.6321.999.1.1.3",
        "profile since": f"{ENTERPRISES}.6321.999.1.1.4",
        "traffic": f"{ENTERPRISES}.6321.999.1.1.5",
    },
    "rb-olt-adtran": {
        "rx": f"{ENTERPRISES}.664.6.10000.76.1.1.3.1.1.32",
        "serial": f"{ENTERPRISES}.664.6.10000.76.1.1.2.3.1.1",
        "admin": f"{ENTERPRISES}.664.6.10000.76.1.1.2.3.1.4",
        "oper": f"{ENTERPRISES}.664.6.10000.76.1.1.3.1.1.7",
        "port": f"{ENTERPRISES}.664.999.1.1.4",
        "profile": f"{ENTERPRISES}.664.999.1.1.5",
        "registered": f"{ENTERPRISES}.664.999.1.1.6",
        "profile since": f"{ENTERPRISES}.664.999.1.1.7",
        "traffic": f"{ENTERPRISES}.664.999.1.1.8",
    },
    "rb-olt-nokia": {
        "admin": "1.3.6.1.2.1.2.2.1.7",
        "oper": "1.3.6.1.2.1.2.2.1.8",
        "port": "1.3.6.1.2.1.31.1.1.1.1",
        "serial": f"{ENTERPRISES}.637.61.1.35.10.1.1.5",
        "rx": f"{ENTERPRISES}.637.61.1.35.10.14.1.2",
        "profile": f"{ENTERPRISES}.637.999.1.1.1",
        "registered": f"{ENTERPRISES}.637.999.1.1.2",
        "profile since": f"{ENTERPRISES}.637.999.1.1.3",
        "traffic": f"{ENTERPRISES}.637.999.1.1.4",
    },
    "ms-sw-ciena": {
        "admin": "1.3.6.1.2.1.2.2.1.7",
        "oper": "1.3.6.1.2.1.2.2.1.8",
        "port": "1.3.6.1.2.1.31.1.1.1.1",
        "serial": "1.3.6.1.2.1.31.1.1.1.18",
        "rx": f"{ENTERPRISES}.1271.2.1.9.1.1.1.1.6",
        "profile": f"{ENTERPRISES}.1271.999.1.1.1",
        "registered": f"{ENTERPRISES}.1271.999.1.1.2",
        "profile since": f"{ENTERPRISES}.1271.999.1.1.3",
        "traffic": f"{ENTERPRISES}.1271.999.1.1.4",
    },
    "ns-ap-cambium": {
        "serial": f"{ENTERPRISES}.161.19.3.1.4.1.3",
        "oper": f"{ENTERPRISES}.161.19.3.1.4.1.19",
        "admin": f"{ENTERPRISES}.161.999.1.1.1",
        "rx": f"{ENTERPRISES}.161.999.1.1.2",
        "port": f"{ENTERPRISES}.161.999.1.1.3",
        "profile": f"{ENTERPRISES}.161.999.1.1.4",
        "registered": f"{ENTERPRISES}.161.999.1.1.5",
        "profile since": f"{ENTERPRISES}.161.999.1.1.6",
        "traffic": f"{ENTERPRISES}.161.999.1.1.7",
    },
}
NEW_YORK_WINTER = bytes((7, 234, 3, 5, 14, 3, 22, 0)) + b"-" + bytes((5, 0))
NEW_YORK_SUMMER = bytes((7, 234, 7, 5, 14, 3, 22, 0)) + b"-" + bytes((4, 0))
UTC_WINTER = bytes((7, 234, 3, 5, 19, 3, 22, 0)) + b"+" + bytes((0, 0))
UTC_SUMMER = bytes((7, 234, 7, 5, 18, 3, 22, 0)) + b"+" + bytes((0, 0))
SERIALS = {
    "rb-olt-calix": ("CXNK12AB34CD", b"CXNK12AB34CD"),
    "rb-olt-adtran": ("ADTN12AB34CD", b"ADTN12ab34cd"),
    "rb-olt-nokia": ("ALCL12AB34CD", b"ALCL\x12\xab\x34\xcd"),
    "ms-sw-ciena": ("CIEN12AB34CD", b"NID CIEN12AB34CD"),
    "ns-ap-cambium": ("0A003E123456", b"\x0a\x00\x3e\x12\x34\x56"),
}
EXPECTED = {  # oper up, down, discovered; admitted, not; rx at -20 and -26.5 dBm, without a reading; three times
    "rb-olt-calix": ((1, 0, 5), (1, 2), (100, 22, 0), (NEW_YORK_WINTER, NEW_YORK_SUMMER, b"")),
    "rb-olt-adtran": ((4, 5, 2), (1, 2), (-200, -265, 2147483647), (1772737402, 1783274602, 0)),
    "rb-olt-nokia": ((1, 2, 5), (1, 2), (-10000, -13250, 32768), (UTC_WINTER, UTC_SUMMER, b"")),
    "ms-sw-ciena": (
        (1, 2, 5),
        (1, 2),
        (10, 2, 0),
        (b"Thu Mar  5 19:03:22 2026", b"Sun Jul  5 18:03:22 2026", b""),
    ),
    "ns-ap-cambium": (
        (1, 0, 5),
        (1, 0),
        (-20, -26, 0),
        (b"03/05/2026 : 19:03:22 UTC", b"07/05/2026 : 18:03:22 UTC", b""),
    ),
}


def plain(value: object) -> object:
    octets = getattr(value, "asOctets", None)
    return octets() if octets else int(value)  # type: ignore[call-overload]


def table(found: dict[str, object], element: str) -> dict[str, list[object]]:
    """Column -> values in the order of their index."""
    return {
        name: [plain(value) for oid, value in found.items() if oid.rpartition(".")[0] == column]
        for name, column in COLUMNS[element].items()
    }


@pytest.mark.parametrize("element", COLUMNS)
def test_each_vendor_spells_devices_its_own_way(serve: Callable[..., RunningEstate], element: str) -> None:
    serial, spelled = SERIALS[element]
    rows = [
        device(1, serial=serial, registered_since=SINCE, profile_since=LATER),
        device(2, serial=serial, oper_state="down", rx_dbm=Decimal("-26.5")),
        device(3, serial=serial, oper_state="discovered", rx_dbm=None, profile="", profile_since=None),
    ]
    found = table(walk(serve(Books(network={element: rows})), element), element)
    states, admitted, powers, (registered, profile_since, none) = EXPECTED[element]
    assert found["serial"] == [spelled] * 3
    assert found["oper"] == list(states)
    assert found["admin"] == [admitted[0], admitted[0], admitted[1]]
    assert found["rx"] == list(powers)
    assert found["port"] == [b"1/1/1", b"1/1/2", b"1/1/3"]
    assert found["profile"] == [b"500/500", b"500/500", b""]
    assert found["registered"][0] == registered
    assert (found["profile since"][0], found["profile since"][2]) == (profile_since, none)
    assert found["traffic"] == [none] * 3


def test_version_3_tells_what_version_2c_tells(estate: RunningEstate) -> None:
    root = f"{ENTERPRISES}.6321"
    plainly, secretly = walk(estate, "rb-olt-calix", root), walk(estate, "rb-olt-calix", root, v3=True)
    assert len(plainly) == 7 * 9
    assert [*plainly] == [*secretly]
    assert [plain(value) for value in plainly.values()] == [plain(value) for value in secretly.values()]


def test_instances_come_in_the_order_of_their_oids(books: Books, estate: RunningEstate) -> None:
    books.network["rb-olt-calix"] = [device(number) for number in range(300)]
    oids = [tuple(map(int, oid.split("."))) for oid in walk(estate, "rb-olt-calix")]
    assert oids == sorted(set(oids))
    assert len(oids) == 300 * 9 + 4


def test_the_system_group_names_the_element(estate: RunningEstate) -> None:
    system = walk(estate, "rb-olt-calix", "1.3.6.1.2.1.1")
    assert bytes(system["1.3.6.1.2.1.1.5.0"]) == b"rb-olt-calix"
    assert str(system["1.3.6.1.2.1.1.2.0"]) == f"{ENTERPRISES}.6321.1.2.4.1.1"


def test_strangers_get_no_answer_and_wrong_keys_are_refused(estate: RunningEstate) -> None:
    with pytest.raises(TimeoutError):
        walk(estate, "rb-olt-calix", community="public", timeout=0.1, retries=0)
    with pytest.raises(PermissionError):
        walk(estate, "rb-olt-calix", v3=True, v3_user="nobody")
    with pytest.raises((PermissionError, TimeoutError)):
        walk(estate, "rb-olt-calix", v3=True, v3_auth_key="wrong-auth-key", timeout=0.3, retries=0)


@pytest.mark.parametrize("weaker", [{"v3_priv_key": ""}, {"v3_priv_key": "", "v3_auth_key": ""}])
def test_a_known_user_reads_nothing_without_authentication_and_privacy(
    estate: RunningEstate, weaker: dict[str, str]
) -> None:
    with pytest.raises(PermissionError, match=r"security level|authorizationError"):
        walk(estate, "rb-olt-calix", v3=True, **weaker)


def test_a_greedy_getbulk_is_answered_with_what_fits_into_a_datagram(books: Books, estate: RunningEstate) -> None:
    books.network["rb-olt-calix"] = [device(number, profile="p" * 400) for number in range(300)]
    profiles = COLUMNS["rb-olt-calix"]["profile"]
    assert len(walk(estate, "rb-olt-calix", profiles, repetitions=1000)) == 300


def test_bindings_are_the_octets_that_pysnmp_writes() -> None:
    values = [Value("integer", number) for number in (0, 127, 128, 255, 256, -1, -128, -129, 2147483647)]
    values += [
        Value("gauge", 4294967295),
        Value("ticks", 128),
        Value("octets", b"x" * 200),
        Value("oid", (1, 3, 16384)),
    ]
    types = {
        "integer": rfc1902.Integer32,
        "gauge": rfc1902.Gauge32,
        "ticks": rfc1902.TimeTicks,
        "octets": rfc1902.OctetString,
        "oid": rfc1902.ObjectIdentifier,
    }
    oid = (1, 3, 6, 1, 4, 1, 6321, 999, 127, 128, 4294967295)
    for value in values:
        theirs = v2c.apiVarBind.set_oid_value(rfc1905.VarBind(), (oid, types[value.kind](value.content)))
        assert binding(oid, value) == encoder.encode(theirs), value


def test_a_walk_shows_rows_as_they_are_now_and_keeps_their_index(books: Books, estate: RunningEstate) -> None:
    columns = COLUMNS["rb-olt-calix"]
    before = walk(estate, "rb-olt-calix", columns["serial"])
    rows = books.network["rb-olt-calix"]
    rows[0].oper_state = "down"
    rows.insert(0, device(77))
    del rows[2]
    after = walk(estate, "rb-olt-calix", columns["serial"])
    assert bytes(after[f"{columns['serial']}.8"]) == b"CXNK0000004D"
    assert {oid: str(value) for oid, value in before.items() if oid in after} == {
        oid: str(value) for oid, value in after.items() if oid in before
    }
    assert f"{columns['serial']}.2" not in after
    assert int(walk(estate, "rb-olt-calix", columns["oper"])[f"{columns['oper']}.1"]) == 0


def test_an_element_of_no_known_vendor_is_refused(serve: Callable[..., RunningEstate]) -> None:
    with pytest.raises(ValueError, match=r"must end in one of adtran, calix, cambium, ciena, nokia"):
        serve(Books(network={"rb-olt-huawei": []}))
