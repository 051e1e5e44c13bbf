"""The page for the board: one page whatever happens, exact amounts, the same bytes, no letter that is another one."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hub.reports.amounts import amount_text
from hub.reports.board.content import ASKED, causes
from hub.reports.board.page import write_board_page
from hub.reports.board.paper import legible
from reconciliation.causes.groups import CommonCauses, Group
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, NotJudged
from reconciliation.report import MarketReport, RuleInReport
from reconciliation.run_history import PastRun, RuleTotal
from tests.peers import require_peer
from tests.unit.hub.market_reports import AS_OF, HOSTILE, finding, line, market_report


def written(report: MarketReport, folder: Path, name: str = "board.pdf") -> Path:
    path = folder / name
    write_board_page(report, path)
    return path


def told(path: Path, *options: str) -> str:
    tool = require_peer("poppler")["pdftotext"]
    return subprocess.run([tool, *options, str(path), "-"], check=True, capture_output=True, text=True).stdout


def pages(path: Path) -> int:
    tool = require_peer("poppler")["pdfinfo"]
    facts = subprocess.run([tool, str(path)], check=True, capture_output=True, text=True).stdout
    return int(next(row.split()[1] for row in facts.splitlines() if row.startswith("Pages")))


def with_groups(report: MarketReport, *members: tuple[str, str, tuple[str, ...]]) -> MarketReport:
    """The report with groups of kind, member and fingerprints."""
    groups = tuple(
        Group(kind, member, "RL-C03", 9, 40, 1, 600, Decimal("1E-9"), (), fingerprints)
        for kind, member, fingerprints in members
    )
    return replace(report, causes=CommonCauses(groups, looked_at=50))


def crowded() -> MarketReport:
    """Ninety rules with long titles in every direction and class, and sixty that could not judge."""
    items = [
        finding(f"RB-{number}", f"RL-X{number}", direction, name, [line(exposure=10**11 + number)])
        for number, (direction, name) in enumerate(
            (direction, name) for direction in DIRECTIONS for name in EXPOSURE_CLASSES for _ in range(4)
        )
    ]
    silent = {f"RL-Y{number}": "inconclusive" for number in range(60)}
    report = market_report(*items, outcomes=silent)
    rules = {
        name: replace(rule, title="A very long title that goes on and on " * 9, handoff="field_to_billing")
        for name, rule in report.rules.items()
    }
    kinds = sorted({(item.direction, item.exposure_class) for item in items})
    history = tuple(
        PastRun(
            number,
            AS_OF + number * timedelta(days=1),
            number,
            0,
            tuple(RuleTotal("RL-X1", "", *kind, 1, 0, 10**11 * number, 0) for kind in kinds),
            silent=("RL-Y1",) if number % 2 else (),
        )
        for number in range(1, 100)
    )
    aside = tuple(NotJudged("record", f"crm/Account/{number}", "joins nothing " * 40) for number in range(500))
    name = "A market with a name that is far too long for any page " * 4
    shared = tuple(("hub", f"Hub {place} " * 60, (one.fingerprint,)) for place, one in enumerate(report.findings))
    full = replace(report, rules=rules, history=history, not_judged=aside, market_name=name)
    return with_groups(full, *shared[:20])


@pytest.mark.parametrize(
    "report", [market_report(), market_report(finding()), crowded()], ids=["none", "one", "many"]
)
def test_it_is_one_page(report: MarketReport, tmp_path: Path) -> None:
    assert pages(written(report, tmp_path)) == 1


def test_the_same_report_gives_the_same_bytes_and_another_one_does_not(tmp_path: Path) -> None:
    first = written(crowded(), tmp_path).read_bytes()
    assert written(crowded(), tmp_path, "again.pdf").read_bytes() == first
    other = market_report(finding(lines=[line(exposure=2001)]))
    assert written(other, tmp_path).read_bytes() != written(market_report(finding()), tmp_path).read_bytes()


def test_every_amount_that_a_board_asks_for_is_exact(tmp_path: Path) -> None:
    minors = {kind: 9_007_199_254_740_993 + place for place, (_, kind) in enumerate(ASKED)}
    items = [finding("RB-1", "RL-X1", *kind, [line(exposure=minor, billed=0)]) for kind, minor in minors.items()]
    said = told(written(market_report(*items), tmp_path), "-layout")
    for minor in minors.values():
        assert amount_text(minor, "USD") in said


def test_what_could_not_be_judged_is_not_nothing(tmp_path: Path) -> None:
    blind = market_report(
        outcomes={"RL-B02": "inconclusive"}, compared=0, not_judged=(NotJudged("rule", "RL-B02", "stale"),)
    )
    said = told(written(blind, tmp_path))
    assert said.splitlines().count("unknown") == len(ASKED) + 1
    assert "$0.00" not in said.replace("$50,000.00", "")
    assert "1 rule: RL-B02" in said
    assert "not judged" in said


def test_causes_are_groups_where_there_are_any_and_each_finding_counts_once(tmp_path: Path) -> None:
    items = [finding(f"RB-{number}", lines=[line(exposure=1000 + number)]) for number in range(6)]
    names = [one.fingerprint for one in market_report(*items).findings]
    report = with_groups(
        market_report(*items),
        ("crew", "Crew 4", (names[0], names[1], names[2])),
        ("hub", "RB-H01", (names[2], names[3])),
        ("hub", "X" * 200, (names[4],)),
    )
    rows, more = causes(report)
    assert more == 0
    assert [(row.shared, row.findings, row.minor) for row in rows] == [
        ("Crew 4", 3, 3003),
        ("", 1, 1005),
        (f"Hub {'X' * 200}", 1, 1004),
        ("Hub RB-H01", 1, 1003),
    ]
    assert sum(row.minor for row in rows) == sum(one.exposure_minor for one in items)
    said = told(path := written(report, tmp_path), "-layout")
    assert pages(path) == 1
    assert "what findings have in common in bold" in said
    title = report.rules["RL-C03"].title
    assert f"Crew 4 {title}" in " ".join(said.split())


def test_names_beyond_latin_are_written_or_told_as_numbers(tmp_path: Path) -> None:
    report = market_report(finding(), market_name="Łódź Śródmieście 東京", operator="Διόνυσος Київ")
    said = told(written(report, tmp_path))
    assert "Łódź Śródmieście [U+6771][U+4EAC]" in said
    assert "Διόνυσος Київ" in said


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_another_system_breaks_it(text: str, tmp_path: Path) -> None:
    item = finding("RB-1", "RL-X1")
    rule = RuleInReport("RL-X1", text, text, text, "findings", text)
    report = market_report(item, rules={"RL-X1": rule}, market_name=text, operator=text)
    assert pages(written(report, tmp_path)) == 1


def test_letters_are_composed_and_controls_are_gone() -> None:
    assert legible("Lo\u0301dz\u0301\n\tx") == "Lódź x"
    assert legible("\u202egnp.exe") == "\ufffdgnp.exe"


def test_fonts_are_embedded_and_numbers_lead_to_their_definitions(tmp_path: Path) -> None:
    path = written(market_report(finding()), tmp_path)
    tool = require_peer("poppler")["pdffonts"]
    rows = subprocess.run([tool, str(path)], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert rows
    assert all("yes yes yes" in row for row in rows), rows
    raw = path.read_bytes()
    assert raw.count(b"/Subtype /Link") >= 10
    said = " ".join(told(path, "-layout").split())
    assert "Exposure to date." in said
