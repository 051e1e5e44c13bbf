"""The list of all drivers that are held against the contract, and how the real peers of theirs are started."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from provisioning.driver import ElementSettings
from provisioning.netconf.openconfig import NS as OPENCONFIG
from provisioning.netconf.openconfig import port_filter
from provisioning.netconf.session import NetconfSession
from provisioning.netconf.tr385 import NS as TR385
from provisioning.profile import Bandwidth, Vlans
from provisioning.standing import wanted
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from simulated_estate.servers.told_http import Lie
from tests.contract.drivers.controllers import FIRST_RATES, SECOND_RATES, altiplano, cnmaestro, mosaic, smx
from tests.contract.drivers.running import Harness, Running
from tests.fakes.aaa_server import DEBIAN, aaa_server
from tests.fakes.lines import ONT, line, profile
from tests.netconf_server import NetconfOlt, netconf_olt
from tests.netconf_switch import netconf_switch
from tests.peers import require_peer
from tests.postgresql import postgres_server

_CHANNEL = "Device.WiFi.Radio.1.Channel"
_HOLDS = {"sqlite": ("BEGIN IMMEDIATE",), "postgresql": ("BEGIN", "LOCK TABLE radusergroup IN EXCLUSIVE MODE")}
_LIES_OF_TABLES: tuple[Lie, ...] = ("forgets", "drops_a_setting")
_SQLITE_LIES: dict[Lie, tuple[str, ...]] = {
    "forgets": (
        "CREATE TRIGGER lie BEFORE INSERT ON radusergroup BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER lie_too BEFORE DELETE ON radusergroup BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER lie_again BEFORE UPDATE ON radusergroup BEGIN SELECT RAISE(IGNORE); END",
    ),
    "drops_a_setting": ("CREATE TRIGGER lie BEFORE INSERT ON radreply BEGIN SELECT RAISE(IGNORE); END",),
    "": ("DROP TRIGGER IF EXISTS lie", "DROP TRIGGER IF EXISTS lie_too", "DROP TRIGGER IF EXISTS lie_again"),
}
_POSTGRESQL_LIES: dict[Lie, tuple[str, ...]] = {
    "forgets": (
        "CREATE RULE lie AS ON INSERT TO radusergroup DO INSTEAD NOTHING",
        "CREATE RULE lie_too AS ON DELETE TO radusergroup DO INSTEAD NOTHING",
        "CREATE RULE lie_again AS ON UPDATE TO radusergroup DO INSTEAD NOTHING",
    ),
    "drops_a_setting": ("CREATE RULE lie AS ON INSERT TO radreply DO INSTEAD NOTHING",),
    "": (
        "DROP RULE IF EXISTS lie ON radusergroup",
        "DROP RULE IF EXISTS lie_too ON radusergroup",
        "DROP RULE IF EXISTS lie_again ON radusergroup",
        "DROP RULE IF EXISTS lie ON radreply",
    ),
}
_TIER = "INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('{}','Filter-Id',':=','x')"
RADIUS_TABLES = DEBIAN / "mods-config/sql/main/postgresql/schema.sql"


@contextmanager
def _netconf(folder: Path) -> Iterator[Running]:
    with netconf_olt(require_peer("netconfd"), folder / "olt", lies=True) as olt:
        its = line(port="1", serial=ONT)
        first, second = (
            wanted("access", "active", its, profile(bandwidth=Bandwidth(**each)))
            for each in (FIRST_RATES, SECOND_RATES)
        )
        assert first is not None
        assert second is not None
        trusted = olt.settings(timeout_s=5)
        yield Running(
            settings=trusted,
            line=its,
            first=first,
            second={**second, "inner_vlan": 1007, "enabled": False},
            refused={**first, "down_mbps": 77},  # a policy that the OLT does not have
            stop=olt.kill,
            wrong_login=olt.settings(options={**trusted.options, "username": "nobody"}),
            plug=lambda: olt.plug(ONT, "1"),
            lie=olt.lie,
            busy=_holding(olt),
            disturb=lambda: olt.edit(_gemport("gemport.1.1", "<traffic-class>3</traffic-class>")),
            beside=lambda: _shown_of(olt, _gemport("gemport.1.1"), "gem:traffic-class", TR385),
        )


@contextmanager
def _switch(folder: Path) -> Iterator[Running]:
    with netconf_switch(require_peer("netconfd"), folder / "switch", lies=True) as switch:
        its = line(port="1/1", onu_id=None, serial=ONT)
        first, second = (
            wanted("access", "active", its, profile(vlans=Vlans(outer=vlan), bandwidth=Bandwidth(**rates)))
            for vlan, rates in ((100, FIRST_RATES), (200, SECOND_RATES))
        )
        assert first is not None
        assert second is not None
        trusted = switch.settings(timeout_s=5)
        yield Running(
            settings=trusted,
            line=its,
            first=first,
            second={**second, "enabled": False},
            refused={**first, "down_mbps": 77},  # a policy that the switch does not have
            stop=switch.server.kill,
            wrong_login=switch.settings(options={**trusted.options, "username": "nobody"}),
            plug=lambda: switch.connect(ONT, "1/1"),
            lie=switch.server.lie,
            busy=_holding(switch.server),
            disturb=lambda: switch.server.edit(_trunk("<trunk-vlans>300</trunk-vlans>")),
            beside=lambda: _shown_of(switch.server, port_filter("1/1"), "vlan:trunk-vlans", OPENCONFIG),
        )


@contextmanager
def _freeradius(folder: Path) -> Iterator[Running]:
    with aaa_server(folder / "aaa", require_peer("freeradius")) as server:
        for tier in ("fiber-500", "fiber-1000"):
            server.sql(
                f"INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('{tier}','Filter-Id',':=','x')"
            )
        address = f"sqlite:///{server.folder}/radius.db"
        reached = ElementSettings("aaa-1", "radius_sql", address, timeout_s=1)
        yield _subscriber(reached, None, create_engine(address), _SQLITE_LIES)


@contextmanager
def _radius_tables(folder: Path) -> Iterator[Running]:
    with postgres_server(require_peer("postgresql")) as server:
        address = server.url(server.create_database())
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(RADIUS_TABLES.read_text())
            for tier in ("fiber-500", "fiber-1000"):
                connection.execute(_TIER.format(tier).encode())
        engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
        stop = partial(os.kill, server.pid, signal.SIGQUIT)
        yield _subscriber(
            ElementSettings("aaa-1", "radius_sql", address, timeout_s=1), stop, engine, _POSTGRESQL_LIES
        )
        engine.dispose()


def _subscriber(
    settings: ElementSettings, stop: Callable[[], None] | None, engine: Engine, lies: dict[Lie, tuple[str, ...]]
) -> Running:
    def lie(told: Lie) -> None:
        with engine.begin() as connection:
            for statement in lies[told]:
                connection.execute(text(statement))

    def disturb() -> None:
        own = "INSERT INTO radreply (username, attribute, op, value) VALUES (:user, 'Reply-Message', ':=', 'hello')"
        with engine.begin() as connection:
            connection.execute(text(own), {"user": line().username})

    def beside() -> object:
        with engine.connect() as connection:
            return connection.execute(text("SELECT value FROM radreply WHERE attribute = 'Reply-Message'")).scalar()

    held: list[Connection] = []

    def busy(is_held: bool) -> None:
        if not is_held:
            held.pop().close()
            return
        held.append(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
        for statement in _HOLDS[engine.dialect.name]:
            held[0].execute(text(statement))

    return Running(
        busy=busy,
        lie=lie,
        disturb=disturb,
        beside=beside,
        settings=settings,
        line=line(),
        first={"group": "fiber-500", "Framed-Pool": "public"},
        second={"group": "fiber-1000", "Framed-Pool": "public", "Session-Timeout": "600"},
        refused={"group": "nobody-has-it"},
        stop=stop,
    )


@contextmanager
def _acs(folder: Path) -> Iterator[Running]:
    nbi = AcsNbi(lambda: datetime(2026, 11, 5, 12, tzinfo=UTC), ("splice", "s3cret"))
    server = AcsServer(nbi)
    wifi = {"Device.WiFi.SSID.1.SSID": "factory", "Device.WiFi.SSID.1.Enable": False, _CHANNEL: 6}
    router = AcsDevice(ONT, wifi)
    nbi.connect(router)
    reached = ElementSettings(
        "acs-1",
        "genieacs",
        server.address,
        options={
            "username": "splice",
            "paths": {"wifi.ssid": "Device.WiFi.SSID.1.SSID", "wifi.enabled": "Device.WiFi.SSID.1.Enable"},
        },
        secrets={"password": SecretStr("s3cret")},
    )
    try:
        yield Running(
            settings=reached,
            line=line(serial=ONT),
            first={"wifi.ssid": "home", "wifi.enabled": True},
            second={"wifi.ssid": "elsewhere", "wifi.enabled": False},
            refused={"wifi.ssid": "home", "wifi.channel": 11},
            stop=server.stop,
            wrong_login=replace(reached, secrets={"password": SecretStr("guessed")}),
            lie=lambda lie: setattr(nbi, "lie", lie),
            disturb=lambda: router.parameters.update({_CHANNEL: 11}),
            beside=lambda: router.parameters[_CHANNEL],
        )
    finally:
        server.stop()


def _holding(olt: NetconfOlt) -> Callable[[bool], None]:
    held: list[NetconfSession] = []

    def hold(is_held: bool) -> None:
        if is_held:
            held.append(olt.session())
            held[0]._manager.lock("candidate")
        else:
            held.pop().close()

    return hold


def _gemport(name: str, more: str = "") -> str:
    within = f"<gemports><gemport><name>{name}</name>{more}</gemport></gemports>"
    return f'<xpongemtcont xmlns="{TR385["gem"]}">{within}</xpongemtcont>'


def _trunk(more: str) -> str:
    return (
        f'<interfaces xmlns="{OPENCONFIG["oci"]}"><interface><name>1/1</name><ethernet xmlns="{OPENCONFIG["eth"]}">'
        f'<switched-vlan xmlns="{OPENCONFIG["vlan"]}"><config>{more}</config></switched-vlan></ethernet></interface>'
        "</interfaces>"
    )


def _shown_of(olt: NetconfOlt, wanted: str, leaf: str, names: dict[str, str]) -> str | None:
    session = olt.session()
    try:
        found: str | None = session.read(wanted).findtext(f".//{leaf}", None, names)
        return found
    finally:
        session.close()


def all_harnesses() -> list[Harness]:
    """One at least for each kind of driver."""
    tables = partial(Harness, knows_logins=False, reads_back=False, lies=_LIES_OF_TABLES)
    return [
        Harness("netconf_bbf", "netconfd", "access", _netconf),
        Harness("switch_port", "netconfd", "access", _switch),
        tables("radius_sql", "freeradius", "aaa", _freeradius, can_be_gone=False),
        tables("radius_sql", "postgresql", "aaa", _radius_tables),
        Harness("restconf_bbf", "altiplano", "access", altiplano),
        Harness("restconf_bbf", "mosaic", "access", mosaic),
        Harness("calix_smx", "simulated", "access", smx),
        Harness("cambium_cnmaestro", "simulated", "access", cnmaestro),
        Harness("genieacs", "simulated", "cpe", _acs, can_be_held=False, reads_back=False),
    ]
