"""The history of a service as Markdown, for a run's artifact."""

from hub.markdown_tables import plain
from hub.service_history.entry import ServiceHistory, when_text

MOST_ENTRIES = 300
"""Of the latest; more make the page of an artifact slow."""


def history_markdown(history: ServiceHistory) -> str:
    """How the service stands, and what happened, oldest first."""
    subject = history.subject
    shown = history.entries[-MOST_ENTRIES:]
    left_out = len(history.entries) - len(shown)
    rows = [(when_text(each.at, history.zone), each.system, each.said, each.proof) for each in shown]
    lines = [f"## Account {plain(subject.account_number)} of {plain(subject.market)}", ""]
    lines += [f"* {plain(sentence)}" for sentence in history.stands]
    lines += [
        "",
        f"In the time of {history.zone.key}" + (f"; {left_out} older entries are left out" if left_out else ""),
    ]
    lines += ["", "| when | who says so | what happened | proof |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(map(plain, row))} |" for row in rows]
    return "\n".join(lines) + "\n"
