"""What people open of an acquisition: its waves, and what every step of the wave at work came to."""

from prefect.artifacts import create_markdown_artifact, create_progress_artifact

from flows.artifact_keys import artifact_key
from flows.report_links import report_link
from handoffs.acquisition.waves import WaveQuestion
from hub.acquisition.leading import AcquisitionLook
from hub.acquisition.wave_report import STATE_WORDS, wave_markdown, write_wave_report
from hub.markdown_tables import plain
from hub.snapshots import market_of
from hub.workplace import Hub


def show_acquisition(hub: Hub, look: AcquisitionLook) -> None:
    """A bar of the steps that are shown, and the report of the wave; its workbook lies with the market's reports."""
    key = artifact_key("acquisition", look.market)
    if look.judged is None:
        create_markdown_artifact(key=key, markdown=look.said, description=look.said)
        return
    readiness = look.judged.readiness
    market = market_of(hub.operator, look.market)
    share = 100 * (len(readiness.steps) - len(readiness.lacking)) / len(readiness.steps)
    about = artifact_key("acquisition", "progress", look.market)
    create_progress_artifact(progress=share, key=about, description=look.said)
    files = write_wave_report(look.judged, market, hub.reports / look.market)
    text = wave_markdown(look.judged)
    links = f"Every account with its proof: {report_link(files.workbook)}; this text: {report_link(files.markdown)}"
    markdown = f"{text}\n{links}\n"
    create_markdown_artifact(key=key, markdown=markdown, description=look.said)


def asked_about_wave(question: WaveQuestion, look: AcquisitionLook, people: tuple[str, ...], fault: str) -> str:
    """What stands above the form, in Markdown."""
    what = "begin" if question.phase == "begin" else "be signed"
    lines = [f"### {plain(question.market)}: wave {plain(question.wave)}", f"Shall it {what}?"]
    if fault:
        lines.append(f"**Your last answer was not taken: {plain(fault)}**")
    if look.judged is not None:
        lines += [
            f"* {each.name.replace('_', ' ')} ({STATE_WORDS[each.state]}): {plain(each.said)}"
            for each in look.judged.readiness.steps
        ]
    lines += [
        f"Asked are: {', '.join(people) or 'nobody that acquisitions.yaml names'}.",
        "Nothing is decided until somebody approves; it is judged once more then. Nothing is written to any system.",
    ]
    return "\n\n".join(lines)
