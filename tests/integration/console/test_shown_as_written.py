"""What operators and their systems wrote is shown as they wrote it: square brackets are not taken for colours."""

import json
from datetime import date
from pathlib import Path

import pytest
from rich.console import RenderableType
from typer.testing import CliRunner

from canonical_model.billing import ChargeLine
from console.main import app
from console.proof import RuleProof, proof_table
from console.sync import progress_bars, show_outcomes
from console.workplace import screen
from hub.sync import StreamOutcome
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

STRANGE = "[red]x[/red] [/] [bold"
LINE_ID = "L-[green]y"

OWN_RULE = f"""
id: SM-001
title: "{STRANGE}"
over: charge
when: missing_amount > 0.00
exposure: missing_amount
direction: under_billed
exposure_class: lost_or_recoverable
remedy: look
owner: finance
examples:
  - given: {{missing_amount: 60.00}}
    expect: 60.00
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallHub:
    small = SmallHub(tmp_path_factory.mktemp("strange"), market_name=f"Old {STRANGE}")
    place = small.folder / "operator.yaml"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"operator": f"Small {STRANGE}"}))
    (small.folder / "rules").mkdir()
    (small.folder / "rules" / "own.yaml").write_text(OWN_RULE)
    operator = SmallOperator()
    operator.installed("10")
    operator.whole_months("10", "SLV", "55.00", (1, 2, 3))
    operator.records = [
        record.model_copy(update={"source_id": LINE_ID})
        if isinstance(record, ChargeLine) and record.covers_from == date(2026, 2, 1)
        else record
        for record in operator.records
    ]
    small.pull(operator, AS_OF)
    told(small, "reconcile", "--as-of", AS_OF.isoformat()[:19])
    return small


def told(small: SmallHub, *arguments: str) -> str:
    places = ["--operator", str(small.folder)]
    places += [] if arguments[0] == "check" else ["--workspace", str(small.workspace)]
    said = CliRunner().invoke(app, [*arguments, *places], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return unwrapped(said.output)


def unwrapped(text: str) -> str:
    """Cells of a table that take two lines have their frame and their blanks between them."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check",), f"Small {STRANGE}: 1 markets"),
        (("report",), f"Old {STRANGE}: 2026-01-01 to 2026-04-01"),
        (("report",), f"SM-001 {STRANGE}"),
        (("explain", "10", "--market", "oldtown"), f"Old {STRANGE}, snapshot"),
        (("explain", "10", "--market", "oldtown", "--all"), LINE_ID),
    ],
)
def test_a_command_shows_it(small: SmallHub, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in told(small, *arguments)


def shown(what: RenderableType) -> str:
    with screen.capture() as captured:
        screen.print(what)
    return unwrapped(captured.get())


def test_a_proof_shows_it() -> None:
    assert STRANGE in shown(proof_table([RuleProof("RL-X01")], {}, {"RL-X01": STRANGE}))


def test_a_pull_shows_it(tmp_path: Path) -> None:
    with screen.capture() as captured:
        show_outcomes([StreamOutcome("crm", STRANGE, warnings=[f"fields {STRANGE}"])])
    assert f"crm {STRANGE}: fields {STRANGE}" in unwrapped(captured.get())

    bars = progress_bars()
    bars.add_task(STRANGE, total=1)
    assert STRANGE in shown(bars.get_renderable())
