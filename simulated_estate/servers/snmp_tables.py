"""The tables of five vendors: which column holds what, of which type and in which unit.

OIDs below ``1.3.6.1.4.1`` are written from the vendor's number on; a column's instance is ``column.INDEX``, INDEX
being a small integer of the device on that element. Columns under ``VENDOR.999`` are the operator's own additions to
the agent (they stand in no vendor's MIB); the others are the vendor's or the IETF's. ``up``, ``down`` and
``discovered`` give the operational state of a device in service, a dark one, and one seen but not admitted. "none" is
what stands for no value.

calix (AXOS E7-2, 6321)           table 6321.1.2.4.2.6.1.1 and 6321.999.1.1
    serial            6321.1.2.4.2.6.1.1.2   OCTET STRING  ``CXNK12AB34CD``
    admin state       6321.1.2.4.2.6.1.1.3   INTEGER       enabled 1, disabled 2 (not admitted, locked)
    oper state        6321.1.2.4.2.6.1.1.4   INTEGER       up 1 (enabled), down 0 (invalid), discovered 5 (as on E7)
    rx power          6321.1.2.4.2.6.1.1.6   INTEGER       mW x 10000; none 0
    port              6321.999.1.1.1         OCTET STRING
    profile           6321.999.1.1.2         OCTET STRING  none: empty
    registered since  6321.999.1.1.3         OCTET STRING  DateAndTime, 11 octets, local time with offset from UTC
    profile since     6321.999.1.1.4         OCTET STRING  likewise; none: no octets
    last traffic      6321.999.1.1.5         OCTET STRING  likewise; none: no octets

adtran (TA5000, 664)              ADTRAN-GENGPON-MIB 664.6.10000.76.1.1 and 664.999.1.1
    serial            664.6.10000.76.1.1.2.3.1.1   OCTET STRING  ``ADTN12ab34cd``
    label             664.6.10000.76.1.1.2.3.1.2   OCTET STRING  may be set, up to 64 octets
    admin state       664.6.10000.76.1.1.2.3.1.4   INTEGER  in service 1, out of service 2 (not admitted), 3 (locked);
                                                            may be set
    oper state        664.6.10000.76.1.1.3.1.1.7   INTEGER  up 4, down 5, discovered 2
    rx power          664.6.10000.76.1.1.3.1.1.32  INTEGER  0.1 dBm; none 2147483647
    port              664.999.1.1.4          OCTET STRING
    profile           664.999.1.1.5          OCTET STRING  none: empty
    registered since  664.999.1.1.6          Gauge32       seconds since 1970-01-01 UTC
    profile since     664.999.1.1.7          Gauge32       likewise; none 0
    last traffic      664.999.1.1.8          Gauge32       likewise; none 0

nokia (ISAM 7360, 637)            IF-MIB, 637.61.1.35.10 and 637.999.1.1
    admin state       1.3.6.1.2.1.2.2.1.7    INTEGER       ifAdminStatus: up 1, down 2; may be set
    oper state        1.3.6.1.2.1.2.2.1.8    INTEGER       ifOperStatus: up 1, down 2, discovered 5 (dormant)
    port              1.3.6.1.2.1.31.1.1.1.1 OCTET STRING  ifName
    serial            637.61.1.35.10.1.1.5   OCTET STRING  ``ALCL`` and four octets
    rx power          637.61.1.35.10.14.1.2  INTEGER       0.002 dBm; none 32768
    profile           637.999.1.1.1          OCTET STRING  none: empty
    registered since  637.999.1.1.2          OCTET STRING  DateAndTime, 11 octets, UTC
    profile since     637.999.1.1.3          OCTET STRING  likewise; none: no octets
    last traffic      637.999.1.1.4          OCTET STRING  likewise; none: no octets

ciena (SAOS, 1271)                IF-MIB, 1271.2.1.9.1.1.1.1 and 1271.999.1.1
    admin state       1.3.6.1.2.1.2.2.1.7    INTEGER       ifAdminStatus: up 1, down 2; may be set
    oper state        1.3.6.1.2.1.2.2.1.8    INTEGER       ifOperStatus: up 1, down 2, discovered 5 (dormant)
    port              1.3.6.1.2.1.31.1.1.1.1 OCTET STRING  ifName
    serial            1.3.6.1.2.1.31.1.1.1.18 OCTET STRING ifAlias: ``NID CIEN12AB34CD``
    rx power          1271.2.1.9.1.1.1.1.6   INTEGER       microwatts; none 0
    profile           1271.999.1.1.1         OCTET STRING  none: empty
    registered since  1271.999.1.1.2         OCTET STRING  ``Thu Mar  5 14:03:22 2026``, UTC
    profile since     1271.999.1.1.3         OCTET STRING  likewise; none: empty
    last traffic      1271.999.1.1.4         OCTET STRING  likewise; none: empty

cambium (PMP access point, 161)   table 161.19.3.1.4.1 and 161.999.1.1
    serial            161.19.3.1.4.1.3       OCTET STRING  PhysAddress, six octets
    oper state        161.19.3.1.4.1.19      INTEGER       up 1 (inSession), down 0 (idle), discovered 5 (registering)
    admin state       161.999.1.1.1          INTEGER       enabled 1, disabled 0 (not admitted)
    rx power          161.999.1.1.2          INTEGER       dBm; none 0
    port              161.999.1.1.3          OCTET STRING
    profile           161.999.1.1.4          OCTET STRING  none: empty
    registered since  161.999.1.1.5          OCTET STRING  ``03/05/2026 : 14:03:22 UTC``
    profile since     161.999.1.1.6          OCTET STRING  likewise; none: empty
    last traffic      161.999.1.1.7          OCTET STRING  likewise; none: empty

TimeTicks since the agent's start are not used for past events: they wrap after 497 days and need the agent's clock,
while the estate's life lies in its own calendar.
"""

from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_values import (
    Oid,
    Value,
    date_and_time,
    epoch_seconds,
    integer,
    scaled_dbm,
    scaled_mw,
    text,
    text_time,
)
from simulated_estate.servers.snmp_vendor import (
    ENTERPRISES,
    IF_ENTRY,
    IFX_ENTRY,
    NO_READING_32,
    Reader,
    Times,
    Vendor,
)
from simulated_estate.servers.snmp_writes import label, states


def _oper(up: int, down: int, discovered: int) -> Reader:
    values = {"up": integer(up), "down": integer(down), "discovered": integer(discovered)}
    return lambda row: values[row.oper_state]


def _admin(admitted: int, other: int, locked: int | None = None) -> Reader:
    def read(row: DeviceRow) -> Value:
        if row.oper_state == "discovered":
            return integer(other)
        return integer((other if locked is None else locked) if row.locked else admitted)

    return read


def _port(row: DeviceRow) -> Value:
    return text(row.port)


def _profile(row: DeviceRow) -> Value:
    return text(row.profile)


def _label(row: DeviceRow) -> Value:
    return text(row.label)


def _serial(spell: Callable[[str], str]) -> Reader:
    return lambda row: text(spell(row.serial))


def _octets(letters: int) -> Reader:
    """A serial of letters and octets; one that is none stands as it is."""

    def read(row: DeviceRow) -> Value:
        try:
            return Value("octets", row.serial[:letters].encode() + bytes.fromhex(row.serial[letters:]))
        except ValueError:
            return text(row.serial)

    return read


def _lower_serial(serial: str) -> str:
    return serial[:4] + serial[4:].lower()


def _calix(zone: ZoneInfo) -> Vendor:
    table: Oid = (*ENTERPRISES, 6321, 1, 2, 4, 2, 6, 1, 1)
    own: Oid = (*ENTERPRISES, 6321, 999, 1, 1)
    times = Times(partial(date_and_time, zone=zone))
    return Vendor(
        6321,
        (1, 2, 4, 1, 1),
        "Calix E7-2 AXOS R22 (simulated)",
        {
            (*table, 2): _serial(str),
            (*table, 3): _admin(1, 2),
            (*table, 4): _oper(up=1, down=0, discovered=5),
            (*table, 6): lambda row: scaled_mw(row.rx_dbm, 10_000),
            (*own, 1): _port,
            (*own, 2): _profile,
            (*own, 3): times.registered,
            (*own, 4): times.profile,
            (*own, 5): times.traffic,
        },
    )


def _adtran(_zone: ZoneInfo) -> Vendor:
    gpon: Oid = (*ENTERPRISES, 664, 6, 10000, 76, 1, 1)
    own: Oid = (*ENTERPRISES, 664, 999, 1, 1)
    times = Times(epoch_seconds)
    return Vendor(
        664,
        (1, 5000),
        "Adtran TA5000 (simulated)",
        {
            (*gpon, 2, 3, 1, 1): _serial(_lower_serial),
            (*gpon, 2, 3, 1, 2): _label,
            (*gpon, 2, 3, 1, 4): _admin(1, 2, locked=3),
            (*gpon, 3, 1, 1, 7): _oper(up=4, down=5, discovered=2),
            (*gpon, 3, 1, 1, 32): lambda row: scaled_dbm(row.rx_dbm, 10, NO_READING_32),
            (*own, 4): _port,
            (*own, 5): _profile,
            (*own, 6): times.registered,
            (*own, 7): times.profile,
            (*own, 8): times.traffic,
        },
        {(*gpon, 2, 3, 1, 2): label(64), (*gpon, 2, 3, 1, 4): states(unlocked=(1,), locked=(2, 3))},
    )


_INTERFACE_WRITES = {(*IF_ENTRY, 7): states(unlocked=(1,), locked=(2,))}


def _interface_columns() -> dict[Oid, Reader]:
    return {
        (*IF_ENTRY, 7): _admin(1, 2),
        (*IF_ENTRY, 8): _oper(up=1, down=2, discovered=5),
        (*IFX_ENTRY, 1): _port,
    }


def _nokia(_zone: ZoneInfo) -> Vendor:
    isam: Oid = (*ENTERPRISES, 637, 61, 1, 35, 10)
    own: Oid = (*ENTERPRISES, 637, 999, 1, 1)
    times = Times(partial(date_and_time, zone=ZoneInfo("UTC")))
    return Vendor(
        637,
        (61, 1),
        "NOKIA ISAM R6.5 NFXS-E (simulated)",
        {
            **_interface_columns(),
            (*isam, 1, 1, 5): _octets(letters=4),
            (*isam, 14, 1, 2): lambda row: scaled_dbm(row.rx_dbm, 500, 32_768),
            (*own, 1): _profile,
            (*own, 2): times.registered,
            (*own, 3): times.profile,
            (*own, 4): times.traffic,
        },
        _INTERFACE_WRITES,
    )


def _ciena(_zone: ZoneInfo) -> Vendor:
    own: Oid = (*ENTERPRISES, 1271, 999, 1, 1)
    times = Times(text_time("%a %b %e %H:%M:%S %Y"))
    return Vendor(
        1271,
        (1, 2, 27),
        "Ciena SAOS 5164 (simulated)",
        {
            **_interface_columns(),
            (*IFX_ENTRY, 18): _serial(lambda serial: f"NID {serial}"),
            (*ENTERPRISES, 1271, 2, 1, 9, 1, 1, 1, 1, 6): lambda row: scaled_mw(row.rx_dbm, 1000),
            (*own, 1): _profile,
            (*own, 2): times.registered,
            (*own, 3): times.profile,
            (*own, 4): times.traffic,
        },
        _INTERFACE_WRITES,
    )


def _cambium(_zone: ZoneInfo) -> Vendor:
    link: Oid = (*ENTERPRISES, 161, 19, 3, 1, 4, 1)
    own: Oid = (*ENTERPRISES, 161, 999, 1, 1)
    times = Times(text_time("%m/%d/%Y : %H:%M:%S UTC"))
    return Vendor(
        161,
        (19, 250, 256),
        "CANOPY PMP 450 AP (simulated)",
        {
            (*link, 3): _octets(letters=0),
            (*link, 19): _oper(up=1, down=0, discovered=5),
            (*own, 1): _admin(1, 0),
            (*own, 2): lambda row: scaled_dbm(row.rx_dbm, 1, 0),
            (*own, 3): _port,
            (*own, 4): _profile,
            (*own, 5): times.registered,
            (*own, 6): times.profile,
            (*own, 7): times.traffic,
        },
    )


_VENDORS: dict[str, Callable[[ZoneInfo], Vendor]] = {
    "calix": _calix,
    "adtran": _adtran,
    "nokia": _nokia,
    "ciena": _ciena,
    "cambium": _cambium,
}
_ZONES = {"rb": "America/New_York", "ms": "America/Denver", "ns": "America/Winnipeg"}


def vendor_of(element: str) -> Vendor:
    """The vendor that the last part of an element's name tells, with the clock of the market its first part tells.

    Raises:
        ValueError: the name ends in no known vendor.
    """
    market, _, rest = element.partition("-")
    name = rest.rpartition("-")[2] or market
    if name not in _VENDORS:
        raise ValueError(f"element {element!r}: its name must end in one of {', '.join(sorted(_VENDORS))}")
    return _VENDORS[name](ZoneInfo(_ZONES.get(market, "UTC")))
