"""An operator compares a hand-off in its own way: checked as our packs are, tried, and seen by the clock."""

import shutil
from pathlib import Path

import pytest
import yaml

from canonical_model.errors import ConfigurationError
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.operator_folder.load import load_operator
from hub.takeover.measuring.versions import versions_of
from hub.takeover.shadow.versions import compared_under
from tests.fakes.lumen_valley import FOLDER

OURS = Path("rules/packs/handoffs/provisioning-to-dispatch.yaml")
HANDOFF = "provisioning_to_dispatch"
MARKET = "riverbend"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "operator")
    (tmp_path / "operator" / "comparisons").mkdir()
    return tmp_path / "operator"


def ours() -> dict[str, object]:
    root = Path(__file__).parents[3]
    told: dict[str, object] = yaml.safe_load((root / OURS).read_text(encoding="utf-8"))
    return told


def write(folder: Path, pack: dict[str, object], name: str = "dispatch") -> None:
    (folder / "comparisons" / f"{name}.yaml").write_text(yaml.safe_dump(pack, sort_keys=False), encoding="utf-8")


def test_it_takes_the_place_of_ours_and_of_no_other(folder: Path) -> None:
    write(folder, ours() | {"patience_days": 33})
    found = load_operator(folder).comparisons
    assert found[HANDOFF].pack.patience_days == 33
    others = {handoff: each for handoff, each in found.items() if handoff != HANDOFF}
    assert others == {handoff: each for handoff, each in shipped_comparisons().items() if handoff != HANDOFF}


def test_it_sets_the_clock_of_its_handoff_anew_and_is_counted_under_it(folder: Path) -> None:
    before = load_operator(folder)
    write(folder, ours() | {"patience_days": 33})
    after = load_operator(folder)
    was, known = (versions_of(each, MARKET, HANDOFF) for each in (before, after))
    assert {name for name, told in known.parts.items() if told != was.parts[name]} == {"packs"}
    assert was.fingerprint != known.fingerprint == compared_under(after, MARKET, HANDOFF, after.comparisons)
    assert compared_under(after, MARKET, HANDOFF, shipped_comparisons()) != known.fingerprint
    same = "field_to_billing"
    assert versions_of(before, MARKET, same).fingerprint == versions_of(after, MARKET, same).fingerprint


def test_one_that_says_what_ours_says_changes_nothing(folder: Path) -> None:
    before = load_operator(folder)
    write(folder, ours())
    assert versions_of(load_operator(folder), MARKET, HANDOFF) == versions_of(before, MARKET, HANDOFF)


def test_an_example_that_comes_out_otherwise_is_a_fault_with_its_line(folder: Path) -> None:
    pack = ours()
    fields = pack["fields"]
    assert isinstance(fields, dict)
    fields["jobs"]["equal"] = "TRUE"
    write(folder, pack)
    with pytest.raises(ConfigurationError, match=r"comparisons/dispatch\.yaml:\d+: examples\.\d+.*comes out as"):
        load_operator(folder)


def test_two_packs_of_one_handoff_are_a_fault(folder: Path) -> None:
    write(folder, ours(), "dispatch")
    write(folder, ours(), "dispatch-too")
    with pytest.raises(ConfigurationError, match="compared by another pack already"):
        load_operator(folder)


def test_a_handoff_that_there_is_not_is_a_fault(folder: Path) -> None:
    write(folder, ours() | {"handoff": "field_to_biling"})
    with pytest.raises(ConfigurationError, match=r"there is no hand-off field_to_biling.*field_to_billing"):
        load_operator(folder)
