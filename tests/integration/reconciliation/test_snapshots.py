"""A snapshot: whole or not there, never overwritten, and enough to judge by when everything else is gone."""

import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from judged import Judged, small_operator, unexplained

from canonical_model.errors import ConfigurationError, Fault, UnsafeToContinue
from reconciliation.explain import explain_service
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import Manifest, file_checksum, read_manifest
from reconciliation.snapshot.write import clear_broken_off
from rules.rulebook import dump_rules, read_folder, read_rulebook
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import AS_OF, SmallOperator, catalogue

OWN_RULE = """
id: SM-001
title: Anything missing
over: charge
when: missing_amount > at_least
exposure: missing_amount
parameters:
  at_least: {type: money(2), value: 1.00}
direction: under_billed
exposure_class: lost_or_recoverable
remedy: look
owner: finance
examples:
  - given: {missing_amount: 60.00}
    expect: 60.00
  - given: {missing_amount: 0.50}
    expect: nothing
"""


def forgetful() -> SmallOperator:
    operator = small_operator()
    operator.clean("1", months=(1, 3))
    return operator


def test_everything_is_found_again_when_the_operators_folder_is_gone(tmp_path: Path) -> None:
    operator_folder = tmp_path / "operator"
    (operator_folder / "rules").mkdir(parents=True)
    (operator_folder / "rules" / "own.yaml").write_text(OWN_RULE)
    faults: list[Fault] = []
    book = read_rulebook(read_folder(operator_folder / "rules", "rules", faults), faults)
    assert faults == []
    taken = tmp_path / "taken"
    forgetful().snapshot(taken, dump_rules(book.rules), sources={"operator.yaml": "operator: Small"})
    first = Judged(taken, tmp_path / "first", reconcile(taken, tmp_path / "first"))
    assert first.told() == ["SM-001 1 under_billed recoverable 2026-02 60.00"]

    shutil.rmtree(operator_folder)
    moved = tmp_path / "archive" / "years" / "later"
    shutil.move(taken, moved)

    assert reconcile(moved, tmp_path / "second") == first.outcome
    explained = explain_service(moved, read_manifest(moved), "1")
    assert [month.parts for month in explained.months if month.parts] == [(("charge missing from the bill", 6000),)]


def test_a_snapshot_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    forgetful().snapshot(folder)
    before = read_manifest(folder).checksum

    with pytest.raises(UnsafeToContinue, match="snapshot snapshot exists; a snapshot is never overwritten"):
        small_operator().snapshot(folder)
    assert read_manifest(folder).checksum == before


def test_what_an_earlier_attempt_left_half_done_is_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "snapshot.partial").mkdir()
    (tmp_path / "snapshot.partial" / "manifest.json").write_text("{}")

    forgetful().snapshot(tmp_path / "snapshot")

    assert [path.name for path in tmp_path.iterdir()] == ["snapshot"]


def test_what_killed_writers_left_is_cleared_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    for moment in ("20260405T120000Z", "20260406T120000Z-2"):
        (tmp_path / f"{moment}.partial" / "records").mkdir(parents=True)

    with one_at_a_time(tmp_path / "20260406T120000Z-2", "writing"):
        clear_broken_off(tmp_path)
        assert {path.name for path in tmp_path.glob("*")} >= {"20260406T120000Z-2.partial"}
        assert not (tmp_path / "20260405T120000Z.partial").exists()
    clear_broken_off(tmp_path)
    assert list(tmp_path.iterdir()) == []
    clear_broken_off(tmp_path / "nowhere")


def test_a_catalogue_that_contradicts_itself_leaves_no_snapshot(tmp_path: Path) -> None:
    listed = catalogue()
    silver, gold, *others = listed.offerings
    gold = gold.model_copy(update={"network_profiles": ("S",)})
    wrong = listed.model_copy(update={"offerings": (silver, gold, *others)})

    with pytest.raises(ConfigurationError, match="network profile S means both silver and gold"):
        forgetful().snapshot(tmp_path / "snapshot", catalogue=wrong)
    assert not (tmp_path / "snapshot").exists()


def manifest_of(operator: SmallOperator, folder: Path, **request: object) -> Manifest:
    operator.snapshot(folder, rules_text(), **request)  # type: ignore[arg-type]
    return read_manifest(folder)


def test_the_manifest_lists_every_file_with_its_checksum(tmp_path: Path) -> None:
    manifest = manifest_of(forgetful(), tmp_path / "snapshot")
    files = {str(path.relative_to(tmp_path / "snapshot")) for path in (tmp_path / "snapshot").rglob("*.parquet")}

    assert set(manifest.checksums) == files
    for name, checksum in manifest.checksums.items():
        assert file_checksum(tmp_path / "snapshot" / name) == checksum


def test_control_totals_are_what_was_billed_in_the_judged_months(tmp_path: Path) -> None:
    manifest = manifest_of(forgetful(), tmp_path / "snapshot")

    assert manifest.control_totals == {"billed_minor": 5 * 60_00, "billed_lines": 5, "billed_services": 2}
    assert manifest.rows["records/ChargeLine"] == 5
    assert manifest.rows["by_service/service"] == 2


def test_whole_months_are_judged_from_the_first_bill_to_the_last_that_has_ended(tmp_path: Path) -> None:
    manifest = manifest_of(forgetful(), tmp_path / "snapshot")

    assert (manifest.period_from, manifest.period_to) == (date(2026, 1, 1), date(2026, 4, 1))


def test_a_month_has_ended_when_it_has_ended_in_the_market(tmp_path: Path) -> None:
    still_march_in_new_york = datetime(2026, 4, 1, 3, tzinfo=UTC)
    manifest = manifest_of(forgetful(), tmp_path / "snapshot", as_of=still_march_in_new_york)

    assert manifest.period_to == date(2026, 3, 1)


def test_no_more_months_are_judged_than_were_asked_for(tmp_path: Path) -> None:
    manifest = manifest_of(forgetful(), tmp_path / "snapshot", months=2)

    assert (manifest.period_from, manifest.period_to) == (date(2026, 2, 1), date(2026, 4, 1))


def test_a_snapshot_is_named_after_market_moment_and_content(tmp_path: Path) -> None:
    manifest = manifest_of(forgetful(), tmp_path / "snapshot")

    assert manifest.snapshot_id == f"oldtown-20260405T120000Z-{manifest.checksum[:8]}"


def test_another_rule_catalogue_or_mapping_is_another_version(tmp_path: Path) -> None:
    base = manifest_of(forgetful(), tmp_path / "base").content_versions()
    dearer = catalogue().model_copy(update={"price_digits": 3})
    changed = {
        "rules": forgetful().snapshot(tmp_path / "rules", rules_text("RL-A01")),
        "catalogue": forgetful().snapshot(tmp_path / "catalogue", rules_text(), catalogue=dearer),
        "mappings": forgetful().snapshot(tmp_path / "mappings", rules_text(), sources={"a.yaml": "x"}),
    }

    for what, manifest in changed.items():
        versions = manifest.content_versions()
        assert {name for name in versions if versions[name] != base[name]} == {what}


def test_a_price_with_four_digits_is_rounded_once_on_each_line(tmp_path: Path) -> None:
    listed = catalogue()
    silver, *others = listed.offerings
    price = silver.prices[0].model_copy(update={"amount": Decimal("59.9950")})
    offerings = (silver.model_copy(update={"prices": (price,)}), *others)
    fine = listed.model_copy(update={"price_digits": 4, "offerings": offerings})
    forgetful().snapshot(tmp_path / "snapshot", rules_text(), catalogue=fine)

    judged = Judged(tmp_path / "snapshot", tmp_path / "output", reconcile(tmp_path / "snapshot", tmp_path / "output"))

    assert judged.told() == []
    assert judged.not_judged("difference") == {"service/1": unexplained("60.00", "access", "2026-02")}


def test_the_records_themselves_are_kept_as_they_were(tmp_path: Path) -> None:
    operator = forgetful()
    operator.snapshot(tmp_path / "snapshot")

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.read_parquet(str(tmp_path / "snapshot/records/NetworkObservation.parquet"))
        kept = rows.project("serial, profile, observed_at").fetchall()
    assert sorted(kept) == [("ABCD00000001", "S", AS_OF), ("ABCD00000007", "S", AS_OF)]


def test_a_manifest_is_known_by_what_its_file_says(tmp_path: Path) -> None:
    """A later version of Splice writes other keys; what an older one wrote stays the same snapshot."""
    taken = forgetful().snapshot(tmp_path / "snapshot", rules_text())
    file = tmp_path / "snapshot" / "manifest.json"
    assert read_manifest(tmp_path / "snapshot").checksum == taken.checksum == file_checksum(file)

    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(',\n "shrink_percent": "100"', ""), encoding="utf-8")
    older = read_manifest(tmp_path / "snapshot")
    assert older.shrink_percent == taken.shrink_percent
    assert older.checksum == file_checksum(file) != taken.checksum


def test_a_manifest_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 1}')

    with pytest.raises(ConfigurationError, match="is of format 1, and this version of Splice judges format 6"):
        read_manifest(tmp_path)
