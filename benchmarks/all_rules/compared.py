"""What one side found beside what all rules must find, line by line, with the references behind each."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

LINE = "rule_id, subject, direction, exposure_class, period, charge"
FOUND = {
    "splice": ("by_*/*/hit.parquet", "by_*/*/proof.parquet"),
    "by hand": ("by_*/*/*.parquet", "by_*/*/*.parquet"),
}
"""Files with the lines, and with the references behind them, of each side in a market."""

_COMPARED = f"""
WITH told AS (
    SELECT {LINE}, sum(exposure_minor)::BIGINT AS exposure_minor FROM read_parquet('{{lines}}')
    WHERE exposure_minor <> 0
    GROUP BY ALL
),
compared AS (
    SELECT rule_id, t.exposure_minor AS owed, f.exposure_minor AS told
    FROM read_parquet('{{truth}}/line.parquet') t FULL JOIN told f USING ({LINE})
)
SELECT rule_id, count(owed), coalesce(sum(owed), 0)::BIGINT, count(*) FILTER (told IS NULL),
       count(*) FILTER (owed IS NULL), count(*) FILTER (owed <> told)
FROM compared
GROUP BY rule_id
"""
_UNPROVEN = """
WITH told AS (
    SELECT rule_id, subject, list_distinct(flatten(list(evidence))) AS refs FROM read_parquet('{proofs}')
    GROUP BY ALL
),
line AS (
    SELECT DISTINCT rule_id, subject FROM read_parquet('{truth}/line.parquet')
)
SELECT rule_id, count(*)
FROM line
JOIN read_parquet('{truth}/proof.parquet') t USING (rule_id, subject)
LEFT JOIN told f USING (rule_id, subject)
WHERE f.refs IS NULL OR list_sort(f.refs) <> list_sort(t.refs)
GROUP BY rule_id
"""


@dataclass(frozen=True, slots=True)
class RuleCompared:
    """One rule of one side, over all markets.

    Attributes:
        lines: rows with money that it must find; ``cents`` is what they come to.
        missing: lines that it did not find; ``extra`` those that it found beside them; ``wrong`` have another amount.
        unproven: subjects with other references than they must have.
    """

    lines: int = 0
    cents: int = 0
    missing: int = 0
    extra: int = 0
    wrong: int = 0
    unproven: int = 0

    @property
    def is_right(self) -> bool:
        """Whether everything was found, nothing else was, and every cent is right."""
        return not (self.missing or self.extra or self.wrong or self.unproven)

    def plus(self, other: "RuleCompared") -> "RuleCompared":
        """Both together."""
        mine, theirs = ([getattr(each, name) for name in self.__slots__] for each in (self, other))
        return RuleCompared(*map(sum, zip(mine, theirs, strict=True)))


def compare(folder: Path, side: str, output: Path) -> dict[str, RuleCompared]:
    """By rule what a side found, beside the truth of the populated views in a folder."""
    lines, proofs = FOUND[side]
    rules: dict[str, RuleCompared] = {}
    with duckdb.connect() as connection:
        for truth in sorted((folder / "truth").iterdir()):
            files = {"truth": truth, "lines": output / truth.name / lines, "proofs": output / truth.name / proofs}
            for rule, *counts in connection.execute(_COMPARED.format(**files)).fetchall():
                rules[rule] = rules.get(rule, RuleCompared()).plus(RuleCompared(*counts))
            for rule, unproven in connection.execute(_UNPROVEN.format(**files)).fetchall():
                rules[rule] = rules[rule].plus(RuleCompared(unproven=unproven))
    return rules
