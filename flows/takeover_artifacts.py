"""What people open of a take-over: where a market stands, what a gate still lacks, what the guard has seen."""

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact

from flows.artifact_keys import artifact_key
from handoffs.comparison import UNEXPLAINED
from handoffs.questions import Question
from hub.takeover.guard import GuardOutcome
from hub.takeover.leading import Look
from hub.takeover.shadow.run import ShadowOutcome
from hub.takeover.standing import HandoffStanding
from hub.workplace import Hub
from storage.shadow_comparisons import comparisons_of

MOST_ROWS = 500
_WORDS = {"pass": "shown", "fail": "FAILS", "inconclusive": "not shown yet", "off": "not asked for"}


def show_look(look: Look) -> None:
    """A bar of how much of the gate is shown, and a table of what each criterion says."""
    about = look.position.market, look.position.handoff
    if look.verdict is None:
        create_markdown_artifact(key=artifact_key("gate", *about), markdown=look.said, description=look.said)
        return
    counted = [line for line in look.verdict.lines if line.result != "off"]
    shown = sum(line.result == "pass" for line in counted)
    share = 100 * shown / len(counted) if counted else 0.0
    create_progress_artifact(progress=share, key=artifact_key("gate", "progress", *about), description=look.said)
    rows = [
        {
            "criterion": line.metric.replace("_", " "),
            "is": _WORDS[line.result],
            "what was measured": line.said.partition(": ")[2],
            "works": line.works_named(5),
        }
        for line in look.verdict.lines
    ]
    create_table_artifact(key=artifact_key("gate", *about), table=rows[:MOST_ROWS], description=look.said)
    if look.report is not None:
        written = look.report.with_suffix(".md").read_text(encoding="utf-8")
        told = f"The same as PDF, for who has to sign it: `{look.report}`\n\n{written}"
        create_markdown_artifact(key=artifact_key("go", "no-go", *about), markdown=told, description=look.said)


def show_market(market: str, standing: list[HandoffStanding]) -> None:
    """A table of the four hand-offs."""
    rows = [
        {
            "hand-off": each.position.handoff.replace("_", " "),
            "stage": each.position.stage.replace("_", " ") + (", STOPPED" if each.position.is_held else ""),
            "the hub acts on": str(each.position.cohort) if each.position.cohort.share else "nothing",
            "since": "" if each.position.since is None else f"{each.position.since:%Y-%m-%d %H:%M} UTC",
            "open: hub": len(each.draining.hub),
            "open: legacy": len(each.draining.legacy),
            "foreign writes": len(each.foreign),
            "last": each.position.why,
        }
        for each in standing
    ]
    create_table_artifact(
        key=artifact_key("market", market), table=rows, description=f"The four hand-offs of {market}"
    )


def show_shadow(hub: Hub, outcome: ShadowOutcome) -> None:
    """A table for each hand-off of what differs and nobody has explained; none where nothing does."""
    for handoff in outcome.handoffs:
        with hub.database.reading() as connection:
            found = comparisons_of(connection, outcome.market, handoff, kinds=UNEXPLAINED, most=MOST_ROWS)
        rows = [
            {
                "work": each.work,
                "field": difference.field,
                "is": difference.kind.replace("_", " "),
                "the hub": str(difference.intent),
                "legacy": str(difference.observed),
                "would have harmed": "yes" if each.critical else "",
            }
            for each in found
            for difference in each.differences
        ]
        if rows:
            create_table_artifact(
                key=artifact_key("differences", outcome.market, handoff),
                table=rows[:MOST_ROWS],
                description=f"{outcome.market} {handoff.replace('_', ' ')}: {len(found)} works differ",
            )


def show_guard(outcome: GuardOutcome) -> None:
    """A table of the harm that was seen; none where there is none."""
    rows = [
        {
            "hand-off": trip.signal.handoff.replace("_", " "),
            "what": trip.said,
            "works": ", ".join(trip.signal.works[:10]),
            "rule": trip.rule.does.replace("_", " "),
            "done": outcome.done.get(trip.signal.handoff, "people were told"),
        }
        for trip in outcome.trips
    ]
    if rows:
        create_table_artifact(
            key=artifact_key("harm", outcome.market),
            table=rows[:MOST_ROWS],
            description=f"Harm seen in {outcome.market}",
        )


def asked_in_words(question: Question, look: Look, people: tuple[str, ...], fault: str) -> str:
    """What stands above the form, in Markdown."""
    what = (
        f"take over **{question.cohort}** as a canary"
        if question.stage == "canary"
        else f"go to **{question.stage}**"
    )
    lines = [f"### {question.market}: {question.handoff.replace('_', ' ')}", f"Shall it {what}?"]
    if fault:
        lines.append(f"**Your last answer was not taken: {fault}**")
    if look.verdict is not None:
        lines += [f"* {line.said}" for line in look.verdict.lines if line.result == "pass"]
    if look.report is not None:
        lines.append(f"All that it rests on: `{look.report}`")
    ours, theirs = len(look.draining.hub), len(look.draining.legacy)
    lines += [
        f"Open now: {ours} orders on the hub's path, {theirs} on legacy's; each ends where it began.",
        f"Asked are: {', '.join(people) or 'nobody that handoffs.yaml names'}.",
        "Nothing moves until somebody approves. It can be given back at once, at any time.",
    ]
    return "\n\n".join(lines)
