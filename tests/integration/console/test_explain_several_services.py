"""`splice explain` on an account with two services: both for the account, one for a finding or a service's name."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.operator_folder.load import load_operator
from hub.reconcile import reconcile_snapshot
from hub.workplace import open_hub
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Feed
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from rules.rulebook import dump_rules
from simulated_estate.cast import HALF_BLOCK
from simulated_estate.estate import build_estate, slots
from simulated_estate.life.stage import Story
from tests.fakes.estate_records import estate_records
from tests.fakes.lumen_valley import FOLDER
from tests.fakes.small_operator import batches_by_entity

SUBSCRIBERS = HALF_BLOCK


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A workspace in which the market of one such account was reconciled."""

    workspace: Path
    market: str
    story: Story
    findings: tuple[Finding, ...]

    @property
    def services(self) -> tuple[str, str]:
        """Names of the account's two services."""
        assert self.story.life.service is not None
        return self.story.life.account, f"{self.story.life.account}/{self.story.life.service.opened_by}"


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> Reconciled:
    workspace = tmp_path_factory.mktemp("several")
    estate = build_estate(SUBSCRIBERS)
    story = next(
        slot.stories[0] for slot in slots(SUBSCRIBERS, estate.window, 1) if slot.role == "returned_and_wrong"
    )
    operator, market = load_operator(FOLDER), story.life.market.id
    records = [record for record in estate_records(estate) if record.market == market]
    feeds = ("crm", "billing", "field", "network")
    request = SnapshotRequest(
        operator="Lumen Valley",
        market=operator.markets[market],
        as_of=estate.as_of,
        catalogue=operator.catalogue,
        rules=dump_rules(operator.rulebook.effective(market, date(2026, 11, 5))),
        sources={},
        feeds=tuple(Feed(role=role, system=role, stream="all", last_success_at=estate.as_of) for role in feeds),
        months=12,
    )
    write_snapshot(workspace / "snapshot", request, batches_by_entity(records))
    with open_hub(FOLDER, workspace, {}) as hub:
        outcome = reconcile_snapshot(hub, workspace / "snapshot", estate.as_of)
    return Reconciled(workspace, market, story, outcome.report.findings)


def told(reconciled: Reconciled, *arguments: str) -> str:
    where = ("--operator", str(FOLDER), "--workspace", str(reconciled.workspace))
    answer = CliRunner().invoke(app, ["explain", *arguments, *where])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def services_told(output: str) -> list[str]:
    return [line.split()[-1] for line in output.splitlines() if line.startswith("  service  ")]


def test_an_account_shows_every_service_of_it(reconciled: Reconciled) -> None:
    output = told(reconciled, reconciled.story.life.account, "--market", reconciled.market)

    assert services_told(output) == list(reconciled.services)


def test_a_service_shows_itself_in_any_spelling(reconciled: Reconciled) -> None:
    account, order = reconciled.services[1].split("/")

    assert services_told(told(reconciled, f"000{account}/00{order}", "--market", reconciled.market)) == [
        reconciled.services[1]
    ]


def test_a_finding_shows_the_service_it_is_about(reconciled: Reconciled) -> None:
    (finding,) = (one for one in reconciled.findings if one.subject in reconciled.services)
    output = told(reconciled, finding.fingerprint)

    assert f"{finding.rule_id} service {finding.subject}:" in output
    assert services_told(output) == [finding.subject]


def test_a_service_that_nobody_knows_is_told(reconciled: Reconciled) -> None:
    with pytest.raises(ConfigurationError, match=r"knows no service \d+/404"):
        told(reconciled, f"{reconciled.story.life.account}/404", "--market", reconciled.market)
