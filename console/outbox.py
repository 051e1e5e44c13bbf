"""`splice outbox`: effects on other systems: what waits, what is unknown, what a person must decide."""

import getpass
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from handoffs.effect_states import STATES, EffectState, outcome_of
from hub.effects.decisions import discard as discard_effect
from hub.effects.decisions import doubt as doubt_effects
from hub.effects.decisions import retry as retry_effect
from hub.effects.drain import drain as drain_effects
from hub.effects.handling import DrainOutcome
from hub.takeover.authority import authority_of
from storage.effect_steps import Step, steps_of
from storage.effects import Effect, effect_with, effects

app = typer.Typer(no_args_is_help=True, help="Effects on other systems, each sent once and believed when it shows.")

EffectArgument = Annotated[int, typer.Argument(help="Number of the effect, as `splice outbox list` shows it.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the audit.")]
StatesOption = Annotated[
    list[str] | None, typer.Option("--state", "-s", help=f"Only these: {', '.join(STATES)}. Default: all but done.")
]


@app.command("list")
def list_effects(
    states: StatesOption = None,
    subject: Annotated[str | None, typer.Option(help="Only those about this subject.")] = None,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List effects in the order in which they were written down."""
    wanted = _states(states) if states else [state for state in STATES if state != "done"]
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        found = effects(connection, wanted, subject, most)
    table = Table(title="Effects", title_justify="left")
    for heading in ("", "command", "system", "subject", "state", "outcome", "sent", "due", "why"):
        table.add_column(heading, justify="right" if heading in ("", "sent") else "left")
    for effect in found:
        due = f"{effect.due_at:%m-%d %H:%M:%S}" if STATES[effect.state].moves_by_itself else ""
        outcome = outcome_of(effect.state, effect.told)
        cells = (effect.command, effect.system, effect.subject, effect.state, outcome)
        table.add_row(str(effect.id), *map(escape, cells), str(effect.sends), due, escape(effect.reason))
    screen.print(table if found else "nothing: no effect is in these states")


@app.command("show")
def show(
    effect_id: EffectArgument, operator: OperatorOption = EXAMPLE_OPERATOR, workspace: WorkspaceOption = None
) -> None:
    """Show one effect with everything that happened to it."""
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        effect = effect_with(connection, effect_id)
        if effect is None:
            raise ConfigurationError(f"there is no effect {effect_id}; `splice outbox list` shows them")
        steps = steps_of(connection, effect_id)
    for name, value in _facts(effect):
        screen.print(f"  {name:<18} {value}", highlight=False, markup=False)
    table = Table(title="What happened", title_justify="left")
    for heading in ("at (UTC)", "step", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what came of it")
    for step in steps:
        table.add_row(*map(escape, _cells(step)))
    screen.print(table)


@app.command("drain")
def drain(
    only: Annotated[int | None, typer.Option(help="Only this effect, whether it is due or not.")] = None,
    most: Annotated[int | None, typer.Option(min=1, help="So many at most.")] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Send what is due and look at what may have happened; several processes may do so at once."""
    with opened(operator, workspace) as hub:
        outcome = drain_effects(hub, _now, authority_of(hub, _now), only=only, most=most)
    show_outcome(outcome)


@app.command("retry")
def retry(
    effect_id: EffectArgument,
    why: WhyOption,
    send_again: Annotated[
        bool, typer.Option(help="You have made sure that it did not happen: send it without another look.")
    ] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let an effect be taken up again that was refused, parked or is unknown."""
    with opened(operator, workspace) as hub:
        effect = retry_effect(hub, effect_id, _now(), actor=getpass.getuser(), why=why, send_again=send_again)
    screen.print(f"effect {effect.id} is {effect.state}: {STATES[effect.state].meaning}", highlight=False)


@app.command("discard")
def discard(
    effect_id: EffectArgument,
    why: WhyOption,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give an effect up for good; what waits behind it may go."""
    with opened(operator, workspace) as hub:
        effect = discard_effect(hub, effect_id, _now(), actor=getpass.getuser(), why=why)
    screen.print(f"effect {effect.id} is {effect.state}: {STATES[effect.state].meaning}", highlight=False)


@app.command("doubt")
def doubt(
    why: WhyOption,
    hours: Annotated[int, typer.Option(min=1, help="What is planned within so many hours is in doubt as well.")] = 72,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """After a backup was restored: look at each system before anything is sent, as it may have been told before."""
    now = _now()
    until = now + timedelta(hours=hours)
    with opened(operator, workspace) as hub:
        doubt_effects(hub, now, until, actor=getpass.getuser(), why=why)
    screen.print(f"until {until:%Y-%m-%d %H:%M} UTC nothing is sent before a look has shown that it is not there")


def show_outcome(outcome: DrainOutcome) -> None:
    """What a drain came to, and what a person must look at."""
    counts = Counter(outcome.left_as.values())
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing was due"
    screen.print(told, highlight=False)
    for system, said in outcome.away.items():
        screen.print(f"[yellow]left alone[/] {system}: {escape(said)}", highlight=False)
    for effect in outcome.need_a_person:
        head = f"{effect.id} {effect.command} for {effect.subject}"
        screen.print(f"[red]{effect.state}[/] {escape(head)}: {escape(effect.reason)}", highlight=False)


def _facts(effect: Effect) -> list[tuple[str, str]]:
    return [
        ("command", f"{effect.command} to {effect.system}, about {effect.subject}"),
        ("hand-off", f"{effect.handoff} in {effect.market}"),
        ("request id", effect.request_id),
        ("state", f"{effect.state}: {STATES[effect.state].meaning}"),
        ("outcome", outcome_of(effect.state, effect.told)),
        ("why", effect.reason or "-"),
        ("their id", effect.reference or "-"),
        *((name, str(value)) for name, value in effect.fields.items() if value is not None),
    ]


def _cells(step: Step) -> tuple[str, ...]:
    said = f"{step.error}: {step.said}" if step.error else step.said
    what = [*filter(None, (step.told, step.sight, said)), f"by {step.actor}"]
    return (f"{step.at:%Y-%m-%d %H:%M:%S}", f"{step.step} ({step.attempt})", step.state, "; ".join(what))


def _states(given: list[str]) -> list[EffectState]:
    known: tuple[EffectState, ...] = get_args(EffectState)
    for state in given:
        if state not in known:
            raise ConfigurationError(f"--state: there is no state {state!r}{nearest(state, list(known))}")
    return [state for state in known if state in given]


def _now() -> datetime:
    return datetime.now(UTC)
