"""The page of links to reports, as it is served and as a proxy passes it on."""

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx

from console.report_site import report_site


def test_links_lead_to_files_wherever_the_page_is_put(tmp_path: Path) -> None:
    (tmp_path / "old town").mkdir()
    (tmp_path / "old town" / "june & july.html").write_text("found", encoding="utf-8")
    with report_site(tmp_path) as url, httpx.Client(trust_env=False) as client:
        (link,) = re.findall(r'href="([^"]+)"', client.get(url).text)
        assert client.get(urljoin(f"{url}/", link)).text == "found"
    assert urljoin("https://hub.example/reports/", link).startswith("https://hub.example/reports/old%20town/")
