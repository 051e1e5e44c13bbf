"""What people open after a run: how much changed, how much money, what next."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from canonical_model.errors import SpliceError
from canonical_model.money import Money
from flows.report_links import report_link
from hub.assessment import Assessment
from hub.effects.handling import DrainOutcome
from hub.identity.match import Matched
from hub.markdown_tables import plain
from hub.network_watch.watch import WatchOutcome
from hub.reconcile import MarketOutcome
from hub.reports.assess_page import headline
from hub.reports.cause_words import elsewhere_text, here_text, member_text
from hub.reports.cause_words import headline as headline_of_causes
from hub.reports.kpi_words import spread_text, value_text
from hub.reports.quality_page import STANDING_NAMES
from hub.reports.questions_page import QuestionFiles
from hub.reports.wording import counted, kind_words
from hub.stream_pull import StreamOutcome
from hub.stream_quality import StreamQuality, SystemQuality
from reconciliation.report import MarketReport

LONGEST_REASON = 600
MOST_CAUSES = 5
MOST_ROWS = 500
"""More rows make the page of an artifact slow; the report files and the quarantine hold all."""


def show_pulls(system: str, pulled: Sequence[StreamOutcome], failed: Mapping[str, SpliceError]) -> None:
    """What each stream brought, and why others did not.

    A cell of a table does not wrap its text, so that what stopped a stream and other remarks stand below it.
    """
    counts = [outcome.counts for outcome in pulled]
    told = [
        f"{sum(each.read for each in counts):,} read, {sum(each.changed for each in counts):,} new or changed",
        *([f"{aside:,} set aside"] if (aside := sum(each.rejected for each in counts)) else []),
        *([f"{counted(len(failed), 'stream')} failed"] if failed else []),
    ]
    lines = [
        f"* **{_plain(stream)}** {type(error).__name__}: {_plain(str(error))}" for stream, error in failed.items()
    ]
    lines += ["", "| stream | read | new or changed | unchanged | deleted | set aside |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for outcome, each in zip(pulled, counts, strict=True):
        numbers = (each.read, each.changed, each.unchanged, each.deleted, each.rejected)
        lines.append(" | ".join([_plain(outcome.stream), *(f"{number:,}" for number in numbers)]))
    lines.append("")
    lines += [
        f"* {_plain(outcome.stream)}: {_plain(remark)}" for outcome in pulled for remark in _remarks_of_pull(outcome)
    ]
    create_markdown_artifact(key=f"pull-{system}", markdown="\n".join(lines), description=", ".join(told))


def _remarks_of_pull(outcome: StreamOutcome) -> list[str]:
    recovered = f"{outcome.recovered:,} came out of quarantine, as what they waited for has come"
    return [*([recovered] if outcome.recovered else []), *outcome.warnings]


def show_set_aside(system: str, pulled: Sequence[StreamOutcome]) -> None:
    """A table of the records that were set aside, where there were any."""
    total = sum(outcome.counts.rejected for outcome in pulled)
    rows = [
        {"stream": outcome.stream, "record": record, "reason": reason}
        for outcome in pulled
        for record, reason in outcome.set_aside
    ]
    if rows:
        shown = "" if len(rows[:MOST_ROWS]) == total else f", the first {len(rows[:MOST_ROWS])} shown"
        create_table_artifact(
            key=f"quarantine-{system}",
            table=rows[:MOST_ROWS],
            description=f"{total} records set aside{shown}; `splice quarantine list {system}` lists all that are in",
        )


def show_quality(quality: SystemQuality, page: Path) -> None:
    """How each stream of a system stands, those that need a person first, why, and where their page is.

    The card in the list of artifacts shows the description, so that it says what is wrong. A cell of a table does not
    wrap its text, so that reasons stand below it.
    """
    needy = [stream for stream in quality.by_need if not stream.is_well]
    count = len(quality.streams)
    headline = f"{count - len(needy)} of {counted(count, 'stream')} well"
    named = ", ".join(f"{one.mapping.stream} {STANDING_NAMES[one.standing].lower()}" for one in needy)
    lines = [f"## {quality.system}: {headline}", ""]
    for stream in needy:
        head = f"* **{_plain(stream.mapping.stream)}** {STANDING_NAMES[stream.standing].lower()}"
        lines.append(f"{head}: {_plain(stream.why)}" if stream.why else head)
    lines += ["", "| stream | standing | read completely (UTC) | held back |", "| --- | --- | --- | ---: |"]
    lines += [" | ".join(_cells(stream)) for stream in quality.by_need]
    lines += ["", f"Checks, their history and the latest pulls: {report_link(page)}"]
    create_markdown_artifact(
        key=f"quality-{page.stem}",
        markdown="\n".join(lines),
        description=f"{headline}: {named}" if needy else headline,
    )


def show_market(outcome: MarketOutcome) -> None:
    """The money by direction and class, never netted, and where the reports are."""
    report = outcome.report
    key = report.market_id.replace("_", "-")
    create_table_artifact(
        key=f"summary-{key}",
        table=_summary(report),
        description=f"{report.market_name}, {report.period_from} to {report.period_to} (exclusive)",
    )
    lines = [
        f"# {report.market_name}: reports",
        *(f"* {report_link(path)}" for path in outcome.files.all),
        "",
        f"{len(report.findings)} findings, {len(report.not_judged)} not judged (reasons in the report).",
        *_in_common(report),
        "`splice explain FINGERPRINT` shows the arithmetic of one; its fingerprint stands in the report.",
    ]
    create_markdown_artifact(key=f"report-{key}", markdown="\n".join(lines), description="Reports for finance")


def show_incidents(market: str, outcome: WatchOutcome) -> None:
    """A table of what is wrong and what is done about it; none where nothing is, and every element speaks."""
    rows = [
        {
            "incident": each.id,
            "since": f"{each.opened_at:%Y-%m-%d %H:%M} UTC",
            "what is wrong": each.said,
            "what is done": f"crew: {each.effect_key}" if each.effect_key else each.action,
            "why not": outcome.not_sent.get(each.id, ""),
        }
        for each in outcome.incidents
    ]
    rows += [
        {"what is wrong": f"{element} has been silent since {at:%Y-%m-%d %H:%M} UTC"}
        for element, at in sorted(outcome.silent.items())
    ]
    if rows:
        create_table_artifact(
            key=f"incidents-{market.replace('_', '-')}",
            table=rows[:MOST_ROWS],
            description=f"{len(outcome.incidents)} incidents in {market}, {len(outcome.silent)} elements silent",
        )


def _in_common(report: MarketReport) -> list[str]:
    """What most of the money has in common, one line each; the report has all of it."""
    if report.causes is None:
        return []
    lines = ["", _plain(headline_of_causes(report.causes))]
    for group in [one for one in report.causes.groups if one.goes_with is None][:MOST_CAUSES]:
        money = ", ".join(
            f"{' '.join(kind_words((each.direction, each.exposure_class))).lower()}"
            f" {Money.from_minor(each.exposure_minor, report.currency)}"
            for each in group.money
        )
        told = f"{group.rule_id} at {here_text(group)}, elsewhere {elsewhere_text(group)}: {money}"
        lines.append(f"* **{_plain(member_text(group.kind, group.member))}** {_plain(told)}")
    return [*lines, ""]


def show_effects(outcome: DrainOutcome) -> None:
    """A table of the effects that need a person, and of the systems that were left alone; none where all is well."""
    rows = [
        {
            "effect": effect.id,
            "command": effect.command,
            "system": effect.system,
            "subject": effect.subject,
            "state": effect.state,
            "why": effect.reason,
        }
        for effect in outcome.need_a_person
    ]
    rows += [{"system": system, "state": "left alone", "why": said} for system, said in outcome.away.items()]
    if rows:
        create_table_artifact(
            key="outbox",
            table=rows[:MOST_ROWS],
            description="`splice outbox show NUMBER` tells all; `retry` or `discard` with --why decides",
        )


def show_matches(matched: Sequence[Matched], files: QuestionFiles) -> None:
    """A table of what matching came to, and where its questions are."""
    rows = [
        {
            "of": each.subject,
            "records": each.records,
            "links": each.counts.get("linked", 0),
            "questions": each.counts.get("review", 0),
            "kept apart": each.counts.get("apart", 0),
            "new": each.changes.new,
            "changed": each.changes.changed,
            "lapsed": each.changes.lapsed,
            "too many partners": len(each.crowded),
            "learnt version": each.weights.version if each.weights else None,
            "remarks": _remarks(each),
        }
        for each in matched
    ]
    create_table_artifact(key="identity-matches", table=rows, description="Which records are one")
    lines = [
        f"# {files.questions:,} questions",
        f"* {report_link(files.page)}: by pattern, with samples",
        f"* {report_link(files.workbook)}: to fill in, for `splice identity review import`",
        "",
        "`splice identity review patterns` lists them; every answer is kept with who gave it, and can be undone.",
    ]
    create_markdown_artifact(key="identity-review", markdown="\n".join(lines), description="What a person is asked")


def _remarks(matched: Matched) -> str:
    told = ["learnt by this run"] if matched.has_learnt else []
    if matched.shifted:
        told.append(f"not of the kind any more that was learnt from: {', '.join(sorted(matched.shifted))}")
    if matched.weights:
        told += [f"asked about, not joined: {route}" for route in sorted(matched.weights.weights.distrusted)]
    return "; ".join(told)


def show_assessment(market: str, assessment: Assessment, page: Path) -> None:
    """How the hand-offs of a market stand, one row each, and where the page is."""
    lines = [
        f"# {_plain(headline(assessment))}",
        "",
        "| hand-off | waits | median | 90 % |",
        "| --- | --- | ---: | ---: |",
    ]
    for part in assessment.handoffs:
        waiting = part.waiting
        told = (value_text(waiting), spread_text(waiting, waiting.whole.p90))
        lines.append(" | ".join((part.handoff.replace("_", " "), waiting.kpi.title, *told)))
    unknown = sum(bool(one.unknown) for one in assessment.kpis.results)
    lines += ["", *([f"{counted(unknown, 'figure')} unknown, each with its reason: "] if unknown else [])]
    lines.append(report_link(page))
    create_markdown_artifact(
        key=f"assessment-{market.replace('_', '-')}", markdown="\n".join(lines), description=headline(assessment)
    )


def _summary(report: MarketReport) -> list[dict[str, object]]:
    amounts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for finding in report.findings:
        amounts[finding.direction, finding.exposure_class].append(finding.exposure_minor)
    return [
        {
            "direction": direction.replace("_", " "),
            "class": exposure_class.replace("_", " "),
            "findings": len(exposures),
            "exposure": str(Money.from_minor(sum(exposures), report.currency)),
        }
        for (direction, exposure_class), exposures in sorted(amounts.items())
    ]


def _cells(stream: StreamQuality) -> list[str]:
    read = stream.state.last_success_at
    return [
        _plain(stream.mapping.stream),
        STANDING_NAMES[stream.standing],
        f"{read:%Y-%m-%d %H:%M}" if read else "never",
        f"{stream.held_back:,}" if stream.held_back else "–",
    ]


def _plain(text: str) -> str:
    """A text in Markdown of which nothing is a mark."""
    shown = text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
    return plain(shown)
