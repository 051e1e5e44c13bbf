"""The list of all drivers that are held against the contract, and how the real peers of theirs are started."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from pydantic import SecretStr

from provisioning.driver import ElementSettings
from provisioning.profile import Bandwidth, Vlans
from provisioning.standing import wanted
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from tests.contract.drivers.controllers import FIRST_RATES, SECOND_RATES, altiplano, cnmaestro, mosaic, smx
from tests.contract.drivers.running import Harness, Running
from tests.fakes.aaa_server import DEBIAN, aaa_server
from tests.fakes.lines import ONT, line, profile
from tests.netconf_server import netconf_olt
from tests.netconf_switch import netconf_switch
from tests.peers import require_peer
from tests.postgresql import postgres_server

_TIER = "INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('{}','Filter-Id',':=','x')"
RADIUS_TABLES = DEBIAN / "mods-config/sql/main/postgresql/schema.sql"


@contextmanager
def _netconf(folder: Path) -> Iterator[Running]:
    with netconf_olt(require_peer("netconfd"), folder / "olt") as olt:
        its = line(port="1", serial=ONT)
        first, second = (
            wanted("access", "active", its, profile(bandwidth=Bandwidth(**each)))
            for each in (FIRST_RATES, SECOND_RATES)
        )
        assert first is not None
        assert second is not None
        trusted = olt.settings()
        yield Running(
            settings=trusted,
            line=its,
            first=first,
            second={**second, "inner_vlan": 1007, "enabled": False},
            refused={**first, "down_mbps": 77},  # a policy that the OLT does not have
            stop=olt.kill,
            wrong_login=olt.settings(options={**trusted.options, "username": "nobody"}),
            plug=lambda: olt.plug(ONT, "1"),
        )


@contextmanager
def _switch(folder: Path) -> Iterator[Running]:
    with netconf_switch(require_peer("netconfd"), folder / "switch") as switch:
        its = line(port="1/1", onu_id=None, serial=ONT)
        first, second = (
            wanted("access", "active", its, profile(vlans=Vlans(outer=vlan), bandwidth=Bandwidth(**rates)))
            for vlan, rates in ((100, FIRST_RATES), (200, SECOND_RATES))
        )
        assert first is not None
        assert second is not None
        trusted = switch.settings()
        yield Running(
            settings=trusted,
            line=its,
            first=first,
            second={**second, "enabled": False},
            refused={**first, "down_mbps": 77},  # a policy that the switch does not have
            stop=switch.server.kill,
            wrong_login=switch.settings(options={**trusted.options, "username": "nobody"}),
            plug=lambda: switch.connect(ONT, "1/1"),
        )


@contextmanager
def _freeradius(folder: Path) -> Iterator[Running]:
    with aaa_server(folder / "aaa", require_peer("freeradius")) as server:
        for tier in ("fiber-500", "fiber-1000"):
            server.sql(
                f"INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('{tier}','Filter-Id',':=','x')"
            )
        reached = ElementSettings("aaa-1", "radius_sql", f"sqlite:///{server.folder}/radius.db")
        yield _subscriber(reached, None)


@contextmanager
def _radius_tables(folder: Path) -> Iterator[Running]:
    with postgres_server(require_peer("postgresql")) as server:
        address = server.url(server.create_database())
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(RADIUS_TABLES.read_text())
            for tier in ("fiber-500", "fiber-1000"):
                connection.execute(_TIER.format(tier).encode())
        yield _subscriber(
            ElementSettings("aaa-1", "radius_sql", address), lambda: os.kill(server.pid, signal.SIGQUIT)
        )


def _subscriber(settings: ElementSettings, stop: Callable[[], None] | None) -> Running:
    return Running(
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
    nbi.connect(AcsDevice(ONT, {"Device.WiFi.SSID.1.SSID": "factory", "Device.WiFi.SSID.1.Enable": False}))
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
        )
    finally:
        server.stop()


def all_harnesses() -> list[Harness]:
    """One at least for each kind of driver."""
    return [
        Harness("netconf_bbf", "netconfd", "access", _netconf),
        Harness("switch_port", "netconfd", "access", _switch),
        Harness("radius_sql", "freeradius", "aaa", _freeradius, knows_logins=False, can_be_gone=False),
        Harness("radius_sql", "postgresql", "aaa", _radius_tables, knows_logins=False),
        Harness("restconf_bbf", "altiplano", "access", altiplano),
        Harness("restconf_bbf", "mosaic", "access", mosaic),
        Harness("calix_smx", "simulated", "access", smx),
        Harness("cambium_cnmaestro", "simulated", "access", cnmaestro),
        Harness("genieacs", "simulated", "cpe", _acs),
    ]
