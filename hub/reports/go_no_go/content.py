"""What the go/no-go report says, section by section: tables of plain texts that all its forms show alike; pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from handoffs.cohort import Cohort
from handoffs.comparison import SEVERITY
from handoffs.criteria_in_words import asked_for, sample_of
from handoffs.gates import GateLine
from handoffs.metrics import METRICS
from handoffs.questions import Question
from handoffs.rollback import GRAVITY, SIGNALS
from hub.reports.amounts import amount_text
from hub.takeover.go_no_go.document import AskedStep, GoNoGo, lines_in_order

RESULT_WORDS = {"pass": "shown", "fail": "FAILS", "inconclusive": "not shown", "off": "not asked for"}
MOST_ROWS = 40
_MOST_WORKS = 8
_CLASS_WORDS = {
    "match": "the same",
    "match_after_normalising": "the same, spelled alike",
    "explained": "explained by a person",
    "legacy_wrong": "legacy was wrong, proven",
    "hub_wrong": "the hub would have been wrong",
    "unknown": "nobody knows why",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Attributes:
        headings: of the columns.
        rows: as many cells as there are headings.
        widths: of the columns, as shares of the whole.
        said: beneath the title; what there is to say where no row is.
        marked: places of rows that a reader must not miss.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    said: str = ""
    marked: frozenset[int] = frozenset()


def title_of(document: GoNoGo) -> str:
    """What the report is about, in a line."""
    position = document.position
    return f"{document.market_name}: {_words(position.handoff)}, {step_words(document)}"


def step_words(document: GoNoGo) -> str:
    """The step that is decided about."""
    step, verdict = document.step, document.verdict
    if step is None:
        return f"from {_words(verdict.leaves)} to {_words(verdict.to)}"
    if step.kind == "widened":
        return f"a wider canary, for {step.cohort}"
    return f"from {_words(document.position.stage)} to {_words(step.stage)}{_cohort_words(step)}"


def sections(document: GoNoGo) -> list[Section]:
    """Every section, in the order in which people read."""
    return [
        _decided_about(document),
        _criteria(document),
        _cases(document),
        _differences(document),
        _explanations(document),
        _freezes(document),
        _rules(document),
        _versions(document),
        _people(document),
        _ledger(document),
    ]


def _decided_about(document: GoNoGo) -> Section:
    position, verdict, step = document.position, document.verdict, document.step
    rows = (
        ("Operator", document.operator),
        ("Market", f"{document.market_name} ({position.market})"),
        ("Hand-off", _words(position.handoff)),
        ("Stands in", f"{_words(position.stage)}{', STOPPED' if position.is_held else ''}, {_since(position.since)}"),
        ("The hub acts on", _cohort(position.cohort)),
        (
            "Open orders",
            f"{len(document.draining.hub)} on the hub's path, {len(document.draining.legacy)} on legacy's",
        ),
        ("Step", step_words(document)),
        ("It would take over", "what the gate was judged for" if step is None else _cohort(step.cohort)),
        ("The gate was judged for", str(verdict.cohort)),
        ("Verdict", f"number {document.verdict_id}, of {_moment(verdict.measured_at)}: {verdict.result}"),
        ("This report is of", _moment(document.as_of)),
    )
    return Section("What is decided about", ("", ""), rows, (22, 78))


def _criteria(document: GoNoGo) -> Section:
    lines = lines_in_order(document.verdict.lines)
    rows = []
    for line in lines:
        criterion = document.criteria.get(line.metric)
        asked = (
            "nothing any more"
            if criterion is None
            else "; ".join(filter(None, (asked_for(criterion), sample_of(criterion))))
        )
        known = METRICS.get(line.metric)  # a stored verdict may be of a version that asked for something else
        title = line.metric.replace("_", " ") if known is None else known.title
        rows.append((title, asked, line.said.removeprefix(f"{title}: ") + _works(line), RESULT_WORDS[line.result]))
    counted = [line for line in lines if line.result != "off"]
    shown = sum(line.result == "pass" for line in counted)
    left = len(lines) - len(counted)
    off = f", {left} are not asked for, and somebody answers for each" if left else ""
    return Section(
        "What the gate asks for",
        ("criterion", "bound and sample", "value, interval and why", "result"),
        tuple(rows),
        (17, 21, 49, 13),
        f"{shown} of {len(counted)} are shown{off}. What is not shown is not known, and never means go.",
        frozenset(place for place, line in enumerate(lines) if line.result == "fail"),
    )


def _works(line: GateLine) -> str:
    if not line.works or line.result == "pass":
        return ""
    return f" Works: {line.works_named(_MOST_WORKS)}."


def _cases(document: GoNoGo) -> Section:
    shown = document.cases[:MOST_ROWS]
    money = sum(abs(each.minor) for each in document.cases)
    said = f"{len(document.cases)} open, {amount_text(money, document.currency)} without sign."
    if len(document.cases) > len(shown):
        said += f" The {len(shown)} dearest are listed; `splice cases list` has all of them."
    return Section(
        "Findings that nobody has taken in hand",
        ("case", "rule", "state", "found", "money"),
        tuple(
            (each.number, each.rule, each.state, f"{each.since:%Y-%m-%d}", amount_text(each.minor, document.currency))
            for each in shown
        ),
        (20, 20, 20, 20, 20),
        said if document.cases else "None.",
    )


def _differences(document: GoNoGo) -> Section:
    tally = document.tally
    if tally is None:
        said = "Nothing was compared since the clock began."
        return Section("The hub beside legacy", ("comparisons", "number"), (), (60, 40), said)
    kinds = sorted(tally.counts, key=lambda kind: -SEVERITY[kind])
    rows = tuple((_CLASS_WORDS[kind], str(tally.counts[kind])) for kind in kinds if tally.counts[kind])
    said = (
        f"{tally.compared} compared, {tally.waiting} wait for legacy longer than usual, {tally.critical} would have"
        f" harmed somebody; {amount_text(tally.unexplained_minor, document.currency)} are unexplained."
    )
    return Section("The hub beside legacy", ("comparisons", "number"), rows, (60, 40), said)


def _explanations(document: GoNoGo) -> Section:
    rows = tuple(
        (each.field, each.owner, each.reason, f"{each.expires_at:%Y-%m-%d}", each.by)
        for each in document.explanations
    )
    said = "" if rows else "Nobody has explained a difference that counts now."
    return Section(
        "Differences that persons have explained",
        ("field", "owner", "why", "until", "by"),
        rows,
        (18, 18, 36, 14, 14),
        said,
    )


def _freezes(document: GoNoGo) -> Section:
    overdue = frozenset(place for place, job in enumerate(document.freezes) if job.is_overdue(document.as_of))
    rows = tuple(
        (
            job.name,
            job.owner,
            job.why,
            f"{job.paused_at:%Y-%m-%d}",
            f"{job.resume_by:%Y-%m-%d}",
            "OVERDUE" if place in overdue else "paused",
        )
        for place, job in enumerate(document.freezes)
    )
    said = f"ALARM: {len(overdue)} should run again by now." if overdue else "" if rows else "Nothing is paused."
    headings = ("job", "owner", "why", "paused", "runs again by", "state")
    return Section("Jobs that are paused for it", headings, rows, (20, 16, 28, 12, 12, 12), said, overdue)


def _rules(document: GoNoGo) -> Section:
    gravest = sorted(document.rules, key=lambda rule: (-GRAVITY[rule.does], rule.kind))
    rows = tuple(
        (
            SIGNALS[rule.kind].title,
            _words(rule.does),
            f"above {_plain(rule.above)} {SIGNALS[rule.kind].unit}" + (f" of {rule.sample}" if rule.sample else ""),
            "" if rule.off is None else f"off until {rule.off.until}: {rule.off.reason} ({rule.off.owner})",
        )
        for rule in gravest
    )
    said = "What is done by itself, and at once, when harm is seen."
    return Section(
        "What stands guard", ("harm", "is answered by", "trips", "not asked for"), rows, (24, 16, 28, 32), said
    )


def _versions(document: GoNoGo) -> Section:
    began = document.verdict.clock_since
    rows = tuple((part.name, part.fingerprint[:12], *_age(document, part.since)) for part in document.parts)
    said = f"The clock of the gate runs since {_moment(began)}: {document.days_since(began)} days."
    return Section("What it was judged under", ("part", "version", "since", "days"), rows, (34, 34, 18, 14), said)


def _age(document: GoNoGo, since: datetime | None) -> tuple[str, str]:
    return ("not noted", "") if since is None else (f"{since:%Y-%m-%d}", str(document.days_since(since)))


def _people(document: GoNoGo) -> Section:
    people = document.people
    rows = (
        ("Approvers", ", ".join(people.approvers) or "nobody: handoffs.yaml names none"),
        ("Deputies", ", ".join(people.deputies) or "none"),
        ("Asked now", ", ".join(people.asked_now) or "nobody: nothing is asked"),
    )
    return Section("Who decides", ("", ""), rows, (22, 78))


def _ledger(document: GoNoGo) -> Section:
    rows = tuple(_question(each) for each in document.ledger[:MOST_ROWS])
    headings = ("asked", "about", "state", "by", "at", "why")
    said = "" if rows else "Nobody was asked yet."
    return Section("What was asked, and answered", headings, rows, (19, 25, 9, 11, 19, 17), said)


def _question(question: Question) -> tuple[str, ...]:
    about = f"canary for {question.cohort}" if question.stage == "canary" else _words(question.stage)
    answered = "" if question.answered_at is None else _moment(question.answered_at)
    return (
        _moment(question.asked_at),
        f"{about} (verdict {question.verdict_id})",
        question.state,
        question.answered_by or "",
        answered,
        question.why,
    )


def _cohort(cohort: Cohort) -> str:
    return str(cohort) if cohort.share else "nothing"


def _cohort_words(step: AskedStep) -> str:
    return f", for {step.cohort}" if step.stage == "canary" else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _since(moment: datetime | None) -> str:
    return "declared in handoffs.yaml" if moment is None else f"since {_moment(moment)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
