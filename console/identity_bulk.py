"""`splice identity review`: questions by pattern, and as files that a person fills in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from console.as_json import write_json
from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.identity.answer_files import import_answers
from hub.identity.bulk import Answers
from hub.identity.question_files import export_questions
from hub.identity.questions import QuestionPattern, one_pattern, question_patterns, sample_of
from identity.settings import Subject
from storage.identity_batches import batches as stored_batches

PatternArgument = Annotated[str, typer.Argument(help="The pattern's six characters.")]
SubjectOption = Annotated[Subject | None, typer.Option("--subject", "-s", help="Only of this kind.")]
PatternOption = Annotated[str | None, typer.Option("--pattern", "-p", help="Only of this pattern.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
MOST_REFUSED = 20


def patterns(
    subject: SubjectOption = None,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 40,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List questions by what agrees and what differs, those first behind which the most is billed."""
    with opened(operator, workspace) as hub:
        found = question_patterns(hub, subject)
    if as_json:
        write_json([_facts(each) for each in found])
        return
    table = Table(title="Questions by pattern", title_justify="left")
    for heading in ("pattern", "of", "questions", "newest bills", "probability", "why it is asked, and what agrees"):
        table.add_column(heading, justify="right" if heading in ("questions", "newest bills") else "left")
    for each in found[:most]:
        billed = "\n".join(str(Money.from_minor(minor, currency)) for currency, minor in each.billed.items()) or "-"
        cells = (each.id, each.subject, f"{each.questions:,}", billed, _range(each), _lines(each.pattern))
        table.add_row(*map(escape, cells))
    screen.print(table if found else "nothing is asked")
    if len(found) > most:
        screen.print(f"and {len(found) - most:,} more: ask for them with --most {len(found)}")


def sample(
    pattern: PatternArgument,
    size: Annotated[int, typer.Option(min=1, max=500, help="So many questions at most.")] = 10,
    seed: Annotated[int, typer.Option(help="Another number draws other questions.")] = 0,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show questions of a pattern drawn at random, both records side by side; then answer all of them at once."""
    with opened(operator, workspace) as hub:
        found = one_pattern(hub, pattern)
        drawn = sample_of(hub, found, size, seed)
    if as_json:
        told = [
            {"link": link.id, "left": link.names[0], "right": link.names[1], "fields": said} for link, said in drawn
        ]
        write_json({**_facts(found), "sample": told})
        return
    screen.print(escape(_lines(found.pattern)), highlight=False)
    for link, fields in drawn:
        table = Table(title=f"link {link.id}", title_justify="left")
        for heading in ("", *link.names):
            table.add_column(escape(printable(heading)), overflow="fold")
        for name, (one, other) in fields.items():
            table.add_row(*(escape(printable(text)) for text in (name, one, other)))
        screen.print(table)
    screen.print(
        f"{len(drawn):,} of {found.questions:,} questions shown. To answer all of them:\n"
        f"  splice identity review accept --pattern {pattern} --count {found.questions} --why ...\n"
        f"  splice identity review reject --pattern {pattern} --count {found.questions} --why ...",
        highlight=False,
        markup=False,
    )


def export(
    path: Annotated[Path, typer.Argument(help="File to write; its ending says the kind: .csv or .xlsx.")],
    subject: SubjectOption = None,
    pattern: PatternOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write open questions to a file, with what both records say and columns for the answer and the reason."""
    with opened(operator, workspace) as hub:
        found = one_pattern(hub, pattern) if pattern else None
        written = export_questions(hub, path, found.subject if found else subject, found.pattern if found else None)
    screen.print(
        f"{written:,} questions are in {path}; fill in the columns answer (accept or reject) and why, then\n"
        f"  splice identity review import {path}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def import_(
    path: Annotated[Path, typer.Argument(help="File that was written by export, filled in.")],
    why: Annotated[str, typer.Option("--why", help="The reason for lines that give none.")] = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Record the answers of a file: all that make sense, or none where a line is wrong."""
    with opened(operator, workspace) as hub:
        show_answers(import_answers(hub, path, deciding(actor, why)))


def batches(
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 20,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List answers that were given to many links at once, the newest first; each can be undone as a whole."""
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        found = stored_batches(connection, most)
    if as_json:
        names = ("id", "actor", "answer", "source", "why", "answers")
        write_json([{"at": one.at.isoformat(), **{name: getattr(one, name) for name in names}} for one in found])
        return
    table = Table(title="Answers given at once", title_justify="left")
    for heading in ("", "at (UTC)", "by", "answer", "to", "links", "reason"):
        table.add_column(heading, justify="right" if heading in ("", "links") else "left", overflow="fold")
    for one in found:
        at, answers = f"{one.at:%Y-%m-%d %H:%M}", f"{one.answers:,}"
        cells = (str(one.id), at, one.actor, one.answer, one.source, answers, one.why)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    screen.print(table if found else "nothing was answered at once")


def show_answers(done: Answers) -> None:
    """Say what came of many answers, and how all of them are undone."""
    states: dict[str, int] = {}
    for link in done.links:
        states[link.state] = states.get(link.state, 0) + 1
    told = ", ".join(f"{count:,} are {state}" for state, count in sorted(states.items())) or "nothing was answered"
    undo = f"; to undo them: splice identity review undo --batch {done.batch} --why ..." if done.batch else ""
    screen.print(f"{told}{undo}", highlight=False, markup=False, soft_wrap=True)
    _show_refused(done.refused)


def _show_refused(refused: Mapping[int, str]) -> None:
    for link_id, reason in list(refused.items())[:MOST_REFUSED]:
        screen.print(
            f"  link {link_id} stays as it is: {printable(reason)}", highlight=False, markup=False, soft_wrap=True
        )
    if len(refused) > MOST_REFUSED:
        screen.print(f"  and {len(refused) - MOST_REFUSED:,} more stay as they are")


def _facts(each: QuestionPattern) -> dict[str, Any]:
    names = ("subject", "questions", "least", "most")
    return {
        "pattern": each.id,
        "says": each.pattern,
        **{name: getattr(each, name) for name in names},
        "billed_minor": dict(each.billed),
    }


def _lines(pattern: str) -> str:
    return pattern.replace("; ", "\n")


def _range(each: QuestionPattern) -> str:
    if each.least is None or each.most is None:
        return "-"
    least, most = f"{each.least:.2f}", f"{each.most:.2f}"
    return least if least == most else f"{least} to {most}"
