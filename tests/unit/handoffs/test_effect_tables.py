"""The page on effects tells the tables that decide."""

import re
from pathlib import Path

from handoffs.effect_states import STATES, VERDICTS

PAGE = (Path(__file__).parents[3] / "docs/explanation/effects.md").read_text(encoding="utf-8")


def table_under(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, the head among them and the ruler left out."""
    text = PAGE.partition(f"## {heading}\n")[2]
    rows = re.findall(r"^\|(.+)\|$", text.partition("\n\n*")[0].partition("\n\nAn `")[0], re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows if not set(row) <= set("-|")]


def test_the_page_tells_every_state() -> None:
    told = {
        state: (outcome, passes == "may go", meaning) for state, outcome, passes, meaning in table_under("States")[1:]
    }
    assert told == {name: (state.outcome, state.lets_next_pass, state.meaning) for name, state in STATES.items()}


def test_the_page_tells_what_every_look_means() -> None:
    (_, *sights), *rows = table_under("What a look means")
    told = {row[0]: dict(zip(sights, row[1:], strict=True)) for row in rows}
    assert told == VERDICTS
