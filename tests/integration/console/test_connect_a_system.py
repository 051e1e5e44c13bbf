"""The page on connecting a system, followed to the letter: three foreign systems, drafts, trials, deletions."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner

from canonical_model.entities import ENTITIES
from canonical_model.errors import ConfigurationError
from console.main import app
from hub.workplace import open_hub
from simulated_estate.books import Row
from simulated_estate.faults.point import FaultPoint
from simulated_estate.servers.http_thread import HttpThread
from simulated_estate.servers.salesforce.org import SalesforceOrg
from simulated_estate.servers.salesforce.sessions import OrgCredentials
from storage.extract import entity_batches
from tests.postgresql import PostgresServer

PAGE = (Path(__file__).parents[3] / "docs/how-to/connect-a-system.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>yaml|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<name>[\w/.-]+\.yaml)\n")
MOST_LINES = 60

LEDGER = """
CREATE TABLE inv_hdr (
    co_cd varchar(2), inv_no varchar(12), cust_acct varchar(10) NOT NULL, per_start date NOT NULL,
    per_end date NOT NULL, inv_dt date NOT NULL, inv_sts char(1) NOT NULL, tot_amt numeric(10, 2) NOT NULL,
    ccy char(3) NOT NULL, upd_ts timestamp NOT NULL, del_flag char(1), PRIMARY KEY (co_cd, inv_no));
CREATE TABLE inv_dtl (
    co_cd varchar(2), inv_no varchar(12), line_seq integer, chg_cd varchar(8) NOT NULL, svc_ref varchar(12),
    unit_rate numeric(10, 2) NOT NULL, net_amt numeric(10, 2) NOT NULL, svc_from date NOT NULL, svc_to date NOT NULL,
    PRIMARY KEY (co_cd, inv_no, line_seq), FOREIGN KEY (co_cd, inv_no) REFERENCES inv_hdr);
INSERT INTO inv_hdr SELECT '0' || c, 'I' || n, lpad((4000 + n)::text, 8, '0'), '2026-09-01', '2026-09-30',
    '2026-10-01', (array['I', 'P', 'H'])[1 + n % 3], 70.00, 'USD', '2026-10-01 04:00', NULL
    FROM generate_series(1, 2) c, generate_series(1, 60) n;
INSERT INTO inv_dtl SELECT co_cd, inv_no, line, (array['SLV', 'RTR'])[line], 'S' || inv_no, 35.00, 35.00, per_start,
    per_end FROM inv_hdr, generate_series(1, 2) line;
"""
DELETED_IN_LEDGER = "UPDATE inv_hdr SET del_flag = 'Y', upd_ts = '2026-10-02 04:00' WHERE inv_no = 'I7'"
STAMP = datetime(2026, 10, 1, 9, tzinfo=UTC)


def org_rows() -> dict[str, list[Row]]:
    """An org with objects that its users made: jobs, and the visits of each."""
    jobs: list[Row] = []
    visits: list[Row] = []
    for number in range(1, 31):
        job: Row = {
            "Id": f"a0J5f00000{number:05}AAA",
            "SystemModstamp": STAMP,
            "IsDeleted": False,
            "Region__c": "NE" if number % 2 else "SW",
            "Job_No__c": f"J-{(number + 1) // 2:04}",
            "Sales_Order__c": f"SO-{7000 + number}",
            "Kind__c": "Install",
            "Stage_Label__c": "All done!" if number % 3 else "Stuck",
            "Stage_Category__c": "DONE" if number % 3 else "STOP",
            "Booked_For__c": STAMP - timedelta(days=3),
        }
        jobs.append(job)
        visits += [
            {
                "Id": f"a0V5f0000{number:04}{visit:02}AAA",
                "SystemModstamp": STAMP,
                "IsDeleted": False,
                "Fiber_Job__c": job["Id"],
                "Visit_No__c": visit,
                "Arrived_At__c": STAMP - timedelta(days=2, hours=visit),
                "Left_At__c": STAMP - timedelta(days=2, hours=visit - 1),
                "Result__c": "OK" if number % 3 else "CLOSED",
            }
            for visit in range(1, 1 + number % 2 + 1)
        ]
    return {"Fiber_Job__c": jobs, "Fiber_Job_Visit__c": visits}


def night(folder: Path, day: int, voided: int = 0) -> None:
    rows = ["firm;job;finished;plan;who;boxes;void"]
    for number in range(1, 41):
        firm, hour = ("Käse & Co", 14) if number <= 20 else ("Nord", 15)
        boxes = f'"[{{""sn"": ""CXNK{number:08X}"", ""what"": ""O"", ""ours"": true}}]"'
        finished = f"{day:02}.10.2026 {hour}:{number:02}"
        rows.append(f"{firm};{(number - 1) % 20:03};{finished};F500;Zoë;{boxes};{int(number == voided)}")
    (folder / f"done-202610{day:02}.csv").write_text("\n".join(rows) + "\n", encoding="cp1252")


class Reader:
    """Somebody who follows the page."""

    def __init__(self, folder: Path, workspace: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment | {"SPLICE_OPERATOR": str(folder), "SPLICE_WORKSPACE": str(workspace)}
        self.workspace = workspace
        self.output: dict[str, str] = {}

    def run(self, command: str) -> Result:
        return CliRunner().invoke(app, shlex.split(command)[1:], env=self.environment)

    def said(self, command: str) -> str:
        told = self.run(command)
        assert told.exit_code == 0, (command, told.output, told.exception)
        return told.output

    def follow(self, page: str) -> None:
        """Write each file and type each command that the page shows, in its order."""
        for block in BLOCK.finditer(page):
            name = FILE.match(block["text"])
            if block["kind"] == "yaml" and name:
                file = self.folder / name["name"]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block["text"], encoding="utf-8")
            elif block["kind"] == "console":
                for line in block["text"].splitlines():
                    command = line.removeprefix("$ ")
                    self.output[command] = self.said(command)

    def held(self, entity: str) -> list[dict[str, Any]]:
        """What the hub knows now of an entity."""
        with open_hub(self.folder, self.workspace, self.environment) as hub, hub.database.reading() as connection:
            batches = entity_batches(connection, ENTITIES[entity])
            return [row for batch in batches for row in batch.to_pylist()]


@pytest.fixture
def ledger(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create_database()
    with psycopg.connect(postgres.url(name)) as owner:
        owner.execute(LEDGER)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def org() -> Iterator[tuple[str, dict[str, list[Row]]]]:
    rows = org_rows()
    users = OrgCredentials("key", "org-secret", "hub@small.example", "x", "y")

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await made.application(scope, receive, send)

    server = HttpThread("org", application)
    address = f"http://127.0.0.1:{server.port}"
    made = SalesforceOrg(rows, users, FaultPoint("crm"), address)
    server.start()
    yield address, rows
    server.stop()


@pytest.fixture
def reader(tmp_path: Path, ledger: str, org: tuple[str, dict[str, list[Row]]]) -> Reader:
    drop = tmp_path / "drop"
    drop.mkdir()
    night(drop, 3)
    environment = {
        "LEDGER_ADDRESS": ledger,
        "LEDGER_PASSWORD": "nobody asks",
        "CRM_ADDRESS": org[0],
        "CRM_CLIENT_ID": "key",
        "CRM_SECRET": "org-secret",
        "DROP_FOLDER": str(drop),
        "BILLS_ADDRESS": "http://127.0.0.1:9",
        "BILLS_TOKEN": "unused",
    }
    (tmp_path / "operator").mkdir()
    return Reader(tmp_path / "operator", tmp_path / "work", environment)


def test_the_page_connects_three_systems_that_nobody_prepared(
    reader: Reader, ledger: str, org: tuple[str, dict[str, list[Row]]]
) -> None:
    reader.follow(PAGE)

    assert len(reader.held("CustomerBill")) == 120
    assert len(reader.held("ChargeLine")) == 240
    assert {bill["state"] for bill in reader.held("CustomerBill")} == {"sent", "settled", "onHold"}
    assert len(reader.held("WorkOrder")) == 30
    assert len(reader.held("WorkOrderVisit")) == 45
    assert {order["state"] for order in reader.held("WorkOrder")} == {"completed", "cannot_complete"}
    assert len(reader.held("FieldCompletion")) == 40
    assert {each["crew"] for each in reader.held("FieldCompletion")} == {"Käse & Co", "Nord"}
    assert len(reader.held("CompletionMaterial")) == 40

    with psycopg.connect(ledger) as owner:
        owner.execute(DELETED_IN_LEDGER)
    org[1]["Fiber_Job__c"][4] |= {"IsDeleted": True, "SystemModstamp": STAMP + timedelta(days=1)}
    night(Path(reader.environment["DROP_FOLDER"]), 4, voided=33)
    for system in ("ledger", "crm", "drop"):
        reader.said(f"splice sync {system}")
    assert len(reader.held("CustomerBill")) == 118
    assert len(reader.held("ChargeLine")) == 236
    assert len(reader.held("WorkOrder")) == 29
    assert len(reader.held("FieldCompletion")) == 39


def test_what_the_commands_show_is_what_the_page_says(reader: Reader) -> None:
    reader.follow(PAGE)

    listed = reader.output["splice connect probe ledger"]
    assert "inv_hdr" in listed
    assert "inv_dtl" in listed
    jobs = reader.output["splice connect probe crm Fiber_Job__c"]
    assert "Fiber_Job_Visits__r" in jobs
    assert "entity: WorkOrder\n" in jobs
    assert "entity: WorkOrderVisit\n" in jobs
    files = reader.output["splice connect probe drop done-*.csv"]
    assert "entity: FieldCompletion\n" in files
    assert "entity: CompletionMaterial\n" in files
    assert "key: [firm, job]" in files
    assert "encoding: cp1252" in files
    tried = reader.output["splice connect try ledger bills --limit 50"]
    assert "50 read, 150 canonical records, 0 rejected; nothing was stored" in tried
    assert "nobody asks" not in "".join(reader.output.values())
    assert "org-secret" not in "".join(reader.output.values())


def test_a_draft_is_never_written_over(reader: Reader) -> None:
    reader.follow(PAGE.partition("## 2.")[0])
    reader.said("splice connect probe ledger inv_hdr --save")
    again = reader.run("splice connect probe ledger inv_hdr --save")
    assert isinstance(again.exception, ConfigurationError)
    assert "is there already" in str(again.exception)


def test_a_draft_asks_for_what_nobody_could_guess_and_is_accepted_otherwise(reader: Reader) -> None:
    reader.follow(PAGE.partition("## 2.")[0])
    reader.said("splice connect probe ledger inv_hdr --save")
    assert "all well" in reader.said("splice check")
    assert "0 rejected" in reader.said("splice connect try ledger inv-hdr")


def test_each_system_needs_at_most_sixty_lines() -> None:
    blocks = [match["text"] for match in BLOCK.finditer(PAGE) if match["kind"] == "yaml"]
    mappings = [text.splitlines() for text in blocks if text.startswith("# mappings/")]
    assert len(mappings) == 3
    longest_block = 6  # of the three in operator.yaml
    assert all(len(lines) - 1 + longest_block <= MOST_LINES for lines in mappings), [len(one) for one in mappings]
