"""A login that ends in the middle of a pull: the hub keeps what came, tells whom to ask, and goes on there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from canonical_model.billing import ChargeLine
from canonical_model.errors import ConfigurationError
from hub.sync import sync_stream
from hub.workplace import Hub
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.synchronisation import PULL
from storage.streams import stream_state
from tests.contract.connectors.rest_reading import as_json
from tests.fakes.one_stream_operator import hub_of, write_operator
from tests.fakes.scripted_http import Asked, Reply, scripted_server

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
KEY = "hush-hush-0815"
LINES = CANONICAL_TABLES[ChargeLine]


@dataclass
class Bills:
    """Forty lines in pages of five, for whoever shows the key; turns away after so many pages."""

    shuts_after: int | None = None
    given: int = 0
    positions: list[int] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        if query.get("key") != KEY or (self.shuts_after is not None and self.given >= self.shuts_after):
            return as_json({"error": f"{query.get('key')} has expired"}, 401)
        self.given += 1
        start = int(query.get("offset", 0))
        self.positions.append(start)
        rows = [
            {
                "id": f"L{number:02}",
                "account": f"A{number}",
                "code": "SLV",
                "amount": "54.99",
                "first_day": "2026-10-01",
                "changed": f"2026-11-01T01:{number:02}:00Z",
            }
            for number in range(start, min(start + 5, 40))
        ]
        return as_json({"data": rows, "total": 40, "next": f"?offset={start + 5}&key={KEY}" if start < 35 else None})


def versions(hub: Hub) -> tuple[int, int]:
    """How many lines are known, and how many versions of them were ever written."""
    with hub.database.reading() as connection:
        ids = func.count(func.distinct(LINES.c.landed_id))
        known, written = connection.execute(select(ids, func.count()).select_from(LINES)).one()
    return known, written


def test_a_key_that_expires_under_way_loses_no_page_doubles_none_and_is_written_down_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_operator(
        tmp_path / "operator",
        "rest",
        "v1/lines",
        system_options="{api_key_in: query, api_key_parameter: key, longest_wait_s: 0.1}",
        secrets="{api_key: env:BILLS_KEY}",
        options="{rows: data, paging: link, total: total, since_parameter: since}",
        cursor="changed",
    )
    bills = Bills(shuts_after=3)
    with (
        caplog.at_level("DEBUG"),
        scripted_server(bills) as server,
        hub_of(folder, tmp_path / "work", server.url, BILLS_KEY=KEY) as hub,
    ):
        with pytest.raises(ConfigurationError, match=r"^bills: get v1/lines: HTTP 401 .*page 4 of this pull"):
            sync_stream(hub, "bills", "bill-lines", NOW)
        assert versions(hub) == (15, 15)
        with hub.database.reading() as connection:
            resume = stream_state(connection, "bills", "bill-lines").resume or {}
            (message,) = connection.execute(select(PULL.c.message)).scalars()
        assert "high" not in resume
        assert "401" in message
        bills.shuts_after = None
        outcome = sync_stream(hub, "bills", "bill-lines", NOW)
        assert outcome.counts.read == 25
        assert versions(hub) == (40, 40)
        assert bills.positions == [*range(0, 40, 5)]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "work").rglob("*") if path.is_file())
    assert b"L39" in kept
    assert KEY.encode() not in kept
    assert KEY not in caplog.text
