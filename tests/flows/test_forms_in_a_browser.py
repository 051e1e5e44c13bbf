"""What a person meets in the Prefect UI: a form with plain inputs, and an artifact that says what is wrong."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from server_api import Deploy, ServerApi, until
from ui_form import A_PERSONS_PAUSE_MS, submit

from canonical_model.errors import UnsafeToContinue
from flows.asked import SourceRequest
from flows.server import PrefectServer
from flows.sync_source import sync_source
from flows.work_pool import create_pools_and_limits
from hub.operator_folder.load import load_operator
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, small_books
from tests.fakes.lumen_valley import LumenValley

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]

PATIENCE_MS = 60_000


def test_the_form_of_the_outbox_asks_plainly_and_sends_only_what_was_filled_in(
    browser: Browser,
    server: PrefectServer,
    deploy: Deploy,
    api: ServerApi,
    operator: LumenValley,
    environment: Mapping[str, str],
    deployments_file: Path,
) -> None:
    create_pools_and_limits(load_operator(operator.folder).file)
    deploy(deployments_file, environment)
    deployment = api.deployment("drain-outbox")["id"]
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.ui_url}/deployments/deployment/{deployment}/run")
    expect(page.get_by_text("At most (Optional)")).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_text("Property is type").count() == 0
    page.locator("input[type=number]").first.fill("7")
    folder = page.locator("textarea").first
    for typed in ("elsewhere", ""):
        folder.fill(typed)
        folder.blur()
        page.wait_for_timeout(A_PERSONS_PAUSE_MS)
    asked = page.url
    submit(page, lambda patience: expect(page).not_to_have_url(asked, timeout=patience))
    of_deployment = {"deployment_id": {"any_": [deployment]}}

    def sent() -> list[object]:
        runs = api.post("/flow_runs/filter", flow_runs=of_deployment)
        return [run["parameters"] for run in runs if not run["auto_scheduled"]]

    assert until(sent, bool) == [{"request": {"most": 7}}]
    page.close()


def test_the_artifact_on_quality_says_what_is_wrong_where_a_person_looks_first(
    browser: Browser, server: PrefectServer, api: ServerApi, operator: LumenValley, tmp_path: Path
) -> None:
    rows = operator.running.books.field_service["work_orders"]
    known = rows[0]["state"]
    rows[0]["state"] = "vanished"
    try:
        sync_source(SourceRequest(system="fsm", as_of=operator.estate.as_of, workspace=tmp_path))
    finally:
        rows[0]["state"] = known
    artifact = api.artifacts_of(api.newest_run("sync_source")["id"])["quality-fsm"]
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.ui_url}/artifacts")
    # its completion is told as well, since it is of no known order now
    expect(page.get_by_text(re.compile(r"\d+ of 10 streams well: .*work-orders needs a look"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.goto(f"{server.ui_url}/artifacts/artifact/{artifact['id']}")
    reason = page.get_by_text("work-orders needs a look: 1 could not be mapped")
    expect(reason).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("cell", name="completions")).to_be_visible()
    assert is_seen_whole(reason)
    page.close()


def test_what_stopped_a_stream_is_read_without_scrolling(
    browser: Browser, server: PrefectServer, api: ServerApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_books(tmp_path) as books:
        for name, address in books.environment.items():
            monkeypatch.setenv(name, address)
        books.quality(ACCOUNT_IS_KNOWN.replace("among", "mostly: 0.5, among"))
        books.lines(L1=1, L2=2)
        with pytest.raises(UnsafeToContinue):
            sync_source(SourceRequest(system="bills", operator=books.folder, workspace=tmp_path / "w", as_of=NOW))
    artifact = api.artifacts_of(api.newest_run("sync_source")["id"])["pull-bills"]
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.ui_url}/artifacts/artifact/{artifact['id']}")
    reason = page.get_by_text("the pull fails its quality suite: 'the account is known' (2 of 2 rows)")
    expect(reason.first).to_be_visible(timeout=PATIENCE_MS)
    assert is_seen_whole(reason.first)
    page.close()


def is_seen_whole(text: Locator) -> bool:
    """Whether all of a text is within the window's width, and none of it behind the edge of what holds it."""
    box = text.bounding_box()
    fits = text.evaluate("one => one.scrollWidth <= one.clientWidth || getComputedStyle(one).display === 'inline'")
    return box is not None and box["x"] + box["width"] <= 1400 and bool(fits)
