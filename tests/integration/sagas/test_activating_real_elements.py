"""An activation on a real NETCONF server and a real AAA server, through network.yaml, up to the first bill."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.sagas.elements import open_element
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.profile_making import ProfileRequest, make_profile
from simulated_estate.servers.acs_nbi import AcsDevice, AcsNbi, AcsServer
from storage.sagas import Saga, saga_with
from tests.fakes.aaa_server import AaaServer, aaa_server
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import ONT, facts, line
from tests.fakes.lumen_valley import LumenValley
from tests.netconf_server import NetconfOlt, netconf_olt
from tests.peers import require_peer


@pytest.fixture
def olt(tmp_path: Path) -> Iterator[NetconfOlt]:
    with netconf_olt(require_peer("netconfd"), tmp_path / "olt") as running:
        yield running


@pytest.fixture
def aaa(tmp_path: Path) -> Iterator[AaaServer]:
    with aaa_server(tmp_path / "aaa", require_peer("freeradius")) as running:
        running.sql(
            "INSERT INTO radgroupreply(groupname,attribute,op,value) VALUES('fiber-500','Filter-Id',':=','x')"
        )
        yield running


@pytest.fixture
def router() -> AcsDevice:
    tests = {
        f"Device.IP.Diagnostics.{way}Diagnostics.{leaf}": ""
        for way, octets in (("Download", "TestBytesReceived"), ("Upload", "TestBytesSent"))
        for leaf in ("DiagnosticsState", f"{way}URL", "TestFileLength", "BOMTime", "EOMTime", octets)
    }
    wifi = {"Device.WiFi.SSID.1.SSID": "factory", "Device.WiFi.SSID.1.Enable": False}
    return AcsDevice(ONT, wifi | tests, speeds={"Download": 480, "Upload": 470})


@pytest.fixture
def nbi(router: AcsDevice) -> AcsNbi:
    made = AcsNbi(lambda: START)
    made.connect(router)
    return made


@pytest.fixture
def acs(nbi: AcsNbi) -> Iterator[AcsServer]:
    server = AcsServer(nbi)
    yield server
    server.stop()


@pytest.fixture
def told(operator: LumenValley, olt: NetconfOlt, aaa: AaaServer, acs: AcsServer) -> LumenValley:
    """The operator, whose network.yaml leads to these elements."""
    file = operator.folder / "network.yaml"
    network = yaml.safe_load(file.read_text(encoding="utf-8"))
    network["elements"]["rb-olt-calix"] |= {
        "variant": "tr385",
        "options": {"username": "root", "host_key": "env:OLT_KEY"},
        "secrets": {"key": "env:OLT_LOGIN"},
    }
    network["elements"]["rb-acs"]["options"] |= {
        "download_url": "http://speed.example/1GB",
        "upload_url": "http://speed.example/up",
    }
    del network["elements"]["rb-aaa"]["secrets"]
    network["verification"][0]["checks"].append("speed")
    network["verification"][0]["speed_percent"] = 90
    file.write_text(yaml.safe_dump(network), encoding="utf-8")
    operator.environment.update(
        LUMEN_VALLEY_RB_OLT_CALIX_NETCONF=f"127.0.0.1:{olt.port}",
        OLT_KEY=olt.host_key,
        OLT_LOGIN=str(olt.folder / "login"),
        LUMEN_VALLEY_RB_AAA=f"sqlite:///{aaa.folder}/radius.db",
        LUMEN_VALLEY_RB_ACS=acs.address,
    )
    return operator


def wish_of(operator: LumenValley, hub: Hub) -> SagaFacts:
    """An order that the CRM holds open, with the profile that network.yaml gives."""
    books = operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    account = next(row for row in books["Account"] if row["Id"] == order["AccountId"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    asked = ProfileRequest("riverbend", "pon", "tr385", "fiber-500", onu_id=7)
    profile = make_profile(hub.operator.network, "1", asked)
    assert profile is not None
    return facts(
        line=line(element="rb-olt-calix", port="1", onu_id=7),
        profile=profile,
        order_number=order["OrderNumber"].lstrip("0"),
        account_number=account["AccountNumber"].removeprefix("LV-"),
    )


def now_of(hub: Hub, saga: Saga) -> Saga:
    with hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def test_one_order_from_the_plug_to_the_bill(
    told: LumenValley,
    olt: NetconfOlt,
    aaa: AaaServer,
    router: AcsDevice,
    nbi: AcsNbi,
    tmp_path: Path,
    clock: HandClock,
    stages: Stages,
) -> None:
    with told.hub(tmp_path / "work") as hub:
        wish = wish_of(told, hub)
        saga = begin_saga(hub, "activate", wish, START)
        with Desk(hub, hub.operator.network, lambda name: open_element(hub, name), clock, stages) as desk:
            olt.plug(ONT, "1")
            advance(desk)
            waiting = now_of(hub, saga)
            assert waiting.step == "verify", waiting.reason
            assert waiting.reason.startswith("the element does not tell whether the terminal is registered")

            # the OLT ranges it, and the router logs in
            olt.plug(ONT, "1", "v-ani.1.7")
            username = wish.line.username
            assert aaa.account(User_Name=username, Acct_Session_Id="s-1", Acct_Status_Type="Start") == 0
            for _ in range(14):
                clock.move(minutes=5)
                nbi.inform(router)
                advance(desk)
                drain(hub, clock, stages)
        done = now_of(hub, saga)
    assert (done.state, done.step) == ("done", "release"), done.reason
    assert aaa.sql(f"SELECT groupname FROM radusergroup WHERE username = '{username}'") == [("fiber-500",)]
    assert router.parameters["Device.WiFi.SSID.1.Enable"] is True
    assert len(told.running.write_log.of("billing")) == 1
    facts_then = SagaFacts.model_validate_json(done.facts)
    assert sorted(each.kind for each in facts_then.evidence) == ["aaa_session", "ont_ranged", "speed_test"]
    assert facts_then.verified_at is not None
    assert facts_then.verified_at > START
