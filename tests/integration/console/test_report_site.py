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


def test_reports_of_waves_stand_by_themselves_the_newest_first_and_are_shown_as_text(tmp_path: Path) -> None:
    (tmp_path / "mesa").mkdir()
    waves = (("W1-begin", 3), ("W2-begin", 5), ("W1-sign_off", 4))
    days = [f"acquisition-mesa-{wave}-2026-11-0{day}" for wave, day in waves]
    for name in (*(f"{day}.md" for day in days), f"{days[1]}.xlsx", "2026-11-05.html"):
        (tmp_path / "mesa" / name).write_text("# wave: größer", encoding="utf-8")
    with report_site(tmp_path) as url, httpx.Client(trust_env=False) as client:
        market, listed = client.get(url).text.split("<h3>Waves of the acquisition</h3>")
        assert re.findall(r'href="([^"]+)"', market) == ["mesa/2026-11-05.html"]
        links = re.findall(r'href="mesa/([^"]+)"', listed)
        assert links == [f"{days[1]}.xlsx", f"{days[1]}.md", f"{days[2]}.md", f"{days[0]}.md"]
        shown = client.get(f"{url}/mesa/{links[1]}")
    assert (shown.headers["content-type"], shown.text) == ("text/plain; charset=utf-8", "# wave: größer")
