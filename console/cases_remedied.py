"""`splice cases`: remedies: proposed, approved, sent, withdrawn, done."""

from datetime import UTC, datetime
from typing import Annotated, get_args

import typer

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.cases_decided import ReasonOption
from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.outbox import show_outcome
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.cases import remedies
from hub.cases.sending import note_outbox, send_approved
from hub.effects.drain import drain
from hub.effects.handling import DrainOutcome
from hub.takeover.authority import authority_of
from rules.remedy import RemedyKind

CaseArgument = Annotated[str, typer.Argument(help="The case: the beginning of its name.")]
NumberOption = Annotated[
    int | None, typer.Option("--remedy", "-r", min=1, help="Number of the remedy, where a case has several.")
]
_KINDS: tuple[RemedyKind, ...] = get_args(RemedyKind)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("propose")(propose)
    app.command("approve")(approve)
    app.command("send")(send)
    app.command("withdraw")(withdraw)
    app.command("done")(done)


def propose(
    case: CaseArgument,
    kind: Annotated[str, typer.Option("--kind", "-k", help=f"What is to be done: {', '.join(_KINDS)}.")],
    amount: Annotated[
        str | None, typer.Option(help="Less than the whole (12.50). Default: all that may be asked for.")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", help="A field of the command, FIELD=VALUE; without any it is a task.")
    ] = None,
    reason: ReasonOption = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Propose a remedy for a case."""
    chosen = _kind(kind)
    given = dict(_pair(text) for text in fields or ())
    with opened(operator, workspace) as hub:
        remedy = remedies.propose(hub, case, deciding(actor, reason), chosen, amount, given)
    screen.print(f"case {remedy.fingerprint}: remedy {remedy.number} is proposed", highlight=False)


def approve(
    case: CaseArgument,
    number: NumberOption = None,
    reason: ReasonOption = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Approve a remedy; who may is said in remedies.yaml."""
    with opened(operator, workspace) as hub:
        remedy = remedies.approve(hub, case, deciding(actor, reason), number)
    follows = "splice cases done" if remedy.task else "splice cases send"
    told = f"case {remedy.fingerprint}: remedy {remedy.number} is approved; `{follows}` comes next"
    screen.print(told, highlight=False, soft_wrap=True)


def send(
    case: Annotated[str | None, typer.Argument(help="Only of this case. Default: all that is approved.")] = None,
    market: Annotated[str | None, typer.Option("--market", "-m", help="Only of this market.")] = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Put approved remedies into the outbox, and send them from there."""
    with opened(operator, workspace) as hub:
        may_act = authority_of(hub, _now)
        sendings = send_approved(hub, deciding(actor), may_act, case, market)
        whole = DrainOutcome()
        for effect in sendings.effects:
            outcome = drain(hub, _now, may_act, only=effect.id)
            whole.settled += outcome.settled
            whole.away |= outcome.away
        note_outbox(hub, _now())
    for name, why in sendings.returned:
        screen.print(f"case {name}: back to proposed: {why}", highlight=False, markup=False)
    for name, task in sendings.tasks:
        screen.print(f"case {name}: a person's task: {task}", highlight=False, markup=False)
    if sendings.effects or not (sendings.returned or sendings.tasks):
        show_outcome(whole)


def withdraw(
    case: CaseArgument,
    reason: ReasonOption,
    number: NumberOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take back a remedy that was not sent."""
    with opened(operator, workspace) as hub:
        remedy = remedies.withdraw(hub, case, deciding(actor, reason), number)
    screen.print(f"case {remedy.fingerprint}: remedy {remedy.number} is withdrawn", highlight=False)


def done(
    case: CaseArgument,
    reason: ReasonOption,
    number: NumberOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that an approved task was done; the next run sees what came of it."""
    with opened(operator, workspace) as hub:
        remedy = remedies.done(hub, case, deciding(actor, reason), number)
    screen.print(f"case {remedy.fingerprint}: remedy {remedy.number} is done", highlight=False)


def _kind(given: str) -> RemedyKind:
    wanted = given.replace("-", "_")
    for kind in _KINDS:
        if kind == wanted:
            return kind
    raise ConfigurationError(f"--kind: there is no kind {given!r}{nearest(wanted, list(_KINDS))}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ConfigurationError(f"--set {text}: FIELD=VALUE is expected")
    return name, value


def _now() -> datetime:
    return datetime.now(UTC)
