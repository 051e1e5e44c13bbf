"""The operators among which the markets of a rehearsal are divided, each in a process of its own."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path

from pydantic import TypeAdapter

from benchmarks.rehearsal.campaign import Campaign, shared_out
from benchmarks.rehearsal.operator_folder import ZONES
from benchmarks.rehearsal.regressions.cast import REGRESSIONS
from benchmarks.rehearsal.told import Told, told_of
from benchmarks.rehearsal.year import APPROVER, rehearsed
from handoffs.stages import HANDOFFS

NAMES = (
    "aurora", "bristol", "camden", "dayton", "easton", "fairfax", "geneva", "harlan", "ithaca", "juneau", "keene",
    "laramie",
)  # fmt: skip
BEGAN_ON = date(2026, 1, 5)
FREE = 2
"""Markets in which nothing goes wrong."""
_TOLD = TypeAdapter(Told)
_WAY = "{canary: [{percent: 50}, {}]}"
_ACTIVE = "{" + ", ".join(f"{each}: active" for each in HANDOFFS) + "}"
_MARKET = """  {market}:
    owner: lee
    approvers: [{approver}]
    tell: [take-over@example.net]
    plan:
      order_to_provisioning: {way}
      provisioning_to_dispatch: {way}
      dispatch_to_field: {way}
      field_to_billing: {way}
"""


@dataclass(frozen=True)
class Operator:
    """An operator that is rehearsed: its markets among all of them, and what was asked for."""

    markets: Sequence[str]
    every: Sequence[str]
    days: int
    a_day: int
    only: str
    at_once: bool
    keep: Path | None


def names_of(number: int) -> list[str]:
    return [NAMES[place % len(NAMES)] + ("" if place < len(NAMES) else f"{place}") for place in range(number)]


def handoffs_of(asked: Operator) -> str:
    """What handoffs.yaml says: the whole way for every hand-off, and where it begins."""
    text = "markets:\n" + "".join(_MARKET.format(market=each, approver=APPROVER, way=_WAY) for each in asked.markets)
    if asked.at_once:
        text += "declared:\n" + "".join(f"  {each}: {_ACTIVE}\n" for each in asked.markets)
    return text


def rehearse(asked: Operator) -> Told:
    """The year of one operator, in a process of its own; one that was kept is not lived again."""
    told_in = None if asked.keep is None else asked.keep / asked.markets[0] / f"told-{_asked_of(asked)}.json"
    if told_in is not None and told_in.is_file():
        return _TOLD.validate_json(told_in.read_bytes())
    told = _lived(asked)
    if told_in is not None:
        told_in.write_bytes(_TOLD.dump_json(told, indent=1))
    return told


def _asked_of(asked: Operator) -> str:
    """A name of what was asked for; our own code is no part of it."""
    told = repr((asked.markets, asked.every, asked.days, asked.a_day, asked.only, asked.at_once))
    return blake2b(told.encode(), digest_size=6).hexdigest()


def _lived(asked: Operator) -> Told:
    zones = {market: ZONES[asked.every.index(market) % len(ZONES)] for market in asked.markets}
    wrong = [each for each in REGRESSIONS if asked.only in each.name]
    planned = shared_out(wrong, asked.every[: max(1, len(asked.every) - FREE)])
    folder = Path(tempfile.mkdtemp()) if asked.keep is None else asked.keep / asked.markets[0]
    folder.mkdir(parents=True, exist_ok=True)
    campaign = Campaign({market: planned.get(market, []) for market in asked.markets})
    try:
        with rehearsed(folder, zones, handoffs_of(asked), BEGAN_ON, asked.a_day) as year:
            year.days(asked.days, campaign.before)
            return told_of(year, campaign)
    finally:
        if asked.keep is None:
            shutil.rmtree(folder)
