"""Rehearse a year of several markets' take-over, with mistakes made on purpose: ``python -m benchmarks.rehearsal``.

Every market goes its whole way through the gates that come with Splice, and somebody approves whatever has passed.
In most of them mistakes are made, one after the other, once the hub acts. Ends with status 1 where one was not caught
before the next bills were sent, where a market without any was given back more than once, or where something was done
by two.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from benchmarks.rehearsal.campaign import Campaign, shared_out
from benchmarks.rehearsal.operator_folder import ZONES
from benchmarks.rehearsal.regressions.cast import REGRESSIONS
from benchmarks.rehearsal.told import Told, shown, told_of
from benchmarks.rehearsal.year import APPROVER, rehearsed

NAMES = (
    "aurora", "bristol", "camden", "dayton", "easton", "fairfax", "geneva", "harlan", "ithaca", "juneau", "keene",
    "laramie",
)  # fmt: skip
BEGAN_ON = date(2026, 1, 5)
FREE = 2
"""Markets in which nothing goes wrong."""
_WAY = "{canary: [{percent: 50}, {}]}"
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


def main() -> int:
    """Rehearse, and print what became of each mistake."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=len(NAMES), help="markets that are taken over")
    parser.add_argument("--days", type=int, default=365, help="days that are lived through")
    parser.add_argument("--a-day", type=int, default=5, help="orders of a working day in each market")
    parser.add_argument("--hubs", type=int, default=4, help="operators among which the markets are divided")
    parser.add_argument("--processes", type=int, default=2, help="operators that are rehearsed at once")
    parser.add_argument("--only", default="", help="only mistakes whose name has this in it")
    parser.add_argument("--keep", type=Path, help="folder in which everything is left")
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    names = NAMES[: options.markets]
    hubs = [names[place :: options.hubs] for place in range(min(options.hubs, len(names)))]
    began = time.monotonic()
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        given = [(own, names, options.days, options.a_day, options.only, options.keep) for own in hubs]
        told = list(pool.map(_rehearse, given))
    print(f"{len(names)} markets, {options.days} days: {(time.monotonic() - began) / 60:.1f} minutes")
    text, is_well = shown(told)
    print(text)
    print("as wanted" if is_well else "NOT as wanted")
    return 0 if is_well else 1


def _rehearse(given: tuple[Sequence[str], Sequence[str], int, int, str, Path | None]) -> Told:
    """The year of one operator, in a process of its own."""
    markets, every, days, a_day, only, keep = given
    zones = {market: ZONES[every.index(market) % len(ZONES)] for market in markets}
    text = "markets:\n" + "".join(_MARKET.format(market=each, approver=APPROVER, way=_WAY) for each in markets)
    wrong = [each for each in REGRESSIONS if only in each.name]
    planned = shared_out(wrong, every[: max(1, len(every) - FREE)] if len(every) > FREE else every)
    folder = Path(tempfile.mkdtemp()) if keep is None else keep / markets[0]
    folder.mkdir(parents=True, exist_ok=True)
    campaign = Campaign({market: planned.get(market, []) for market in markets})
    try:
        with rehearsed(folder, zones, text, BEGAN_ON, a_day) as year:
            year.days(days, campaign.before)
            return told_of(year, campaign)
    finally:
        if keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
