"""Generated pages say what the code says now."""

import subprocess
import sys
from pathlib import Path

from source_tree import ROOT

REFERENCE = ROOT / "docs/reference"
SPLICE = Path(sys.executable).with_name("splice")


def test_no_reference_page_is_stale() -> None:
    """`splice docs --check` generates every page anew and compares it with the one that is committed."""
    answer = subprocess.run([SPLICE, "docs", "--check"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_there_are_reference_pages_to_compare() -> None:
    assert list(REFERENCE.glob("*.md"))
