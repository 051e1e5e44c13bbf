"""Common causes of a run: kept with it, the same for what changed as for everything, in reports and on the screen."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from canonical_model.places import Premise
from console.main import app
from hub.archive import open_archive
from hub.causes import market_causes
from hub.reconcile import MarketOutcome, reconcile_market, report_again
from hub.runs import standing_run
from reconciliation.causes.groups import CommonCauses
from reconciliation.snapshot.manifest import read_manifest
from storage.run_causes import causes_in, record_causes
from storage.schema.reconciliation import RUN_CAUSES
from tests.fakes.common_causes import WRONG_HUB, market_with_common_causes, name_of
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

HOUR = timedelta(hours=1)


def judged(small: SmallHub, operator: SmallOperator, step: int = 0) -> MarketOutcome:
    moment = AS_OF + step * HOUR
    small.pull(operator, moment)
    with small.open() as hub:
        return reconcile_market(hub, "oldtown", moment, moment)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallHub:
    """A market with common causes that was judged."""
    made = SmallHub(tmp_path_factory.mktemp("causes"))
    judged(made, market_with_common_causes())
    return made


@pytest.fixture
def outcome(small: SmallHub) -> Iterator[MarketOutcome]:
    with open_archive(small.workspace, {}) as archive:
        yield report_again(archive, standing_run(archive, "oldtown"))


def of(outcome: MarketOutcome) -> CommonCauses:
    assert outcome.report.causes is not None
    return outcome.report.causes


def places(small: SmallHub) -> list[str]:
    return ["--operator", str(small.folder), "--workspace", str(small.workspace)]


def hub_group(causes: CommonCauses) -> tuple[int, int]:
    (group,) = [one for one in causes.groups if (one.kind, one.member) == ("hub", WRONG_HUB)]
    return group.hit, group.subjects


def test_a_run_of_changes_finds_the_groups_of_a_run_over_everything(tmp_path: Path) -> None:
    """One customer's line is put right, and a premise that was said to be at one hub is at another."""
    by_changes, by_whole = (SmallHub(tmp_path / name, engine={"changes_from": 0}) for name in ("changes", "whole"))
    before = judged(by_changes, market_with_common_causes())
    part, whole = judged(by_changes, changed(), 1), judged(by_whole, changed(), 1)
    assert read_manifest(part.snapshot).changes is not None
    assert read_manifest(whole.snapshot).changes is None
    assert part.report.findings == whole.report.findings
    assert of(part) == of(whole)
    assert (hub_group(of(before)), hub_group(of(part))) == ((14, 48), (13, 47))


def changed() -> SmallOperator:
    operator = market_with_common_causes()
    retuned = [one for one in operator.records if getattr(one, "profile", "") == "G"]
    right = next(one for one in retuned if one.serial.endswith(name_of(2)))  # type: ignore[attr-defined]
    operator.records.remove(right)
    operator.seen(right.serial, "S", AS_OF.date().replace(month=1))  # type: ignore[attr-defined]
    moved = next(one for one in operator.records if isinstance(one, Premise) and one.source_id == "P237")
    assert moved.hub == WRONG_HUB
    operator.records[operator.records.index(moved)] = moved.model_copy(update={"hub": "H1"})
    return operator


def test_they_are_kept_with_the_run_and_reported_when_its_rows_are_gone(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    first = judged(small, market_with_common_causes())
    for part in ("records", "by_service", "by_serial", "by_document"):
        shutil.rmtree(first.snapshot / part)
    with open_archive(small.workspace, {}) as archive:
        again = report_again(archive, standing_run(archive, "oldtown"))
        assert of(again) == of(first)
        with archive.database.writing() as connection:
            connection.execute(RUN_CAUSES.delete())
        assert of(report_again(archive, standing_run(archive, "oldtown"))).unknown == (
            f"the rows of snapshot {first.snapshot.name} are gone"
        )
    told = CliRunner().invoke(app, ["causes", "oldtown", *places(small)])
    assert told.exit_code == 0
    assert "What findings have in common is unknown: the rows of snapshot" in told.output


def test_what_is_missing_is_told_from_the_snapshot(small: SmallHub, outcome: MarketOutcome) -> None:
    with open_archive(small.workspace, {}) as archive:
        with archive.database.writing() as connection:
            kept = causes_in(connection, outcome.run_id)
            assert kept is not None
            connection.execute(RUN_CAUSES.delete())
        assert market_causes(archive, "oldtown").causes == of(outcome)
        with archive.database.writing() as connection:
            record_causes(connection, outcome.run_id, kept)


def test_the_page_names_the_hub_with_its_share_and_where_the_figures_are_explained(outcome: MarketOutcome) -> None:
    page = outcome.files.page.read_text(encoding="utf-8")
    for told in (
        "Hub H3",
        "14 of 48 services (29.2\N{NO-BREAK SPACE}%)",
        "0 of 192 (0.0\N{NO-BREAK SPACE}%)",
        'href="#def-common-cause-hub"',
        'id="def-common-cause-hub"',
        'id="def-chance"',
        'href="#def-chance"',
        "$465.04",
    ):
        assert told in page
    assert "must not be added" in page
    assert "Fisher" in page, "the definition of chance"


def test_the_workbook_has_a_row_for_each_group_and_kind_of_money(outcome: MarketOutcome) -> None:
    rows = openpyxl.load_workbook(outcome.files.workbook)["Common causes"].iter_rows(values_only=True)
    head, *told = rows
    hub = dict(zip(head, next(row for row in told if row[1] == "Hub H3"), strict=True))
    assert hub["Rule"] == "RL-C01"
    assert (hub["With a finding"], hub["Of"], hub["Elsewhere of"]) == (14, 48, 192)
    assert round(hub["Exposure to date"] * 100) == 465_04
    assert any("must not be added" in str(row[0]) for row in told)


def test_the_json_file_has_them_for_other_programs(outcome: MarketOutcome) -> None:
    document = json.loads(outcome.files.report_json.read_text(encoding="utf-8"))
    groups = document["common_causes"]["groups"]
    assert [one["findings"] for one in groups] == [list(group.findings) for group in of(outcome).groups]
    known = {one["fingerprint"]: one["exposure_minor"] for one in document["findings"]}
    for group in groups:
        assert sum(each["exposure_minor"] for each in group["money"]) == sum(
            known[name] for name in group["findings"]
        )


def test_the_command_shows_one_dimension_or_all(small: SmallHub) -> None:
    everything = CliRunner().invoke(app, ["causes", "oldtown", *places(small)])
    assert everything.exit_code == 0
    assert "Hub H3" in everything.output
    assert "Plan gold" in everything.output
    hubs = CliRunner().invoke(app, ["causes", "oldtown", "--by", "hub", *places(small)])
    assert "14 of 48" in hubs.output
    assert "Plan gold" not in hubs.output
    as_json = CliRunner().invoke(app, ["causes", "oldtown", "--by", "hub", "--json", *places(small)])
    facts = json.loads(as_json.output)
    assert [(one["kind"], one["member"]) for one in facts["groups"]] == [("hub", "H3")]
    assert [one["dimension"] for one in facts["dimensions"]] == ["hub"]


def test_a_dimension_that_does_not_exist_is_refused(small: SmallHub) -> None:
    with pytest.raises(ConfigurationError, match="there is no dimension 'crews'"):
        CliRunner().invoke(app, ["causes", "oldtown", "--by", "crews", *places(small)], catch_exceptions=False)
