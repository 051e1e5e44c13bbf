"""Draw the page for the board: what was lost, what is owed, where, since when, and what nobody could judge."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from handoffs.stages import HANDOFFS
from hub.reports.amounts import amount_text
from hub.reports.board import content
from hub.reports.board.paper import BOLD, HEAD, MARGIN, QUIET, WARN, WIDTH, Paper, Word, legible
from hub.reports.run_charts import RunChart, run_charts
from hub.reports.tables import last_judged_day, leakage
from hub.reports.verdict import verdict
from hub.reports.wording import counted, slug
from reconciliation.report import MarketReport

_ROOM = WIDTH - 2 * MARGIN
_TONES = {"under_billed": "#0B4F5C", "over_billed": "#8B3A6A", "cost": "#96590E", "tax": "#47549C", "": "#0B5F6D"}
_MOST_CHARTS = 3


def write_board_page(report: MarketReport, path: Path) -> None:
    """Write the page of a report for the board as PDF: always exactly one page, the same bytes for the same report.

    Raises:
        OSError: the disk takes no more.
    """
    title = f"{report.market_name}: revenue leakage to {_day(last_judged_day(report))}"
    paper = Paper(path, title, report.operator)
    y = _head(paper, report)
    y = _amounts(paper, report, y)
    y = _handoffs(paper, report, y)
    y = _trend(paper, report, y)
    y = _causes(paper, report, y)
    y = _not_judged(paper, report, y)
    _notes(paper, y)
    paper.save()


def _head(paper: Paper, report: MarketReport) -> int:
    moment = report.as_of.astimezone(ZoneInfo(report.zone))
    leak, said = leakage(report), verdict(report)
    paper.text(MARGIN, 46, Word(f"Revenue leakage · {report.operator}", color=QUIET), 330)
    size = 20 if len(legible(report.market_name)) <= 24 else 13
    paper.text(MARGIN, 68, Word(report.market_name, BOLD, size, HEAD), 310)
    period = f"{_day(report.period_from)} – {_day(last_judged_day(report))}"
    told = f"{period}; as of {_day(moment.date())}, {moment:%H:%M}; all amounts in {report.currency}, without tax"
    paper.text(MARGIN, 82, Word(told, color=QUIET), _ROOM)
    facts = [("Billed in the period", amount_text(report.billed_minor, report.currency), "")]
    if leak.rate is not None and said.standing != "blind":
        facts.append(("Identified leakage rate", f"{leak.rate * 100:.2f} %", "identified-leakage-rate"))
    for place, (name, value, link) in enumerate(facts):
        x = WIDTH - MARGIN - place * 110
        paper.text(x, 46, Word(name, size=7, color=QUIET), 104, "right")
        paper.shrunk(x, 64, Word(value, BOLD, 13, link=link), 104, 6, "right")
    paper.box(MARGIN, 90, _ROOM, 30, "#EEF4F5" if said.standing == "findings" else "#FDF5E6")
    headline = Word(said.headline, BOLD, 10, WARN if said.standing == "blind" else HEAD)
    paper.text(MARGIN + 8, 103, headline, _ROOM - 16)
    paper.text(MARGIN + 8, 115, Word(said.sentence, size=7, color=QUIET), _ROOM - 16)
    return 140


def _amounts(paper: Paper, report: MarketReport, y: int) -> int:
    aside = "each amount stands alone, nothing is netted"
    _title(paper, y, "What was found", "Exposure to date", aside, "Never netted")
    shown = content.amounts(report)
    width, y = _ROOM // 4, y + 16
    for place, amount in enumerate(shown):
        x, top = MARGIN + place % 4 * width, y + place // 4 * 46
        note = f" {content.note_of(amount.note)}"
        color = _TONES[amount.kind.direction]
        taken = paper.text(x, top, Word(amount.title, BOLD, 8, color), width - 20)
        paper.text(x + taken, top - 2, Word(note, size=5, color=QUIET, link=slug(amount.note)))
        value = "unknown" if amount.minor is None else amount_text(amount.minor, report.currency)
        paper.shrunk(x, top + 16, Word(value, BOLD, 14, link=slug(amount.note)), width - 8, 5)
        found = counted(amount.findings, "finding")
        rate = amount_text(amount.run_rate_minor, report.currency)
        told = f"{found}; {rate} a month" if amount.run_rate_minor else found
        paper.text(x, top + 27, Word("" if amount.minor is None else told, size=7, color=QUIET), width - 8)
    besides = content.besides(report)
    y += 46 * -(-len(shown) // 4)
    if besides:
        paper.listed(MARGIN, y - 6, "Besides: ", besides, Word("", size=7, color=QUIET), _ROOM)
    return y + 14


def _handoffs(paper: Paper, report: MarketReport, y: int) -> int:
    kinds, rows, more = content.handoffs(report, HANDOFFS)
    aside = f"and {counted(more, 'kind')} more in the workbook" if more else ""
    _title(paper, y, "By hand-off", "Exposure to date", aside)
    width = 76
    for place, kind in enumerate(kinds):
        x = WIDTH - MARGIN - (len(kinds) - 1 - place) * width
        for line, words in enumerate(content.kind_title(kind)):
            paper.text(x, y + 12 + 8 * line, Word(words, size=6, color=QUIET), width - 6, "right")
    y += 26
    paper.rule(y)
    for row in rows:
        y += 11
        paper.text(MARGIN, y, Word(row.name), 150)
        for place, minor in enumerate(row.minors):
            x = WIDTH - MARGIN - (len(kinds) - 1 - place) * width
            word = Word("not judged", color=WARN) if minor is None else Word(amount_text(minor, report.currency))
            paper.shrunk(x, y, word if minor != 0 else Word("–", color=QUIET), width - 6, 4, "right")
        if not kinds:
            paper.text(MARGIN + 160, y, Word("–", color=QUIET) if row.is_judged else Word("not judged", color=WARN))
    return y + 20


def _trend(paper: Paper, report: MarketReport, y: int) -> int:
    charts = run_charts(report.history, report.currency, report.zone)[:_MOST_CHARTS]
    silent = sum(bool(run.silent) for run in report.history)
    aside = f"a ring is a run in which rules could not judge: {silent} of {len(report.history)}" if silent else ""
    _title(paper, y, "Over runs", "Exposure to date", aside if charts else "", "Inconclusive")
    if not charts:
        said = "One run so far" if report.history else "No run is kept"
        paper.text(MARGIN, y + 14, Word(f"{said}: a line needs two.", color=QUIET))
        return y + 32
    for place, chart in enumerate(charts):
        _chart(paper, chart, MARGIN + place * (_ROOM // _MOST_CHARTS), y + 6)
    return y + 118


def _chart(paper: Paper, chart: RunChart, left: int, top: int) -> None:
    """Half as large as on the page."""
    color = _TONES[chart.tone]
    at = left + paper.text(left, top + 8, Word(chart.title, BOLD, 7, color), 60) + 6
    for place, line in enumerate(chart.lines):
        if line.name:
            named = Word(line.name.replace("_", " "), size=6, color=_lighter(color, place))
            at += paper.text(at, top + 8, named, left + 168 - at) + 4
    for height, words in chart.ticks:
        paper.rule(top + 12 + height // 2, left + chart.left // 2, left + chart.width // 2)
        paper.text(left + chart.left // 2 - 3, top + 14 + height // 2, Word(words, size=5, color=QUIET), 40, "right")
    for place, line in enumerate(chart.lines):
        tone = _lighter(color, place)
        for stroke in line.strokes:
            corners = [tuple(map(int, corner.split(","))) for corner in stroke.split(" ")]
            paper.stroke([(left + x // 2, top + 12 + h // 2) for x, h in corners], tone)
        for point in line.points:
            paper.dot(left + point.x // 2, top + 12 + point.y // 2, tone, point.is_partial)
    for x, words, anchor in chart.labels:
        align = "left" if anchor == "start" else "right"
        paper.text(left + x // 2, top + 12 + chart.base // 2 + 9, Word(words, size=5, color=QUIET), 60, align)


def _causes(paper: Paper, report: MarketReport, y: int) -> int:
    rows, more = content.causes(report)
    aside = f"and {counted(more, 'cause')} more in the workbook" if more else ""
    if any(row.shared for row in rows):
        aside = f"what findings have in common in bold, all others by rule; {aside}".removesuffix("; ")
    _title(paper, y, "Top causes", "Common cause", aside)
    if not rows:
        paper.text(MARGIN, y + 14, Word("No finding carries money.", color=QUIET))
        return y + 32
    y += 4
    for row in rows:
        y += 11
        direction, name = content.kind_title(row.kind)
        paper.text(MARGIN, y, Word(row.rule_id, size=7, color=QUIET), 62)
        taken = paper.text(MARGIN + 66, y, Word(row.shared, BOLD), 120) + 5 if row.shared else 0
        paper.text(MARGIN + 66 + taken, y, Word(row.title), 240 - taken)
        paper.text(MARGIN + 312, y, Word(f"{direction}, {name}", size=7, color=_TONES[row.kind.direction]), 112)
        paper.text(MARGIN + 428, y, Word(f"× {row.findings:,}", size=7, color=QUIET), 32)
        paper.shrunk(WIDTH - MARGIN, y, Word(amount_text(row.minor, report.currency), BOLD), 70, 4, "right")
    return y + 20


def _not_judged(paper: Paper, report: MarketReport, y: int) -> int:
    counts, rules = content.not_judged(report)
    _title(paper, y, "Could not be judged", "Inconclusive", "neither clean nor a finding")
    if not counts and not rules:
        paper.text(MARGIN, y + 13, Word("Everything that was looked at could be judged.", color=QUIET), _ROOM)
    paper.text(MARGIN, y + 13, Word(rules or counts, color=WARN), _ROOM)
    if rules:
        paper.text(MARGIN, y + 24, Word(counts, color=WARN), _ROOM)
    return y + 40


def _notes(paper: Paper, y: int) -> None:
    paper.rule(y - 8)
    half = (_ROOM - 16) // 2
    notes = content.notes()
    split = -(-len(notes) // 2)
    for column in (notes[:split], notes[split:]):
        x = MARGIN if column == notes[:split] else MARGIN + half + 16
        at = y
        for number, name, word, meaning in column:
            paper.definition(name, at - 8)
            said = [Word(f"{number} {word}.", BOLD, 6), Word(meaning, size=6, color=QUIET)]
            at = paper.paragraph(x, at, said, half, lines=3, leading=7)


def _title(paper: Paper, y: int, words: str, note: str, aside: str = "", aside_note: str = "") -> None:
    taken = paper.text(MARGIN, y, Word(words, BOLD, 10, HEAD, slug(note)))
    taken += paper.text(MARGIN + taken + 1, y - 3, Word(str(content.note_of(note)), size=5, color=QUIET))
    if aside:
        x = MARGIN + taken + 8
        paper.text(x, y, Word(aside, size=7, color=QUIET, link=slug(aside_note or note)), _ROOM - taken - 8)


def _lighter(color: str, place: int) -> str:
    """The shade of a further line of the same hue."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{part + (255 - part) * min(place, 3) // 4:02X}" for part in parts)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
