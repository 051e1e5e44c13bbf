"""One screen that answers a dispute: order, saga, evidence, each effect with its receipt, in the order of things."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.service_history.entry import ServiceHistory
from hub.service_history.history import service_history
from hub.service_history.markdown import history_markdown
from hub.sync import sync_system
from provisioning.facts import SagaFacts
from storage.reservations import Place, allocate_device, release_line, reserve_line
from tests.fakes.effects import START, HandClock
from tests.fakes.lines import ONT, facts
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

SERVICE = "7000001"


@pytest.fixture
def ordered(operator: LumenValley) -> SagaFacts:
    books = operator.running.books.crm
    accounts = {row["Id"]: row for row in books["Account"] if row["Market__c"] == "Riverbend"}
    order = next(row for row in books["Order"] if not row["IsDeleted"] and row["AccountId"] in accounts)
    account = accounts[order["AccountId"]]
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    number, account_number = order["OrderNumber"].lstrip("0"), account["AccountNumber"].removeprefix("LV-")
    return facts(order_number=number, account_number=account_number)


@pytest.fixture
def activated(
    desk: Desk, ordered: SagaFacts, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> SagaFacts:
    """A service that was reserved, activated and told to all systems, and what the CRM and billing say of it."""
    given = {"service_id": SERVICE, "order_number": ordered.order_number, "at": START}
    with desk.hub.database.writing() as connection:
        reserve_line(connection, [Place("olt-1", "1/1/1", 64)], [], market="riverbend", **given)
        allocate_device(connection, [ONT], kind="ont", **given)
        release_line(connection, "riverbend", given["order_number"], START, "the customer has called it off")
    begin_saga(desk.hub, "activate", ordered, START)
    network.plug(ONT, "1/1/1")
    for _ in range(6):
        clock.move(seconds=61)
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        clock.move(minutes=31)
    for system in ("crm", "billing"):
        sync_system(desk.hub, system, clock())
    return ordered


def said(history: ServiceHistory) -> list[str]:
    return [each.said for each in history.entries]


def test_everything_stands_in_one_list_with_who_says_so_and_the_receipt(desk: Desk, activated: SagaFacts) -> None:
    """Scenario 37: whoever answers a dispute has everything on one screen, in the order of things."""
    history = service_history(desk.hub, SERVICE)
    told = said(history)

    assert history.subject.account_number == activated.account_number
    assert history.subject.services == (SERVICE,)
    assert ONT in history.subject.serials
    assert "port olt-1 1/1/1, number 1 is kept" in told
    assert "port olt-1 1/1/1, number 1 is free again: the customer has called it off" in told
    assert f"ont {ONT} is kept" in told
    assert any(each.startswith("activate: configure access is about to change: olt-1") for each in told)
    sent = [each for each in history.entries if each.said.startswith("start billing: was sent")]
    assert [each.system for each in sent] == ["billing"]
    seen = [each.said for each in history.entries if each.said.startswith("start billing: the system shows")]
    assert len(seen) == 1
    assert "receipt SH" in seen[0]
    begun, ended = (
        told.index(next(each for each in told if text in each)) for text in ("discover began", "release ended")
    )
    assert begun < told.index(sent[0].said) < ended
    moments = [each.moment(history.zone) for each in history.entries]
    assert moments == sorted(moments)
    assert any(each.startswith("activate is done at release") for each in history.stands)


@pytest.mark.parametrize("spelled", ["order", "account", "serial", "service"])
def test_any_number_that_a_person_has_at_hand_leads_there(desk: Desk, activated: SagaFacts, spelled: str) -> None:
    given = {
        "order": f"00{activated.order_number}",
        "account": activated.account_number,
        "serial": ONT.lower(),
        "service": SERVICE,
    }
    assert service_history(desk.hub, given[spelled]).subject.account_number == activated.account_number


def test_a_number_that_nothing_is_known_under_is_told(desk: Desk) -> None:
    with pytest.raises(
        ConfigurationError, match="no service, account, order, work order or device is known as 'x 9'"
    ):
        service_history(desk.hub, "x 9")


def test_some_days_and_one_system_alone(desk: Desk, activated: SagaFacts) -> None:
    whole = service_history(desk.hub, SERVICE)
    day = START.astimezone(whole.zone).date()
    before, then = whole.between(None, day), whole.between(day, None)
    assert [*before.entries, *then.entries] == list(whole.entries)
    assert before.entries
    assert then.entries
    assert whole.between(day, day).entries == ()
    own = whole.between(None, None, "splice").entries
    assert own
    assert set(own) == {each for each in whole.entries if each.system == "splice"}


def test_at_the_command_line(desk: Desk, activated: SagaFacts, operator: LumenValley, tmp_path: Path) -> None:
    def shown(*words: str) -> Result:
        where = ["--operator", str(operator.folder), "--workspace", str(tmp_path / "work")]
        return CliRunner(env=operator.environment).invoke(app, ["service", "show", SERVICE, "--json", *words, *where])

    systems = {each["system"] for each in json.loads(shown("--system", "billing").output)["entries"]}
    assert systems == {"billing"}
    assert json.loads(shown("--to", "2001-01-01").output)["entries"] == []
    assert "told of by" in str(shown("--system", "nobody").exception)
    assert "a day as in" in str(shown("--from", "yesterday").exception)


def test_as_markdown_nothing_that_a_system_says_is_a_mark(desk: Desk, activated: SagaFacts) -> None:
    lines = history_markdown(service_history(desk.hub, SERVICE)).splitlines()
    rows = [line for line in lines if line.startswith("| 2")]
    assert len(rows) == len(service_history(desk.hub, SERVICE).entries)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)
