"""The example operator on real elements: a NETCONF server, an AAA server with its tables, and a router."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.profile_making import ProfileRequest, make_profile
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from tests.fakes.aaa_server import SECRET, AaaServer, aaa_server
from tests.fakes.effects import START
from tests.fakes.led_sagas import Orders
from tests.fakes.lines import ONT, line
from tests.fakes.lumen_valley import LumenValley
from tests.netconf_server import NetconfOlt, netconf_olt
from tests.peers import require_peer

GROUPS = ("fiber-500", "fiber-1000", "walled-garden", "throttled", "blocked")
V_ANI = "v-ani.1.7"
PORT, ONU = "1", 7


@dataclass(frozen=True)
class RealElements:
    """Running elements, and the operator whose network.yaml leads to them.

    Attributes:
        router: behind the terminal of the first line.
    """

    operator: LumenValley
    olt: NetconfOlt
    aaa: AaaServer
    router: AcsDevice
    acs: AcsNbi

    def wish(self, hub: Hub) -> SagaFacts:
        """An order that the CRM holds open, with the profile that network.yaml gives."""
        asked = ProfileRequest("riverbend", "pon", "tr385", "fiber-500", onu_id=ONU)
        profile = make_profile(hub.operator.network, "1", asked)
        assert profile is not None
        at = line(element="rb-olt-calix", port=PORT, onu_id=ONU)
        return Orders(self.operator).wish(line=at, profile=profile)

    def logs_in(self, username: str, session: str) -> None:
        """A session begins, as the access equipment accounts for it; hours lie between s-1 and s-2."""
        assert self.aaa.account(User_Name=username, Acct_Session_Id=session, Acct_Status_Type="Start") == 0
        ago = (10 - int(session.removeprefix("s-"))) * 3600
        self.aaa.sql(f"UPDATE radacct SET acctstarttime = acctstarttime - {ago} WHERE acctsessionid = '{session}'")

    def logs_out(self, username: str, session: str) -> None:
        """A session ends."""
        assert self.aaa.account(User_Name=username, Acct_Session_Id=session, Acct_Status_Type="Stop") == 0

    def group(self, username: str) -> list[tuple[object, ...]]:
        """The groups of a subscriber in AAA."""
        return self.aaa.sql(f"SELECT groupname FROM radusergroup WHERE username = '{username}'")


@contextmanager
def real_elements(operator: LumenValley, folder: Path) -> Iterator[RealElements]:
    """Start all of them; ends with the block."""
    nbi = AcsNbi(lambda: START)
    router = AcsDevice(ONT, {"Device.WiFi.SSID.1.SSID": "factory", "Device.WiFi.SSID.1.Enable": False})
    nbi.connect(router)
    acs = AcsServer(nbi)
    try:
        with (
            netconf_olt(require_peer("netconfd"), folder / "olt") as olt,
            aaa_server(folder / "aaa", require_peer("freeradius")) as aaa,
        ):
            for group in GROUPS:
                aaa.sql(
                    f"INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('{group}','Filter-Id',':=','x')"
                )
            _lead_to(operator, olt, aaa, acs.address)
            yield RealElements(operator, olt, aaa, router, nbi)
    finally:
        acs.stop()


def _lead_to(operator: LumenValley, olt: NetconfOlt, aaa: AaaServer, acs: str) -> None:
    file = operator.folder / "network.yaml"
    network = yaml.safe_load(file.read_text(encoding="utf-8"))
    network["elements"]["rb-olt-calix"] |= {
        "variant": "tr385",
        "options": {"username": "root", "host_key": "env:OLT_KEY"},
        "secrets": {"key": "env:OLT_LOGIN"},
    }
    network["elements"]["rb-aaa"] |= {
        "options": {"orders_to": f"127.0.0.1:{aaa.orders}"},
        "secrets": {"shared_secret": "env:ORDERS_SECRET"},
    }
    file.write_text(yaml.safe_dump(network), encoding="utf-8")
    operator.environment.update(
        LUMEN_VALLEY_RB_OLT_CALIX_NETCONF=f"127.0.0.1:{olt.port}",
        OLT_KEY=olt.host_key,
        OLT_LOGIN=str(olt.folder / "login"),
        ORDERS_SECRET=SECRET,
        LUMEN_VALLEY_RB_AAA=f"sqlite:///{aaa.folder}/radius.db",
        LUMEN_VALLEY_RB_ACS=acs,
    )
