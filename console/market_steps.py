"""`splice market`: the next step of a take-over, as its plan wants it, and what persons say to it."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from console.deciding import ActorOption, deciding
from console.handoff_named import MarketArgument, handoff_of
from console.market_moves import WhyOption
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from handoffs.questions import who_is_asked
from handoffs.stages import HANDOFFS
from hub.snapshots import market_of
from hub.takeover.leading import look_on
from hub.takeover.powers import VerdictGate, people_of
from hub.takeover.questions import answer, open_questions, question_of
from hub.workplace import Hub

NumberArgument = Annotated[int, typer.Argument(help="Number of the question.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("lead")(lead)
    app.command("questions")(questions)
    app.command("approve")(approve)
    app.command("stay")(stay)


def lead(
    market: MarketArgument,
    handoff: Annotated[str | None, typer.Argument(help="Only this hand-off. Default: all four.")] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Look how hand-offs stand on their plan, judge the gate of the next step, and ask where it has passed."""
    wanted = HANDOFFS if handoff is None else (handoff_of(handoff),)
    with opened(operator, workspace) as hub:
        looks = [look_on(hub, market, each, datetime.now(UTC)) for each in wanted]
    for look in looks:
        asked = "" if look.question is None else f" (question {look.question.id})"
        _say(f"{look.position.handoff}: {look.said}{asked}")


def questions(
    market: MarketArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List the steps that wait for a person, and who is asked."""
    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        found = open_questions(hub, market_of(hub.operator, market).id)
        people = people_of(hub, market)
    if not found:
        _say(f"no step of {market} waits for a person")
        return
    table = Table("Number", "Hand-off", "Step", "For", "Asked (UTC)", "Who is asked", box=None)
    for each in found:
        asked = ", ".join(who_is_asked(each, people, now)) or "nobody: handoffs.yaml names no approver"
        cells = (str(each.id), each.handoff, f"{each.kind} to {each.stage}", str(each.cohort))
        table.add_row(*(escape(cell) for cell in (*cells, f"{each.asked_at:%Y-%m-%d %H:%M}", asked)))
    screen.print(table)


def approve(
    number: NumberArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Approve a step: it is taken at once, if its gate still passes."""
    with opened(operator, workspace) as hub:
        _answer(hub, number, actor, why, approves=True)


def stay(
    number: NumberArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that everything stays as it is; the step is asked about again after a week."""
    with opened(operator, workspace) as hub:
        _answer(hub, number, actor, why, approves=False)


def _answer(hub: Hub, number: int, actor: str | None, why: str, *, approves: bool) -> None:
    question = question_of(hub, number)
    if question.state == "open":
        look_on(hub, question.market, question.handoff, datetime.now(UTC))  # its gate is judged anew
    people = people_of(hub, question.market)
    moved = answer(hub, number, deciding(actor, why), people, VerdictGate(hub), approves=approves)
    _say("it stays as it is" if moved is None else f"{moved.market}: {moved.handoff} is in {moved.stage}")


def _say(text: str) -> None:
    screen.print(escape(text), highlight=False)
