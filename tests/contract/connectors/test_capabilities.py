"""What a kind says of itself without a connection."""

import subprocess
import sys
from pathlib import Path

from all_harnesses import HARNESSES

from connectors.discovery import capabilities_by_kind

ROOT = Path(__file__).parents[3]
LIBRARIES = (
    "httpx",
    "requests",
    "zeep",
    "lxml",
    "simple_salesforce",
    "pysnmp",
    "gufo",
    "pyrad",
    "sqlalchemy",
    "pymysql",
    "paramiko",
    "openpyxl",
    "pyarrow",
)


def test_capabilities_are_read_without_loading_any_systems_library() -> None:
    program = (
        "import sys; from connectors.discovery import capabilities_by_kind; capabilities_by_kind(); "
        f"print([name for name in {LIBRARIES} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_kind_has_a_harness_and_every_harness_a_kind() -> None:
    assert {harness.kind for harness in HARNESSES} == {
        kind for kind, can in capabilities_by_kind().items() if can.reads
    }


def test_every_kind_reads_or_writes_and_says_how() -> None:
    for kind, can in capabilities_by_kind().items():
        assert can.reads or can.writes or can.hears, kind
        if can.writes is None:
            continue
        options = [*can.writes.options, *can.writes.look_options]
        assert can.writes.repeats, kind
        assert all(option.meaning.strip() and not option.secret for option in options), kind
        assert can.writes.is_observable or not (can.writes.look_options or can.writes.looks_at_what_it_wrote), kind


def test_options_are_told_once_and_with_a_meaning() -> None:
    for kind, can in capabilities_by_kind().items():
        names = [option.name for option in (*can.system_options, *can.stream_options)]
        assert len(names) == len({*names, *(option.name for option in can.stream_options)}), kind
        assert all(option.meaning.strip() for option in (*can.system_options, *can.stream_options))
        assert not any(option.secret for option in can.stream_options), kind
        assert can.logins
