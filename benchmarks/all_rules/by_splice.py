"""The engine asks the rules, as it does of every bucket once its views are made."""

from pathlib import Path

from benchmarks.all_rules.contender import MEMORY_MB, RULES_FILE, in_processes
from reconciliation.analysis_views import VIEWS
from reconciliation.carried_rules import carried_rules, rule_sql
from reconciliation.engines.bucket import BucketTask, judge_bucket
from reconciliation.engines.question import RuleSql


def ask(folder: Path, output: Path, asks: bool, statements: Path) -> None:  # noqa: ARG001 - as by hand
    compiled = carried_rules((folder / RULES_FILE).read_text(encoding="utf-8"))
    rules = [rule_sql(rule, "duckdb") for rule in compiled]
    buckets = sorted((folder / "views").glob("*/by_*/*"))
    in_processes(judge_bucket, [_task(bucket, folder / "views", output, rules if asks else []) for bucket in buckets])


def _task(bucket: Path, views: Path, output: Path, rules: list[RuleSql]) -> BucketTask:
    """The task of a bucket whose views need not be made any more."""
    here = [view for view in VIEWS.values() if f"by_{view.partition}" == bucket.parent.name]
    return BucketTask(
        bucket=str(bucket.relative_to(views)),
        snapshot=views,
        tables={file.stem: str(file.relative_to(views)) for file in sorted(bucket.iterdir())},
        dimensions={},
        macros=(),
        steps={},
        subjects={view.name: view.subject for view in here},
        charges={view.name: view.charge_column for view in here},
        rules=tuple(rule for rule in rules if rule.view in {view.name for view in here}),
        output=output / bucket.relative_to(views),
        memory_limit_mb=MEMORY_MB,
        spill_limit_mb=4_000,
        seconds_per_rule=120.0,
        is_small=True,
    )
