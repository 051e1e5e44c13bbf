"""What became of an expectation: in one page, and over all pages of a pull."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from rules.quality_suite import Expectation, QualitySuite, Severity

Verdict = Literal["not_judged", "passed", "told", "set_aside", "stopped"]
"""From the lightest to the gravest; ``told`` is a warning, ``set_aside`` put records into quarantine, ``stopped``
kept a whole page from being stored, or the stream from counting as read."""

Unit = Literal["records", "pages", "pulls"]

MOST_KEYS = 20
"""Keys of failing records that are kept as a sample; all of them lie in quarantine where they were set aside."""

_GRAVITY: dict[Verdict, int] = {verdict: place for place, verdict in enumerate(get_args(Verdict))}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one expectation found. It holds keys, counts and sums, and never a value of a single record.

    Attributes:
        entity: whose records it is about; empty where it is about the stream as a whole.
        name: what the suite calls it.
        kind: which expectation it is.
        unit: what is counted: records for one about values, pages for one about a page as a whole.
        evaluated: how many were judged.
        failed: how many of those failed it.
        observed: in words, what was there.
        version: of the suite.
        sample: keys of raw records that failed, the first ones.
        market: whose rows were judged; empty for those of all markets together.
    """

    entity: str
    name: str
    kind: str
    severity: Severity
    unit: Unit
    evaluated: int
    failed: int
    observed: str
    verdict: Verdict
    version: str
    sample: tuple[str, ...] = ()
    market: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What no two judgements of a pull share."""
        return self.entity, self.name, self.market

    def with_next(self, later: "Judgement") -> "Judgement":
        """This and what a later page of the same pull says."""
        graver = later if _GRAVITY[later.verdict] >= _GRAVITY[self.verdict] else self
        return replace(
            later,
            evaluated=self.evaluated + later.evaluated,
            failed=self.failed + later.failed,
            observed=graver.observed,
            verdict=graver.verdict,
            sample=tuple(dict.fromkeys((*self.sample, *later.sample)))[:MOST_KEYS],
        )


def judgement_of(entity: str, suite: QualitySuite, expectation: Expectation, **found: Any) -> Judgement:
    """What an expectation of a suite about an entity found; ``found`` is what a ``Judgement`` holds beside that."""
    return Judgement(
        entity=entity,
        name=expectation.name,
        kind=expectation.kind,
        severity=expectation.severity,
        unit="records" if expectation.is_of_rows else "pages",
        version=suite.version,
        **found,
    )


def sampled(keys: Iterable[str]) -> tuple[str, ...]:
    """The first few of some keys, each once."""
    sample: dict[str, None] = {}
    for key in keys:
        sample[key] = None
        if len(sample) == MOST_KEYS:
            break
    return tuple(sample)
