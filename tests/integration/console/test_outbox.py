"""`splice outbox`: a person sees what waits and why, drains, retries and gives up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import delete
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.effects.enqueue import enqueue
from storage.effects import Effect
from storage.schema.takeover import WORK_PATH
from tests.fakes.effects import START, Stages, job, now_of
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley

ACTIVE = "declared: {mesa: {provisioning_to_dispatch: active}}"


class Terminal:
    """The command on one operator and workspace."""

    def __init__(self, operator: LumenValley, workspace: Path) -> None:
        self.operator = operator
        self.workspace = workspace

    def __call__(self, *words: str) -> Result:
        where = ["--operator", str(self.operator.folder), "--workspace", str(self.workspace)]
        return CliRunner().invoke(app, ["outbox", *words, *where], env=self.operator.environment)

    def said(self, *words: str) -> str:
        told = self(*words)
        assert told.exit_code == 0, (told.output, told.exception)
        return told.output

    def refused(self, *words: str) -> str:
        told = self(*words)
        assert isinstance(told.exception, ConfigurationError), told.output
        return str(told.exception)

    def put(self, number: int, **fields: str) -> Effect:
        with self.operator.hub(self.workspace) as hub:
            return enqueue(hub, job(number, **fields), START, Stages())

    def forget_paths(self) -> None:
        """Nobody has begun anything."""
        with self.operator.hub(self.workspace) as hub, hub.database.writing() as connection:
            connection.execute(delete(WORK_PATH))

    def state(self, effect: Effect) -> str:
        with self.operator.hub(self.workspace) as hub:
            return now_of(hub, effect).state


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as operator:
        (operator.folder / "handoffs.yaml").write_text(ACTIVE)
        yield Terminal(operator, tmp_path / "work")


def test_from_waiting_to_done(terminal: Terminal) -> None:
    assert "nothing" in terminal.said("list")
    effect = terminal.put(1)
    assert "queued" in terminal.said("list")
    assert "1 done" in terminal.said("drain")
    assert "nothing" in terminal.said("list")
    assert "order/90001" in terminal.said("list", "--state", "done")
    shown = terminal.said("show", str(effect.id))
    assert "the other system shows it" in shown
    assert [word in shown for word in ("enqueued", "sending", "sent", "looked", "applied")] == [True] * 5


def test_what_was_refused_is_told_and_a_person_decides(terminal: Terminal) -> None:
    wrong, behind = terminal.put(1, work_type="invent"), terminal.put(2)
    drained = terminal.said("drain")
    assert "1 done, 1 refused" in drained
    assert "it said that it will not" in drained.replace("\n", " ")
    assert terminal.state(behind) == "done"
    assert "effect 1 is queued" in terminal.said("retry", str(wrong.id), "--why", "they know the word now")
    assert "1 refused" in terminal.said("drain")
    assert "effect 1 is discarded" in terminal.said("discard", str(wrong.id), "--why", "nobody wants it")
    assert "nothing was due" in terminal.said("drain")
    shown = terminal.said("show", str(wrong.id)).replace("│", " ")
    assert "they know the word now" in " ".join(shown.split())


def test_nothing_is_sent_where_the_operator_declares_no_stage(terminal: Terminal) -> None:
    (terminal.operator.folder / "handoffs.yaml").unlink()
    effect = terminal.put(1)
    terminal.forget_paths()  # as in a database of before paths were kept
    drained = terminal.said("drain")
    assert "the hub may not act" in drained.replace("\n", " ")
    assert terminal.state(effect) == "refused"
    assert terminal.operator.running.write_log.applied == []


def test_wrong_words_are_told(terminal: Terminal) -> None:
    assert "there is no effect 7" in terminal.refused("show", "7")
    assert "there is no effect 7" in terminal.refused("discard", "7", "--why", "x")
    assert "there is no state 'quued'; nearest: queued" in terminal.refused("list", "--state", "quued")
    assert terminal("retry", "7").exit_code == 2, "a decision needs a why"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("declared: {mesa: {provisioning_to_dispatch: activ}}", "handoffs.yaml:1: declared.mesa"),
        (
            "declared: {mes: {provisioning_to_dispatch: active}}",
            "declared.mes: there is no market mes; nearest: mesa",
        ),
        ("declared: {mesa: {to_dispatch: active}}", "declared.mesa"),
    ],
)
def test_a_stage_that_is_written_wrong_is_told_with_its_place(terminal: Terminal, written: str, told: str) -> None:
    (terminal.operator.folder / "handoffs.yaml").write_text(written)
    assert told in terminal.refused("list")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("effects: {lease: 1s}", "effects.lease"),
        ("effects: {most_snds: 3}", "effects.most_snds: unknown key; nearest: most_sends"),
    ],
)
def test_a_bound_that_is_written_wrong_is_told_with_its_place(terminal: Terminal, written: str, told: str) -> None:
    change(terminal.operator.folder / "operator.yaml", r"\nlimits:", f"\n{written}\nlimits:")
    assert told in terminal.refused("list")
