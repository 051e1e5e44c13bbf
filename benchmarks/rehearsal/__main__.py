"""Rehearse a year of several markets' take-over, with mistakes made on purpose: ``python -m benchmarks.rehearsal``.

Every market goes its whole way through the gates that come with Splice, and somebody approves whatever has passed.
In most of them mistakes are made, one after the other, once the hub acts. Ends with status 1 where one was not caught
before the next bills were sent, where a market without any was given back more than once, or where something was done
by two.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.rehearsal.operators import FREE, NAMES, Operator, names_of, rehearse
from benchmarks.rehearsal.regressions.cast import REGRESSIONS
from benchmarks.rehearsal.told import shown


def main() -> int:
    """Rehearse, and print what became of each mistake."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=len(NAMES), help="markets that are taken over")
    parser.add_argument("--days", type=int, default=365, help="days that are lived through")
    parser.add_argument("--a-day", type=int, default=5, help="orders of a working day in each market")
    parser.add_argument("--hubs", type=int, default=4, help="operators among which the markets are divided")
    parser.add_argument("--processes", type=int, default=2, help="operators that are rehearsed at once")
    parser.add_argument(
        "--at-once",
        action="store_true",
        help="the hub acts from the first day on, and each mistake has its own market",
    )
    parser.add_argument("--only", default="", help="only mistakes whose name has this in it")
    parser.add_argument(
        "--keep", type=Path, help="folder in which everything is left; what was lived there is not lived again"
    )
    options = parser.parse_args()
    print(machine())
    wrong = [each for each in REGRESSIONS if options.only in each.name]
    names = names_of(len(wrong) + FREE if options.at_once else options.markets)
    number = min(options.hubs, len(names))
    hubs = [
        Operator(
            names[place::number], names, options.days, options.a_day, options.only, options.at_once, options.keep
        )
        for place in range(number)
    ]
    began = time.monotonic()
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        told = list(pool.map(rehearse, hubs))
    print(f"{len(names)} markets, {options.days} days: {(time.monotonic() - began) / 60:.1f} minutes")
    text, is_well = shown(told)
    print(text)
    print("as wanted" if is_well else "NOT as wanted")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
