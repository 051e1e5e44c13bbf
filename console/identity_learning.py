"""`splice identity learn` and `weights`: what matching has learnt, which version is in use, and another one."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from console.as_json import write_json
from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.identity.learning import learn_anew, use_version
from identity.comparisons import label_of
from identity.settings import MatchSettings, Subject
from identity.trials import Trial
from identity.weights import LARGE_CHANGE_BITS, Change
from storage.identity_weights import StoredWeights, weights_of

SubjectOption = Annotated[Subject, typer.Option("--subject", "-s", help="customer or premise.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for whoever asks later.")]
MOST_CHANGES = 12


def learn(
    why: WhyOption,
    subject: SubjectOption = "customer",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Learn anew how records of one subject agree; the next run uses it, and scores may change."""
    with opened(operator, workspace) as hub:
        settings = hub.operator.matching[subject]
        said = deciding(actor, why)
        learnt = learn_anew(hub, subject, said.at, said.actor, said.why)
    weights = learnt.stored.weights
    screen.print(
        f"{subject}: version {learnt.stored.version} is learnt from {weights.records:,} records and in use",
        highlight=False,
    )
    if learnt.before is not None:
        _show_changes(learnt.changes, learnt.before, settings)
    _show_trials(weights.trials, settings)


def weights(
    subject: Annotated[Subject | None, typer.Option("--subject", "-s", help="Only of this kind.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that was learnt.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List what was learnt, by subject the version in use first; every link says by which it was found."""
    with opened(operator, workspace) as hub:
        with hub.database.reading() as connection:
            found = weights_of(connection, subject)
        matching = hub.operator.matching
    if as_json:
        write_json([_facts(each, matching[each.subject]) for each in found])
        return
    table = Table(title="What was learnt", title_justify="left")
    for heading in ("of", "version", "learnt at (UTC)", "records", "by", "reason", ""):
        table.add_column(heading, justify="right" if heading in ("version", "records") else "left", overflow="fold")
    in_use: set[str] = set()
    for each in found:
        fits = each.weights.fits(matching[each.subject])
        mark = ("" if each.subject in in_use else "in use") if fits else "of other comparisons"
        in_use |= {each.subject} if fits else set()
        at, records = f"{each.learnt_at:%Y-%m-%d %H:%M}", f"{each.weights.records:,}"
        cells = (each.subject, str(each.version), at, records, each.actor, each.why, mark)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    screen.print(table if found else "nothing is learnt yet: `splice identity match` does so from enough records")
    for each in found[:1] if subject else []:
        _show_trials(each.weights.trials, matching[each.subject])


def use(
    version: Annotated[int, typer.Argument(help="Number of the version, as `splice identity weights` lists it.")],
    why: WhyOption,
    subject: SubjectOption = "customer",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a version into use that was learnt before; the next run uses it."""
    with opened(operator, workspace) as hub:
        said = deciding(actor, why)
        chosen = use_version(hub, subject, version, said.at, said.actor, said.why)
    screen.print(f"{subject}: version {chosen.version} is in use", highlight=False)


def _show_changes(changes: Sequence[Change], before: StoredWeights, settings: MatchSettings) -> None:
    large = [each for each in changes if abs(each.bits) >= LARGE_CHANGE_BITS]
    screen.print(
        f"  against version {before.version}: {len(large)} weights differ by {LARGE_CHANGE_BITS:g} bits or more",
        highlight=False,
    )
    for each in large[:MOST_CHANGES]:
        screen.print(
            f"    {_level(each, settings)}: {each.before:+.1f} before, {each.after:+.1f} now", highlight=False
        )


def _level(change: Change, settings: MatchSettings) -> str:
    if change.comparison not in settings.compare:
        return change.comparison
    return f"{change.comparison}, {label_of(settings.compare[change.comparison][change.level])}"


def _show_trials(trials: tuple[Trial, ...], settings: MatchSettings) -> None:
    for trial in trials:
        verdict = "; what it would join is asked about" if trial.is_refuted else ""
        screen.print(
            f"  {trial.route}: {trial.heard:,} links could be tried by {settings.witness}, "
            f"{trial.against:,} of them differ ({trial.wrong:.2%} more than usual){verdict}",
            highlight=False,
            soft_wrap=True,
        )


def _facts(each: StoredWeights, settings: MatchSettings) -> dict[str, Any]:
    weights = each.weights
    levels = {
        name: [
            {"level": label_of(level), "m": m, "u": u}
            for level, (m, u) in zip(settings.compare[name], shares, strict=True)
        ]
        for name, shares in weights.shares.items()
        if weights.fits(settings)
    }
    return {
        "subject": each.subject,
        "version": each.version,
        "learnt_at": each.learnt_at.isoformat(),
        "chosen_at": each.chosen_at.isoformat(),
        "actor": each.actor,
        "why": each.why,
        "records": weights.records,
        "settings_version": weights.settings_version,
        "fits": weights.fits(settings),
        "prior": weights.prior,
        "comparisons": levels,
        "trials": [
            {
                "route": trial.route,
                "heard": trial.heard,
                "against": trial.against,
                "usual": trial.usual,
                "untold": trial.untold,
                "is_refuted": trial.is_refuted,
            }
            for trial in weights.trials
        ],
    }
