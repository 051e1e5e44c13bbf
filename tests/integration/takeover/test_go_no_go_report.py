"""What persons decide a step by: one document, the same in PDF and Markdown, GO only where the gate says so today."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, RetryableError
from canonical_model.orders import ProductOrder
from connectors.commands import thawed
from flows.asked import MigrationRequest
from flows.migrate_market import answered, looked
from handoffs.cohort import Cohort
from handoffs.shadow.explanation import Explanation
from handoffs.stages import TakeoverStage
from handoffs.takeover import Position
from hub.decision import Decision
from hub.operator_folder.handoffs_file import shipped_policy
from hub.reports.go_no_go.content import sections, title_of
from hub.reports.go_no_go.files import write_go_no_go_files
from hub.reports.go_no_go.markdown import go_no_go_markdown
from hub.takeover.gate import judge_gate
from hub.takeover.go_no_go.document import GoNoGo
from hub.takeover.go_no_go.gathering import go_no_go
from hub.takeover.leading import look_on
from hub.takeover.moves import GateAnswer
from hub.takeover.powers import VerdictGate, people_of, sources_of
from hub.takeover.questions import answer, open_question
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub
from storage.effects import effects
from storage.frozen_jobs import FrozenJob, freeze
from storage.shadow_explanations import keep_explanation
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.command_line import CommandLine
from tests.fakes.reconciled_market import finding, reconciled
from tests.fakes.small_operator import MARKET
from tests.peers import require_peer

HANDOFF = "field_to_billing"
OFF = "{off: {owner: lee, reason: a test of the paper, until: 2099-01-01}}"
PLAN = f"""
markets:
  oldtown:
    approvers: [lee, kim]
    deputies: [ann]
    tell: [lee@operator.example]
    plan: {{field_to_billing: {{canary: [{{towns: [Riverbend], percent: 10}}, {{}}]}}}}
    gates:
      field_to_billing:
        observe: {{key_coverage: {OFF}, feed_age: {OFF}, feeds_whole: {OFF}, unmapped_revenue: {OFF}}}
"""


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.staff_by_mail()
    works.handoffs(PLAN)
    works.good(1)
    return works


def paper(hub: Hub, **later: float) -> GoNoGo:
    return go_no_go(hub, MARKET.id, HANDOFF, NOW + timedelta(**later))


def judged(hub: Hub) -> None:
    judge_gate(hub, MARKET.id, HANDOFF, NOW, sources_of(hub))


def told(path: Path) -> str:
    tool = require_peer("poppler")["pdftotext"]
    said = subprocess.run([tool, "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return " ".join(said.split())


def words(text: str) -> set[str]:
    return set(text.split())


def test_the_pdf_and_the_markdown_say_what_the_document_says(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub, finding("1", 1234), finding("2", -50))
        with hub.database.writing() as connection:
            until = NOW + timedelta(days=3)
            freeze(
                connection, FrozenJob(MARKET.id, "disconnection", "holm", "the wave", NOW - timedelta(days=9), NOW)
            )
            freeze(connection, FrozenJob(MARKET.id, "dunning", "holm", "the wave", NOW - timedelta(days=9), until))
            why = "legacy begins a day later"
            keep_explanation(
                connection, Explanation(MARKET.id, HANDOFF, "starts_on", "vance", why, until, "vance", NOW)
            )
        judged(hub)
        document = paper(hub)
        path = write_go_no_go_files(hub, document)
    said, text = told(path), path.with_suffix(".md").read_text(encoding="utf-8")

    assert document.recommendation == "NO-GO"
    assert text == go_no_go_markdown(document)
    assert title_of(document) in said
    for section in sections(document):
        assert section.title in said
        assert section.title in text
        for row in section.rows:
            for cell in row:
                assert words(cell) <= words(said), f"{section.title}: {cell}"
                assert cell.replace("|", "\\|") in text
    assert said.count("OVERDUE") == 1
    for fact in ("ALARM: 1 should run again by now", "$12.34", "legacy begins a day later", "from observe to shadow"):
        assert fact in text
    assert {"2 open, $12.84 without sign."} == {each.said for each in sections(document) if "Findings" in each.title}
    assert "holm" in said
    assert "roll back" in said


def test_the_same_ledger_gives_the_same_bytes(works: ActedWorks, tmp_path: Path) -> None:
    with works.hub() as hub:
        judged(hub)
        first = write_go_no_go_files(hub, paper(hub), tmp_path / "a.pdf")
        second = write_go_no_go_files(hub, paper(hub), tmp_path / "b.pdf")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(each.name for each in tmp_path.glob("[ab].*")) == ["a.md", "a.pdf", "b.md", "b.pdf"]


def test_two_processes_may_write_about_one_verdict_at_once(works: ActedWorks, tmp_path: Path) -> None:
    with works.hub() as hub:
        judged(hub)
        document = paper(hub)
    together, folder = Barrier(4), tmp_path / "papers"

    def write(_: int) -> bytes:
        together.wait()
        return write_go_no_go_files(hub, document, folder / "a.pdf").read_bytes()

    with ThreadPoolExecutor(4) as pool:
        written = set(pool.map(write, range(4)))
    assert len(written) == 1
    assert sorted(each.name for each in folder.iterdir()) == ["a.md", "a.pdf"]


def test_an_answer_that_is_longer_than_a_page_is_on_the_paper_whole(works: ActedWorks, tmp_path: Path) -> None:
    why = " ".join(f"reason{number}" for number in range(400))
    with works.hub() as hub:
        reconciled(hub)
        look = look_on(hub, MARKET.id, HANDOFF, NOW)
        assert look.question is not None, look.said
        decision = Decision("lee", NOW + timedelta(minutes=1), why)
        answer(hub, look.question.id, decision, people_of(hub, MARKET.id), VerdictGate(hub), approves=False)
        said = told(write_go_no_go_files(hub, paper(hub, hours=1), tmp_path / "long.pdf"))
    assert words(why) <= words(said)


def test_what_the_gate_could_not_show_is_not_known(works: ActedWorks) -> None:
    with works.hub() as hub:
        judged(hub)
        document = paper(hub)
    assert document.verdict.result == "inconclusive"
    assert document.recommendation == "NOT KNOWN"
    assert "the market was never reconciled" in " ".join(document.because)


def test_who_is_asked_gets_a_go_and_the_paper_with_it(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub)
        look = look_on(hub, MARKET.id, HANDOFF, NOW)
        assert look.question is not None, look.said
        assert look.report is not None
        said = told(look.report)
        watch_takeover(hub, MARKET.id, NOW)
        with hub.database.reading() as connection:
            mails = [thawed(each.write) for each in effects(connection) if each.command == "notify_staff"]
        (mail,) = [each for each in mails if "approve" in each.parts[0].values["title"]]
        papers = sorted(each.name for each in look.report.parent.glob("*go-no-go*.pdf"))
        decision = Decision("lee", NOW + timedelta(minutes=1), "not yet")
        answer(hub, look.question.id, decision, people_of(hub, MARKET.id), VerdictGate(hub), approves=False)
        stays = look_on(hub, MARKET.id, HANDOFF, NOW + timedelta(minutes=5))
        after = paper(hub, hours=1)
        later = paper(hub, hours=25)

    assert (stays.question, stays.report, "a person said so" in stays.said) == (None, None, True)
    left = sorted(each.name for each in look.report.parent.glob("*go-no-go*.pdf"))
    assert left == papers, "nobody is asked, and nothing is written"
    assert said.startswith("Go or no-go")
    assert words(
        "GO Everything that the gate asks for is shown; 4 of its criteria are not asked for, lee, kim"
    ) <= words(said)
    assert [each.target for each in mail.parts] == ["text/plain", "application/pdf"]
    assert [look.report.name, mail.parts[1].values["name"]] == papers, "a reminder is judged anew, with its own paper"
    assert "splice market report oldtown field_to_billing" in mail.parts[0].values["body"]
    assert [(each.state, each.answered_by, each.why) for each in after.ledger] == [("stayed", "lee", "not yet")]
    assert (after.recommendation, later.recommendation) == ("GO", "NOT KNOWN")
    assert "no verdict of today" in later.because[0]


def test_a_verdict_of_other_versions_says_nothing_of_now(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub)
        judged(hub)
        assert paper(hub).recommendation == "GO"
    works.journals.clear()
    works.handoffs(PLAN.replace("unmapped_revenue", "run_age"))
    with works.small.open() as hub:
        document = paper(hub)
    assert document.recommendation == "NOT KNOWN"
    assert document.because[0] == "The gate asks for something else than when it was judged."


def test_what_a_gate_asks_for_is_not_said_to_be_as_old_as_the_clock_once_it_was_changed(works: ActedWorks) -> None:
    """A change of what is asked for sets no clock, so that no clock tells when it was."""
    with works.hub() as hub:
        judge_gate(hub, MARKET.id, HANDOFF, NOW - timedelta(days=40), sources_of(hub))
        first = {each.name: each.since for each in paper(hub).parts}
    works.journals.clear()
    works.handoffs(PLAN.replace("unmapped_revenue", "run_age"))
    with works.small.open() as hub:
        judged(hub)
        changed = paper(hub)
    assert set(first.values()) == {NOW - timedelta(days=40)}
    assert {each.name: each.since for each in changed.parts} == first | {"policy": None}
    assert "not noted" in go_no_go_markdown(changed)


def test_it_is_written_at_the_command_line(works: ActedWorks, tmp_path: Path) -> None:
    at = NOW.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    with works.hub() as hub, pytest.raises(ConfigurationError, match="was never judged"):
        paper(hub)
    typed, written = CommandLine(works.small), tmp_path / "out" / "paper.pdf"
    assert typed.other("market", "gate", MARKET.id, HANDOFF, "--as-of", at).exit_code == 0
    shown = typed.other("market", "report", MARKET.id, HANDOFF, "--as-of", at, "--pdf", str(written))
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("NOT KNOWN: ")
    assert words("NOT KNOWN") <= words(told(written))
    refused = typed.other(
        "market", "report", MARKET.id, HANDOFF, "--as-of", at, "--pdf", str(written.with_suffix(".md"))
    )
    assert refused.exit_code != 0, "the Markdown would have taken its place"
    assert "has to end in .pdf" in str(refused.exception)
    assert written.with_suffix(".md").read_text(encoding="utf-8").startswith("# NOT KNOWN")


def test_a_look_that_cannot_be_written_is_taken_again_and_asks_once(works: ActedWorks) -> None:
    """The disk, or the database, is out of reach for a while: nothing is lost by that, and nobody is asked twice."""
    asked = MigrationRequest(market=MARKET.id, handoff=HANDOFF)
    works.handoffs(PLAN.replace("feed_age:", f"run_age: {OFF}, feed_age:"))
    with works.hub() as hub:
        reconciled(hub)
        hub.reports.mkdir(parents=True, exist_ok=True)
        in_the_way = hub.reports / MARKET.id
        in_the_way.write_text("no folder", encoding="utf-8")
        assert looked(hub, asked, waits_s=(0.0,)) is None
        in_the_way.unlink()
        first, again = looked(hub, asked, waits_s=()), looked(hub, asked, waits_s=())
    assert first is not None
    assert again is not None
    assert first.question is not None
    assert first.question == again.question
    assert first.report is not None
    assert first.report.is_file()


@dataclass
class GateOutOfReach:
    """The gate of a database that is out of reach for some tries."""

    hub: Hub
    tries: int

    def ask(
        self, connection: Connection, position: Position, target: TakeoverStage, cohort: Cohort, decision: Decision
    ) -> GateAnswer:
        self.tries -= 1
        if self.tries >= 0:
            raise RetryableError("the database is out of reach")
        return VerdictGate(self.hub).ask(connection, position, target, cohort, decision)


def test_an_approval_that_meets_a_database_out_of_reach_is_carried_out_later(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub)
        question = look_on(hub, MARKET.id, HANDOFF, NOW).question
        assert question is not None
        decision = Decision("lee", NOW + timedelta(minutes=1), "it is shown")
        gate = GateOutOfReach(hub, tries=3)
        assert answered(hub, question, decision, gate, approves=True, waits_s=(0.0,)) is None
        assert open_question(hub, MARKET.id, HANDOFF) == question, "it is not lost"
        assert answered(hub, question, decision, gate, approves=True, waits_s=(0.0,)) == ""
        assert paper(hub, minutes=2).position.stage == "shadow"


def test_nobody_is_asked_to_retire_legacy_while_orders_are_on_its_path(works: ActedWorks) -> None:
    criteria = [each.metric for each in shipped_policy().gate("", HANDOFF, "active").criteria]
    off = ", ".join(f"{metric}: {OFF}" for metric in criteria if metric != "frozen_overdue")
    works.handoffs(
        f"""
declared: {{oldtown: {{{HANDOFF}: active}}}}
markets:
  oldtown:
    approvers: [lee]
    plan: {{{HANDOFF}: {{canary: [{{percent: 10}}], until: legacy_retired}}}}
    gates: {{{HANDOFF}: {{active: {{{off}}}}}}}
"""
    )
    works.change(ProductOrder, works.order_of(1), state="inProgress")
    works.journals.clear()
    works.begun(HANDOFF, "91", "legacy")
    with works.hub() as hub:
        look = look_on(hub, MARKET.id, HANDOFF, NOW)
        document = paper(hub)
        nobody = open_question(hub, MARKET.id, HANDOFF)
    works.journals.clear()
    works.change(ProductOrder, works.order_of(1), state="completed")
    with works.hub(NOW + timedelta(seconds=1)) as hub:
        asked = look_on(hub, MARKET.id, HANDOFF, NOW + timedelta(minutes=1)).question

    said = "1 open orders are still on legacy's path (order/91): it retires when they are done"
    assert (look.said, look.question, nobody) == (f"stays in active: {said}", None, None)
    assert (document.verdict.result, document.recommendation, document.because[0]) == ("pass", "NO-GO", f"{said}.")
    assert asked is not None
    assert asked.stage == "legacy_retired"
