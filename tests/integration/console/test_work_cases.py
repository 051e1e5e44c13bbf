"""docs/how-to/work-cases.md, its commands as they stand there, over a running estate: the money comes back."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from canonical_model.yaml_source import read_yaml
from console.main import app
from hub.operator_folder.remedies_file import read_remedies
from storage.case_list import CaseFilter, ListedCase, listed_cases
from tests.fakes.lumen_valley import LumenValley, lumen_valley

PAGE = (Path(__file__).parents[3] / "docs/how-to/work-cases.md").read_text(encoding="utf-8")
SHOWN_CASE = "3f2a9c01"
COMMANDS = re.compile(r"^\$ (splice .*)$", re.MULTILINE)
POLICY = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_policy_of_the_page_is_accepted() -> None:
    faults: list[object] = []
    (shown,) = POLICY.findall(PAGE)
    policy = read_remedies(shown, ["riverbend"], faults)  # type: ignore[arg-type]
    assert faults == []
    assert policy.of("riverbend").approves_in_all == Decimal(500)
    assert read_yaml(shown, "remedies.yaml", []) is not None


def test_the_commands_of_the_page_bring_the_money_back(tmp_path: Path) -> None:
    end = (datetime.now(UTC) - timedelta(days=5)).date().replace(day=1)
    with lumen_valley(tmp_path / "operator", subscribers=44, months=3, seed=11, end=end) as operator:
        done = splice(operator, tmp_path, "sync")
        assert done.exit_code == 0, done.output
        done = splice(operator, tmp_path, "reconcile", "riverbend")
        assert done.exit_code == 0, done.output
        due = refund_due(operator, tmp_path)

        told = ""
        for command in COMMANDS.findall(PAGE):
            _, *words = shlex.split(command.replace(SHOWN_CASE, due.fingerprint[:10]))
            done = splice(operator, tmp_path, *words)
            assert done.exit_code == 0, (command, done.output, done.exception)
            told = done.output
        rows = [row for row in operator.running.books.billing["adjustments"] if due.fingerprint in row["reason"]]
    assert [Decimal(row["amount"]) for row in rows] == [-Decimal(due.now_minor) / 100]
    after = case(operator, tmp_path, due.fingerprint)
    assert (after.state, after.assignee, after.then_minor, after.now_minor) == ("refunded", "dana", due.now_minor, 0)
    assert "refunded" in told


def splice(operator: LumenValley, folder: Path, *words: str) -> Result:
    where = ["--operator", str(operator.folder), "--workspace", str(folder / "work")]
    return CliRunner(env=operator.environment).invoke(app, [*words, *where])


def cases(operator: LumenValley, folder: Path, wanted: CaseFilter) -> list[ListedCase]:
    with operator.hub(folder / "work") as hub, hub.database.reading() as connection:
        return listed_cases(connection, wanted)[0]


def refund_due(operator: LumenValley, folder: Path) -> ListedCase:
    """The largest case of a service whose money is due to the customer."""
    found = cases(operator, folder, CaseFilter(market="riverbend"))
    return next(one for one in found if (one.exposure_class, one.subject_kind) == ("refund_due", "service"))


def case(operator: LumenValley, folder: Path, fingerprint: str) -> ListedCase:
    (found,) = cases(operator, folder, CaseFilter(fingerprint=fingerprint))
    return found
