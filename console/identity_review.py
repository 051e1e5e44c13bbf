"""`splice identity review`: links that a person must decide about, what speaks for each, and the answers."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.as_json import write_json
from console.deciding import ActorOption, deciding
from console.identity_bulk import batches, export, import_, patterns, sample, show_answers
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.decision import Decision
from hub.identity.answering import answer, known_link
from hub.identity.bulk import answer_pattern, undo_batch
from hub.identity.compared import compared_fields
from identity.answers import STATES, Answer, LinkState
from identity.pairs import Evidence
from identity.patterns import pattern_id
from identity.settings import Subject
from storage.identity_links import IdentityLink, identity_links
from storage.identity_steps import LinkStep, steps_of_link

app = typer.Typer(no_args_is_help=True, help="Links that a person decides about, and what speaks for each.")

LinkArgument = Annotated[int, typer.Argument(help="Number of the link, as the list shows it.")]
LinksArgument = Annotated[
    list[int] | None, typer.Argument(help="Numbers of the links, as the list shows them.", show_default=False)
]
PatternOption = Annotated[
    str | None, typer.Option("--pattern", "-p", help="Instead of links: all open questions of this pattern.")
]
CountOption = Annotated[
    int | None, typer.Option("--count", min=1, help="How many they are; with another number nothing is answered.")
]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for whoever asks later.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]


@app.command("list")
def list_(
    states: Annotated[
        list[str] | None, typer.Option("--state", help=f"Only these: {', '.join(STATES)}. Default: review.")
    ] = None,
    subject: Annotated[Subject | None, typer.Option("--subject", "-s", help="Only of this kind.")] = None,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List links, the surest first; questions unless told otherwise."""
    wanted = _states(states or ["review"])
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        found = identity_links(connection, wanted, subject, most=most + 1)
    if as_json:
        write_json([_facts(link) for link in found[:most]])
        return
    table = Table(title="Links", title_justify="left")
    for heading in ("", "of", "one record", "other record", "state", "probability", "reason"):
        table.add_column(heading, justify="right" if heading in ("", "probability") else "left", overflow="fold")
    for link in found[:most]:
        cells = (link.subject, *link.names, link.state, _share(link.probability), link.why or link.reason)
        table.add_row(str(link.id), *map(_cell, cells))
    screen.print(table if found else f"nothing: no link is in state {', '.join(wanted)}")
    if len(found) > most:
        screen.print(f"and more: ask for them with --most {most * 10}")


@app.command("show")
def show(
    link_id: LinkArgument,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one link: both records side by side, the weight of every comparison, and all that happened to it."""
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        link = known_link(connection, link_id)
        fields = compared_fields(connection, link)
        steps = steps_of_link(connection, link_id)
    if as_json:
        records = [{name: pair[side] for name, pair in fields.items()} for side in (0, 1)]
        happened = [{**_step(step), "evidence": _lines(step.evidence)} for step in steps]
        write_json({**_facts(link), "fields": records, "steps": happened})
        return
    for name, value in _facts(link).items():
        if name not in ("evidence", "left", "right"):
            screen.print(
                f"  {name:<18} {'-' if value is None else printable(str(value))}", highlight=False, markup=False
            )
    _print_table("What they say", ("", *link.names), ((name, *pair) for name, pair in fields.items()))
    weights = ((line.comparison, line.found, _weight(line.weight)) for line in link.evidence)
    _print_table("What speaks for it (weights in bits)", ("comparison", "found", "weight"), weights)
    _print_table(
        "What happened", ("at (UTC)", "step", "state", "by", "reason"), (_step(one).values() for one in steps)
    )


@app.command("accept")
def accept(
    why: WhyOption,
    links: LinksArgument = None,
    pattern: PatternOption = None,
    count: CountOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that the two records of a link are one; later runs leave it at that."""
    decision = deciding(actor, why)
    if pattern is None:
        _answer(links or [], "accept", decision, operator, workspace)
    else:
        _answer_pattern(links, pattern, count, "accept", decision, operator, workspace)


@app.command("reject")
def reject(
    why: WhyOption,
    links: LinksArgument = None,
    pattern: PatternOption = None,
    count: CountOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Say that the two records of a link are two; they are kept apart, also where a third record joins them."""
    decision = deciding(actor, why)
    if pattern is None:
        _answer(links or [], "reject", decision, operator, workspace)
    else:
        _answer_pattern(links, pattern, count, "reject", decision, operator, workspace)


@app.command("undo")
def undo(
    why: WhyOption,
    links: LinksArgument = None,
    batch: Annotated[int | None, typer.Option("--batch", help="Instead of links: all answers of this batch.")] = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take back what was answered, which asks again; or what was joined by itself, which keeps the two apart."""
    decision = deciding(actor, why)
    if batch is None:
        _answer(links or [], "undo", decision, operator, workspace)
        return
    if links:
        raise ConfigurationError("links or a batch were expected, not both")
    with opened(operator, workspace) as hub:
        show_answers(undo_batch(hub, batch, decision))


app.command("patterns")(patterns)
app.command("sample")(sample)
app.command("export")(export)
app.command("import")(import_)
app.command("batches")(batches)


def _answer_pattern(
    links: Sequence[int] | None,
    pattern: str,
    count: int | None,
    said: Answer,
    decision: Decision,
    operator: OperatorOption,
    workspace: WorkspaceOption,
) -> None:
    if links or count is None:
        raise ConfigurationError(
            f"a pattern is answered as a whole: give --count, as `splice identity review sample {pattern}` shows it, "
            "and no links"
        )
    with opened(operator, workspace) as hub:
        show_answers(answer_pattern(hub, pattern, count, said, decision))


def _answer(
    links: Sequence[int], said: Answer, decision: Decision, operator: OperatorOption, workspace: WorkspaceOption
) -> None:
    if not links:
        raise ConfigurationError(f"nothing to {said}: numbers of links were expected, as the list shows them")
    with opened(operator, workspace) as hub:
        for link_id in links:
            link = answer(hub, link_id, said, decision)
            screen.print(
                f"link {link_id} is {link.state}: {printable(' and '.join(link.names))}",
                highlight=False,
                markup=False,
            )


def _states(given: list[str]) -> list[LinkState]:
    for state in given:
        if state not in STATES:
            raise ConfigurationError(f"there is no state {state!r}{nearest(state, list(STATES))}")
    return [state for state in STATES if state in given]


def _facts(link: IdentityLink) -> dict[str, Any]:
    return {
        "link": link.id,
        "subject": link.subject,
        "left": link.names[0],
        "right": link.names[1],
        "state": link.state,
        "basis": link.basis,
        "reason": link.reason,
        "probability": link.probability,
        "weight": link.weight,
        "settings_version": link.settings_version,
        "weights_version": link.weights_version,
        "pattern": pattern_id(link.subject, link.pattern),
        "found_at": link.found_at.isoformat(),
        "changed_at": link.changed_at.isoformat(),
        "decided_by": link.decided_by,
        "decided_at": link.decided_at.isoformat() if link.decided_at else None,
        "why": link.why,
        "evidence": _lines(link.evidence),
    }


def _lines(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [{"comparison": line.comparison, "found": line.found, "weight": line.weight} for line in evidence]


def _step(step: LinkStep) -> dict[str, str]:
    return {
        "at": f"{step.at:%Y-%m-%d %H:%M:%S}",
        "step": step.step,
        "state": step.state,
        "by": step.actor if step.batch is None else f"{step.actor} (batch {step.batch})",
        "reason": step.reason,
    }


def _print_table(title: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(_cell(heading), overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    screen.print(table)


def _cell(text: str) -> str:
    return escape(printable(text))


def _share(probability: float | None) -> str:
    return "-" if probability is None else f"{probability:.4f}"


def _weight(weight: float | None) -> str:
    return "-" if weight is None else f"{weight:+.1f}"
