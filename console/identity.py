"""`splice identity`: match customers and premises of all systems, and show who is one with whom."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from console import identity_review
from console.as_json import write_json
from console.identity_learning import learn, use, weights
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.identity.answering import identities
from hub.identity.match import Matched, match
from identity.settings import SUBJECTS, Subject

app = typer.Typer(no_args_is_help=True, help="Which records of different systems are the same customer or premise.")
app.add_typer(identity_review.app, name="review")
app.command("learn")(learn)
app.command("weights")(weights)
app.command("use")(use)

MOST_CROWDED = 10


@app.command("match")
def match_(
    subject: Annotated[
        Subject | None, typer.Option("--subject", "-s", help="Only these. Default: customers and premises.")
    ] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare all records: keys join first, then scores; what is doubtful becomes a question."""
    with opened(operator, workspace) as hub:
        for each in (subject,) if subject else SUBJECTS:
            _show(match(hub, each, datetime.now(UTC)))


@app.command("groups")
def groups(
    subject: Annotated[Subject, typer.Option("--subject", "-s", help="customer or premise.")] = "customer",
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list of lists.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List records of one customer or premise together, as all links say now."""
    with opened(operator, workspace) as hub:
        found = identities(hub, subject)
    if as_json:
        write_json(found)
        return
    for names in found:
        screen.print(escape(printable("  ".join(names))), highlight=False, soft_wrap=True)
    if not found:
        screen.print("no two records are linked: `splice identity match` compares them")


def _show(matched: Matched) -> None:
    changes, counts = matched.changes, matched.counts
    screen.print(
        f"{matched.subject}: {matched.records:,} records; {counts.get('linked', 0):,} links, "
        f"{counts.get('review', 0):,} questions, {counts.get('apart', 0):,} kept apart "
        f"({changes.new:,} new, {changes.changed:,} changed, {changes.lapsed:,} lapsed)",
        highlight=False,
    )
    _show_weights(matched)
    if matched.crowded:
        shown = ", ".join(list(matched.crowded)[:MOST_CROWDED])
        screen.print(
            f"  {len(matched.crowded):,} records have too many likely partners to ask about, for want of a unit or a "
            f"name; mend them where they come from: {escape(printable(shown))}",
            highlight=False,
        )


def _show_weights(matched: Matched) -> None:
    if matched.weights is None:
        return
    told = "learnt now" if matched.has_learnt else f"learnt {matched.weights.learnt_at:%Y-%m-%d}"
    screen.print(f"  by version {matched.weights.version} of what was learnt ({told})", highlight=False)
    for route in sorted(matched.weights.weights.distrusted):
        screen.print(f"  what would be joined by {route} is asked about: too much of it is wrong", highlight=False)
    if matched.shifted:
        shown = ", ".join(f"{name} ({shift:.2f})" for name, shift in sorted(matched.shifted.items()))
        screen.print(
            f"  the records are not of the kind any more that was learnt from: {shown}; look at some links, and "
            f"`splice identity learn --subject {matched.subject}` where they are right",
            highlight=False,
            soft_wrap=True,
        )
