"""Small hubs whose first judgement was made once for all tests of a process that begin with the same one.

It takes a second and a half of CPU; a copy of what it leaves takes a fiftieth of that.
"""

import atexit
import hashlib
import shutil
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.reconcile import MarketOutcome, reconcile_market
from hub.reports.files import ReportFiles
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import MARKET, SmallOperator

_OUTCOMES: dict[str, tuple[Path, MarketOutcome]] = {}
"""By what was judged: the workspace that was judged in, and what came of it."""


def pulled_and_judged(small: SmallHub, operator: SmallOperator, moment: datetime) -> MarketOutcome:
    """Pull what an operator believes at a moment, and judge it.

    What comes of it in an empty workspace depends on the operator's folder, the records and the moment; where these
    were the same before, the workspace is a copy of that one.
    """
    if small.workspace.exists() or small.database is not None:
        return _done(small, operator, moment)
    key = _key(small, operator, moment)
    if key in _OUTCOMES:
        shutil.copytree(_kept() / key, small.workspace)
        return _moved(*_OUTCOMES[key], small.workspace)
    outcome = _done(small, operator, moment)
    shutil.copytree(small.workspace, _kept() / key)
    _OUTCOMES[key] = small.workspace, outcome
    return outcome


def _done(small: SmallHub, operator: SmallOperator, moment: datetime) -> MarketOutcome:
    small.pull(operator, moment)
    with small.open() as hub:
        return reconcile_market(hub, MARKET.id, moment, moment)


def _moved(judged_in: Path, outcome: MarketOutcome, workspace: Path) -> MarketOutcome:
    def moved(path: Path) -> Path:
        return workspace / path.relative_to(judged_in)

    files = outcome.files
    written = (files.workbook, files.page, files.findings_csv, files.report_json, files.board)
    return replace(outcome, snapshot=moved(outcome.snapshot), files=ReportFiles(*map(moved, written)))


def _key(small: SmallHub, operator: SmallOperator, moment: datetime) -> str:
    files = sorted(file for file in small.folder.rglob("*") if file.is_file())
    texts = [(str(file.relative_to(small.folder)), file.read_text(encoding="utf-8")) for file in files]
    return hashlib.sha256(repr((texts, operator.records, moment)).encode()).hexdigest()


@cache
def _kept() -> Path:
    folder = TemporaryDirectory(prefix="judged-once-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
