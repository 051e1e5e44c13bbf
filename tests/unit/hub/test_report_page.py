"""The page needs nothing but itself, believes no text of another system, and hides nothing it leaves out."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings

import hub.reports.page
from hub.reports.amounts import amount_text
from hub.reports.page import SHOWN_EVIDENCE, SHOWN_FINDINGS, SHOWN_NOT_JUDGED, render_page
from hub.reports.tables import by_rule, totals
from reconciliation.findings import NotJudged
from reconciliation.report import MarketReport, RuleInReport
from tests.unit.hub.market_reports import HOSTILE, finding, line, market_report, reports, rule

LOADS = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping", "manifest", "xlink:href"}
STYLE = (Path(hub.reports.page.__file__).parent / "style.css").read_text(encoding="utf-8")


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def page(report: MarketReport) -> Page:
    return Page(render_page(report, "riverbend-2026-10.xlsx"))


def hostile_report() -> MarketReport:
    items = [
        finding(f"{text}{number}", rule_id=f"R{number}{text}", lines=[line(charge=text)], evidence=(text, *HOSTILE))
        for number, text in enumerate(HOSTILE)
    ]
    return market_report(
        *items,
        rules={
            item.rule_id: RuleInReport(item.rule_id, item.subject, item.subject, item.subject, item.subject)
            for item in items
        },
        not_judged=tuple(NotJudged("record", text, text) for text in HOSTILE),
        operator=HOSTILE[6],
        market_name=HOSTILE[7],
        versions=dict.fromkeys(HOSTILE, HOSTILE[6]),
    )


@pytest.mark.parametrize("report", [market_report(finding()), hostile_report()], ids=["plain", "hostile"])
def test_nothing_on_the_page_leads_outside(report: MarketReport) -> None:
    made = page(report)
    assert not [found for found in made.attributes if found[1] in LOADS]
    assert {value[:1] for tag, name, value in made.attributes if name == "href" and tag == "a"} <= {"#"}
    assert [value for tag, name, value in made.attributes if name == "href" and tag == "link"] == ["data:,"]
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_texts_of_other_systems_add_no_tag_attribute_or_script() -> None:
    made = page(hostile_report())
    assert made.tags.count("script") == 1
    assert "img" not in made.tags
    assert not [name for _, name, _ in made.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in made.text
    assert "{{ 7 * 7 }}" in made.text


def test_the_policy_forbids_everything_but_the_one_script_by_its_hash() -> None:
    html = render_page(market_report(finding()), "riverbend-2026-10.xlsx")
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == 1


@settings(max_examples=15, deadline=None)
@given(reports)
def test_every_total_and_nothing_netted_is_on_the_page(report: MarketReport) -> None:
    text = page(report).text
    for total in totals(report.findings):
        assert amount_text(total.exposure_minor, "USD") in text


def test_no_amount_on_the_page_adds_directions_or_classes() -> None:
    kinds = [
        ("under_billed", "lost"),
        ("under_billed", "recoverable"),
        ("under_billed", "deferred"),
        ("over_billed", "refund_due"),
        ("cost", "cost"),
        ("tax", "at_risk"),
    ]
    # Each kind has its own decimal digit, so that a sum over kinds shows more than one digit that is not 0.
    items = [
        finding("RB-1", "RL-X01", direction, name, [line(exposure=10**place, billed=0)])
        for place, (direction, name) in enumerate(kinds, start=3)
    ]
    amounts = re.findall(r"\$([\d,.]+)", page(market_report(*items, billed_minor=0)).text)
    digits = {amount.replace(",", "").replace(".", "").strip("0") for amount in amounts}
    axis = {"2", "5", "15", "25", ""}
    assert digits - axis == {"1"}


def test_ids_are_unique_and_links_to_findings_arrive() -> None:
    carrying = finding("RB-1", "RL-A01")
    explained = finding("RB-1", lines=[line(exposure=0)], explained_by=carrying.fingerprint)
    made = page(market_report(carrying, explained))
    assert len(made.ids) == len(set(made.ids))
    links = {value[1:] for _, name, value in made.attributes if name == "href" and value.startswith("#")}
    assert f"f-{carrying.fingerprint}" in links
    assert links <= set(made.ids)
    assert "Counts $0.00: the money is carried by RL-A01 on RB-1 ." in made.text


def test_a_finding_opens_into_its_months_and_evidence() -> None:
    item = finding(lines=[line("2026-09", 1806, "access", 6999), line("2026-10", 2000, "access", 6999)])
    text = page(market_report(item)).text
    assert "Sep 2026 access $88.05 $69.99 $18.06 $18.06" in text
    assert "Exposure to date $38.06" in text
    assert "fsm/completion/FC-1 billing/charge/CH-1" in text
    assert "1 Oct 2026 – 31 Oct 2026" in text


def test_what_the_page_leaves_out_is_counted_and_lies_in_the_workbook() -> None:
    items = [finding(f"RB-{number}", lines=[line(exposure=number)]) for number in range(SHOWN_FINDINGS + 7)]
    entry = NotJudged("record", "fsm/work_order/7", "Names no order.")
    made = page(market_report(*items, not_judged=(entry,) * (SHOWN_NOT_JUDGED + 1)))
    assert sum(name.startswith("f-") for name in made.ids) == SHOWN_FINDINGS
    assert (
        "The 500 largest of 507 findings, by rule. All of them are in the workbook riverbend-2026-10.xlsx."
        in made.text
    )
    assert "507 findings, 500 shown" in made.text
    assert "RB-506" in made.text
    assert "RB-6 " not in made.text
    assert "The first 200 of 201" in made.text


def test_evidence_that_is_left_out_is_counted() -> None:
    many = tuple(f"fsm/completion/{number}" for number in range(SHOWN_EVIDENCE + 5))
    assert "and 5 more in the workbook" in page(market_report(finding(evidence=many))).text


def test_a_market_in_which_nothing_was_found_says_how_much_was_compared() -> None:
    made = page(market_report(outcomes={"RL-A01": "clean"}))
    assert "Nothing found 1 rule judged, 1,200 rows of expected and billed charges compared." in made.text
    assert "Under-billed: no finding" in made.text


def test_a_market_that_was_not_judged_does_not_look_clean() -> None:
    made = page(market_report(outcomes={"RL-A01": "inconclusive", "RL-B04": "inconclusive"}))
    assert "Not judged: this is not a clean result" in made.text
    assert "Under-billed: unknown" in made.text
    assert "Identified leakage rate 0.00" not in made.text
    assert "Nothing found" not in made.text


def test_every_rule_is_listed_with_its_outcome() -> None:
    report = market_report(finding(), outcomes={"RL-B02": "inconclusive", "RL-B04": "clean", "RL-G01": "off"})
    text = page(report).text
    for row in by_rule(report):
        assert f"{row.rule.id} Title of {row.rule.id}" in text
    assert "Title of RL-B02 Inconclusive – unknown" in text
    assert "Title of RL-B04 Clean 0 –" in text


def test_the_page_says_what_it_was_computed_with_and_in_which_calendar() -> None:
    text = page(market_report(finding())).text
    assert "As of 2 Nov 2026, 06:00 , America/Chicago" in text
    assert "1 Aug 2026 – 31 Oct 2026" in text
    assert "Rules ab12" in text


def test_a_currency_without_decimals_is_written_without_decimals() -> None:
    item = finding(lines=[line(exposure=1234)], currency="JPY")
    assert "¥1,234 " in page(market_report(item, currency="JPY")).text


def test_the_same_report_gives_the_same_page() -> None:
    report = market_report(finding("RB-1"), finding("RB-2"), rules={"RL-C03": rule()})
    assert render_page(report, "a.xlsx") == render_page(report, "a.xlsx")


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours by WCAG 2.2, 1.4.3."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


LIGHT, DARK = STYLE.split("@media (prefers-color-scheme: dark)")


@pytest.mark.parametrize("sheet", [LIGHT, DARK.split("* {")[0]], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(sheet: str) -> None:
    colours = _colours(sheet.split("}", maxsplit=1)[0])
    pairs = [(text, ground) for text in ("ink", "quiet", "link") for ground in ("paper", "card", "track")]
    pairs += [
        ("good", "good-paper"),
        ("warn", "warn-paper"),
        ("warn", "found-paper"),
        ("warn", "paper"),
        ("off", "paper"),
    ]
    assert {
        pair: contrast(colours[pair[0]], colours[pair[1]])
        for pair in pairs
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    } == {}
    hues = re.findall(r"\.(\w+) \{ --s1: (#[0-9a-f]{6})", sheet)
    assert len(hues) == 4
    assert all(contrast(hue, colours["card"]) >= 4.5 for _, hue in hues)
