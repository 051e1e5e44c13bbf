"""One record that holds what no text may hold is set aside, with what stood there; the others arrive."""

import json
from datetime import UTC, datetime
from pathlib import Path

from hub.sync import sync_stream
from hub.workplace import open_hub
from storage.quarantine import quarantined
from tests.fakes.scripted_http import Reply, scripted_server
from tests.fakes.small_hub import MAPPING, SmallHub

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
ROWS = b"""{"data": [
  {"id": "1", "name": "Ann"}, {"id": "2", "name": "Pe\xf1a"}, {"id": "3", "name": "x", "name": "y"},
  {"id": "4", "name": "Bo"},
  {"id": "5", "name": "Cy"}, {"id": "6", "name": "Di"}
]}"""


def test_wrong_octets_and_double_names_cost_their_own_records_alone(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    reply = Reply(200, ROWS, {"Content-Type": "application/json; charset=utf-8"})
    with scripted_server(lambda _: reply) as server:
        operator = json.loads((small.folder / "operator.yaml").read_text())
        operator["systems"]["crm"] |= {"address": server.url, "options": {"login": "none"}}
        operator["limits"] |= {"rejected_percent": 50}
        (small.folder / "operator.yaml").write_text(json.dumps(operator))
        mapping = MAPPING.format(system="crm").replace("{id: text}", "{id: text, name: text}")
        (small.folder / "mappings" / "crm.yaml").write_text(mapping)
        with open_hub(small.folder, small.workspace, {}) as hub:
            outcome = sync_stream(hub, "crm", "all", NOW)
            with hub.database.reading() as connection:
                aside = quarantined(connection)
    assert (outcome.counts.read, outcome.counts.landed, outcome.counts.rejected) == (6, 6, 2)
    reasons = sorted(entry.reason for entry in aside)
    assert "is a list, where text is expected" in reasons[1]
    assert "half of a character" in reasons[0]
