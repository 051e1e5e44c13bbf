"""A wave of thousands of accounts, judged: ``python -m benchmarks.acquisition [--accounts 4000]``.

A small operator's hub is given accounts that were moved in one wave, some of them wrong, and is reconciled. Then the
wave is judged for its signature, as `splice acquisition show` does: checksums, what the snapshot says of each
account, findings with dismissals, overlaps, plans, bill against bill. Ends with status 1 where a step names other
accounts than those that were planted, or where a judgement takes longer than somebody waits for.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.machine import machine
from benchmarks.moved_accounts import DISMISSED, LEGACY, MISTAKES, TARGET, WAVE, Planted, moved_accounts
from canonical_model.record import Record
from handoffs.acquisition.steps import Readiness
from hub.acquisition.leading import JudgedWave, judged_wave
from hub.acquisition.wave_report import write_wave_report
from hub.cases.decisions import dismiss
from hub.decision import Decision
from hub.identity.match import match
from hub.reconcile import reconcile_market
from hub.workplace import Hub
from identity.settings import SUBJECTS
from identity.settings_file import default_text
from tests.fakes.small_hub import SmallHub, pull_records
from tests.fakes.small_operator import AS_OF, MARKET

SYSTEMS = ("crm", LEGACY, "fsm", "olt", TARGET)
MOST_SECONDS = 10
"""Wall time for one judgement: somebody waits for it at the command line."""
ACQUISITIONS = f"""
acquisitions:
  {MARKET.id}:
    name: somebody
    systems: [{LEGACY}]
    target: {TARGET}
    owner: kim
    approvers: [ann]
    waves: [{WAVE}]
    plans: [{{code: SLV, offering: silver, terms: same}}]
"""
PAUSES = f"""
system: {TARGET}
stream: all
market: "'{MARKET.id}'"
read:
  object: everything
  key: [id]
  options: {{rows: data}}
  fields: {{id: text, day: date}}
records:
  - entity: JobPause
    fields: {{job: "'dunning'", wave: id, paused_from: day}}
"""


def main() -> int:
    """Make the hub, judge its wave, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acquisition", description=__doc__)
    parser.add_argument("--accounts", type=int, default=4_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        small = operator_of_a_wave(Path(folder))
        planted = Planted({}, [])
        with _timed(f"records of {options.accounts:,} accounts made"):
            planted = moved_accounts(options.accounts)
        with small.open() as hub:
            filled(hub, planted.records)
            dismissed = dismissed_half(hub, planted)
            judged, slowest = _judged(hub, options.runs)
            before = time.process_time()
            write_wave_report(judged, MARKET, hub.reports / MARKET.id)
            print(f"report written: CPU {time.process_time() - before:.2f} s")
    print(f"peak of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return 0 if is_true(judged.readiness, planted.by_mistake, dismissed) and slowest <= MOST_SECONDS else 1


def operator_of_a_wave(folder: Path) -> SmallHub:
    """The small operator with a second billing system, to which accounts come over."""
    small = SmallHub(folder)
    file = small.folder / "operator.yaml"
    operator = json.loads(file.read_text(encoding="utf-8"))
    operator["systems"][TARGET] = operator["systems"][LEGACY]
    file.write_text(json.dumps(operator, indent=1), encoding="utf-8")
    (small.folder / "mappings" / f"{TARGET}.yaml").write_text(PAUSES, encoding="utf-8")
    (small.folder / "identity").mkdir()
    (small.folder / "identity" / "customer.yaml").write_text(_untrained(default_text("customer")), encoding="utf-8")
    (small.folder / "acquisitions.yaml").write_text(ACQUISITIONS, encoding="utf-8")
    return small


def _untrained(text: str) -> str:
    """The settings that come with Splice, without learning: invented people teach nothing about real ones."""
    settings = yaml.safe_load(text)
    del settings["train"]
    return yaml.safe_dump(settings, sort_keys=False)


def filled(hub: Hub, records: list[Record]) -> None:
    with _timed(f"{len(records):,} records pulled"):
        of_system: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            of_system[record.source_system].append(record)
        for system in SYSTEMS:
            pull_records(hub, system, of_system[system], AS_OF)
    with _timed("customers and premises compared"):
        for subject in SUBJECTS:
            match(hub, subject, AS_OF)
    with _timed("reconciled"):
        reconcile_market(hub, MARKET.id, AS_OF, AS_OF)


def dismissed_half(hub: Hub, planted: Planted) -> frozenset[str]:
    """Let a person dismiss every other finding of one mistake; the accounts of those."""
    accounts = sorted(planted.by_mistake[DISMISSED])[::2]
    findings = judged_wave(hub, MARKET.id, WAVE, AS_OF, "sign_off").evidence.findings
    until = AS_OF.date() + timedelta(days=30)
    with _timed(f"{len(accounts)} findings dismissed"):
        for each in findings:
            if each.rule_id == MISTAKES[DISMISSED].rule and each.subject in accounts:
                dismiss(hub, each.fingerprint, Decision("fran", AS_OF, "credited by the seller"), until)
    return frozenset(accounts)


def _judged(hub: Hub, runs: int) -> tuple[JudgedWave, float]:
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        judged = judged_wave(hub, MARKET.id, WAVE, AS_OF, "sign_off")
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    facts = judged.evidence.facts
    accounts = 0 if facts is None else len(facts.accounts)
    print(
        f"wave of {accounts:,} accounts judged, median of {runs}: wall {statistics.median(walls):.2f} s"
        f" ({min(walls):.2f} to {max(walls):.2f}), CPU {statistics.median(cpus):.2f} s; at most {MOST_SECONDS} s"
    )
    return judged, max(walls)


def is_true(readiness: Readiness, planted: Mapping[str, frozenset[str]], dismissed: frozenset[str]) -> bool:
    """Whether each step names the accounts that were planted for it, no more and no fewer."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, mistake in MISTAKES.items():
        for step in mistake.steps:
            wanted[step] |= planted[name] - (dismissed if name == DISMISSED else set())
    holds = True
    for step in readiness.steps:
        found = {each.account for each in step.proof}
        aside = {each.account for each in step.dismissed}
        missing, extra = wanted[step.name] - found, found - wanted[step.name]
        told = aside == (dismissed if step.name in MISTAKES[DISMISSED].steps else set())
        holds = holds and not missing and not extra and told
        print(
            f"  {step.name:16} {step.state:10} named {len(found):5,}  missing {len(missing)}  extra {len(extra)}"
            f"  dismissed {len(aside)}{'' if told else ' WRONG'}"
        )
    return holds


@contextmanager
def _timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what}: wall {time.perf_counter() - wall:.1f} s, CPU {time.process_time() - cpu:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
