"""Controllers that are told over HTTP, as the contract starts them: simulated ones, with state, on loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from provisioning.driver import ElementSettings
from provisioning.line import Line
from provisioning.netconf.dialects import names_of
from provisioning.profile import Bandwidth, Vlans
from provisioning.restconf.dialects import DIALECTS
from provisioning.standing import wanted
from simulated_estate.servers.cnmaestro import CnMaestroServer, Module
from simulated_estate.servers.restconf_controller import ControllerKind, RestconfController
from simulated_estate.servers.smx import Smx
from simulated_estate.servers.told_http import Lie, ToldServer
from tests.contract.drivers.running import Running
from tests.fakes.lines import ONT, line, profile

LOGIN = ("splice", "s3cret")
FIRST_RATES = {"down_maximum": 500, "up_maximum": 500}
SECOND_RATES = {"down_maximum": 1000, "up_maximum": 300}
ACCESS_POINT = "AA:BB:CC:00:00:01"
MODULE = "0A:00:3E:80:42:EC"
TEMPLATES = {
    "500-500-100": {
        "sustainedDownlinkDataRate": 500_000,
        "sustainedUplinkDataRate": 500_000,
        "dataVlan": 100,
        "bridgeEntry": 1,
    },
    "1000-300-100-blocked": {
        "sustainedDownlinkDataRate": 1_000_000,
        "sustainedUplinkDataRate": 300_000,
        "dataVlan": 100,
        "bridgeEntry": 0,
    },
    "no-service": {"sustainedDownlinkDataRate": 0, "sustainedUplinkDataRate": 0, "dataVlan": 1, "bridgeEntry": 0},
}
_DEVICE = "olt-1.lt1"
_MOUNT = "mounts:devices/device=olt-1/root"


@contextmanager
def altiplano(_folder: Path) -> Iterator[Running]:
    """An OLT of Nokia behind Altiplano."""
    kind = ControllerKind(
        writes=DIALECTS["nokia_altiplano"].writes.format(release="lab", device=_DEVICE),
        reads=DIALECTS["nokia_altiplano"].reads.format(release="lab", device=_DEVICE),
        login="lab-altiplano-ac/rest/auth/login",
        token="accessToken",  # the name of a field
    )
    with _controller(kind, "nokia_altiplano", "nokia_lightspan", {"release": "lab", "device": _DEVICE}) as running:
        yield running


@contextmanager
def mosaic(_folder: Path) -> Iterator[Running]:
    """An OLT of Adtran behind Mosaic."""
    root = f"api/restconf/data/{_MOUNT}"
    kind = ControllerKind(root, root, "api/restconf/operations/adtran-auth-token:request-token", "json", "token")
    with _controller(kind, "adtran_mosaic", "adtran_sdx", {"mount": _MOUNT}) as running:
        yield running


@contextmanager
def _controller(kind: ControllerKind, variant: str, naming: str, options: dict[str, str]) -> Iterator[Running]:
    its = line(port="1", serial=ONT)
    names = names_of(naming, {}, its, {})
    v_ani = f"ietf-interfaces:interfaces/interface={names.v_ani}"
    fake = RestconfController(kind, LOGIN, {f"down-{rate}" for rate in (500, 1000)}, {names.pair})
    server = ToldServer(variant, fake.answer)
    reached = ElementSettings(
        "olt-1",
        "restconf_bbf",
        server.address,
        variant=variant,
        options={"username": LOGIN[0], **options},
        secrets={"password": SecretStr(LOGIN[1])},
        timeout_s=10,
    )
    first, second = (
        wanted("access", "active", its, profile(bandwidth=Bandwidth(**rates)))
        for rates in (FIRST_RATES, SECOND_RATES)
    )
    assert first is not None
    assert second is not None
    try:
        yield Running(
            settings=reached,
            line=its,
            first=first,
            second={**second, "inner_vlan": 1007, "enabled": False},
            refused={**first, "down_mbps": 77},
            stop=server.stop,
            wrong_login=replace(reached, secrets={"password": SecretStr("guessed")}),
            plug=lambda: _plug(fake, its, names.termination),
            lie=_liar(fake),
            busy=lambda is_held: setattr(fake, "is_locked", is_held),
            disturb=lambda: fake.put(v_ani, {**fake.entry(v_ani), "vendor-extra:led": "blue"}),
            beside=lambda: (fake.entry(v_ani) or {}).get("vendor-extra:led"),
        )
    finally:
        server.stop()


def _liar(fake: RestconfController | Smx | CnMaestroServer) -> Callable[[Lie], None]:
    def tell(lie: Lie) -> None:
        fake.lie = lie

    return tell


def _plug(controller: RestconfController, its: Line, termination: str) -> None:
    onu = {
        "detected-serial-number": its.serial,
        "onu-presence-state": "bbf-xpon-onu-types:onu-present-and-no-v-ani-known-and-unclaimed",
        "onu-detected-datetime": "2026-11-05T11:58:00+00:00",
    }
    seen = {"bbf-xpon-onu-state:onus-present-on-local-channel-termination": {"onu": [onu]}}
    controller.put(
        f"ietf-interfaces:interfaces-state/interface={termination}",
        {"name": termination, "bbf-xpon:channel-termination": seen},
    )


@contextmanager
def smx(_folder: Path) -> Iterator[Running]:
    """An OLT of Calix behind SMx."""
    fake = Smx("olt-1", LOGIN, {"500-500-0", "1000-300-0"})
    server = ToldServer("smx", fake.answer)
    its = line(serial=ONT)
    reached = ElementSettings(
        "olt-1",
        "calix_smx",
        server.address,
        options={"username": LOGIN[0], "device": "olt-1", "ont_profile": "GP1100X"},
        secrets={"password": SecretStr(LOGIN[1])},
        timeout_s=10,
    )
    first, second = (
        wanted("access", "active", its, profile(bandwidth=Bandwidth(**rates)))
        for rates in (FIRST_RATES, SECOND_RATES)
    )
    assert first is not None
    assert second is not None
    try:
        yield Running(
            settings=reached,
            line=its,
            first=first,
            second={**second, "serial": "CXNK0000BEEF", "inner_vlan": 1007, "enabled": False},
            refused={**first, "down_mbps": 77},
            stop=server.stop,
            wrong_login=replace(reached, secrets={"password": SecretStr("guessed")}),
            lie=_liar(fake),
            busy=lambda is_held: setattr(fake, "is_busy", is_held),
            disturb=lambda: fake.label(its.service_id, "location-id", "cellar"),
            beside=lambda: fake.ont(its.service_id).get("location-id"),
        )
    finally:
        server.stop()


@contextmanager
def cnmaestro(_folder: Path) -> Iterator[Running]:
    """A subscriber module behind cnMaestro."""
    fake = CnMaestroServer(LOGIN, TEMPLATES)
    server = ToldServer("cnmaestro", fake.answer)
    its = line(port=ACCESS_POINT, onu_id=None, serial="0A003E8042EC")
    fake.connect(Module(MODULE, ACCESS_POINT))
    fake.looks = 2
    reached = ElementSettings(
        "ap-1",
        "cambium_cnmaestro",
        server.address,
        options={"client_id": LOGIN[0], "vlan_key": "dataVlan", "enabled_key": "bridgeEntry"},
        secrets={"client_secret": SecretStr(LOGIN[1])},
        timeout_s=10,
    )
    first, second = (
        dict(wanted("access", "active", its, profile(vlans=Vlans(outer=100), bandwidth=Bandwidth(**rates))) or {})
        for rates in (FIRST_RATES, SECOND_RATES)
    )
    try:
        yield Running(
            settings=reached,
            line=its,
            first=first,
            second={**second, "enabled": False},
            refused={**first, "down_mbps": 77},
            stop=server.stop,
            wrong_login=replace(reached, secrets={"client_secret": SecretStr("guessed")}),
            plug=lambda: _announce(fake, its),
            lie=_liar(fake),
            busy=lambda is_held: setattr(fake, "is_busy", is_held),
            disturb=lambda: fake.modules[MODULE].config.update(colourCode=7),
            beside=lambda: fake.modules[MODULE].config.get("colourCode"),
        )
    finally:
        server.stop()


def _announce(fake: CnMaestroServer, its: Line) -> None:
    fake.connect(Module(MODULE, its.port, status="onboarding"))
