"""Hold the references of a mapped page against what the hub knows, before anything of the page is stored.

Known is what canonical records of other streams bear now, what earlier pages of the pull have brought, and what the
page itself brings. A record that is refused for want of what it refers to says so in quarantine, and is tried again
once that has come.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from canonical_model.record import Record
from connectors.mapping import MappedBatch, MappedRaw, StreamMapping, references_of
from connectors.mapping.quality_gate import newest_copies, refused_by, unsafe_page, verdict_of
from rules.judgements import Judgement, Verdict, judgement_of, sampled
from rules.quality import FailedExpectation
from rules.quality_suite import Expectation, QualitySuite
from rules.references import MissingKey, ReferenceKey, Target
from rules.shares import PageShare
from storage.database import Database
from storage.known_keys import known_keys, prepare_index


@dataclass(frozen=True, slots=True)
class _Reference:
    """One reference with the keys that a page bears for it, each with the row of its raw record.

    Attributes:
        market: whose keys they are; empty for those of all markets together.
    """

    entity: type[Record]
    suite: QualitySuite
    expectation: Expectation
    target: Target
    market: str
    keys: list[tuple[int, ReferenceKey]]

    @property
    def refuses_rows(self) -> bool:
        return self.expectation.severity == "critical" and not self.expectation.is_tolerant


@dataclass(slots=True)
class _Known:
    """Which keys are known: by storage, or by rows of the page that are not refused.

    Attributes:
        stored: by target.
        given: rows of the page by target and key.
        refused: rows that give nothing.
    """

    stored: Mapping[Target, set[ReferenceKey]]
    given: Mapping[Target, Mapping[ReferenceKey, set[int]]]
    refused: set[int] = field(default_factory=set)

    def has(self, target: Target, key: ReferenceKey) -> bool:
        return key in self.stored[target] or bool(self.given[target].get(key, set()) - self.refused)


def passed_references(
    database: Database, mapping: StreamMapping, batch: MappedBatch, *, is_whole_page: bool = True
) -> MappedBatch:
    """The batch with every raw record rejected that refers to something unknown where a suite forbids it.

    Args:
        database: the hub's; asked for the keys of the page alone.
        mapping: of the stream.
        batch: a mapped page, judged by everything else.
        is_whole_page: False for picked records, of which no share tells anything.

    Returns:
        Its shares are those of references alone.
    """
    rows = [row for row in newest_copies(batch.raws) if batch.raws[row].rejection is None]
    stated = list(_references(mapping, batch.raws, rows))
    if not any(reference.keys for reference in stated):
        return replace(batch, shares=())
    known = _Known(_stored(database, stated), _given(mapping, batch.raws, rows, stated))
    missing = _refused(stated, known)
    found = [_found(reference, known, is_whole_page=is_whole_page) for reference in stated]
    stopping = [one for one in found if one.verdict == "stopped"]
    for one in stopping:
        for row, key in one.lacking:
            missing.setdefault(row, []).append((one.reference, key))
    raws = tuple(_set_aside(raw, missing[row]) if row in missing else raw for row, raw in enumerate(batch.raws))
    return replace(
        batch,
        raws=raws,
        warnings=(*batch.warnings, *(one.warning for one in found if one.verdict == "told")),
        unsafe="; ".join(told for told in (batch.unsafe, *(one.unsafe for one in stopping)) if told) or None,
        judged=(*batch.judged, *(one.judgement(batch.raws) for one in found)),
        shares=tuple(one.share for one in found if one.is_of_the_pull),
    )


def prepare_references(database: Database, mapping: StreamMapping) -> None:
    """Make sure that what a mapping refers to can be looked up; the first time this may take a while."""
    targets = dict.fromkeys(target for _, _, target in references_of(mapping))
    for target in targets:
        with database.writing() as connection:
            prepare_index(connection, target)


_Missing = list[tuple[_Reference, ReferenceKey]]


def _references(mapping: StreamMapping, raws: Sequence[MappedRaw], rows: Sequence[int]) -> Iterator[_Reference]:
    for entity, suite in mapping.quality.items():
        of_entity = [(row, one) for row in rows for one in raws[row].records if type(one) is entity]
        for expectation in suite.references if of_entity else ():
            markets = sorted({record.market for _, record in of_entity}) if expectation.by_market else [""]
            for market in markets:
                some = [(row, record) for row, record in of_entity if market in ("", record.market)]
                if expectation.target is not None:
                    keys = list(_keys(some, expectation.columns))
                    yield _Reference(entity, suite, expectation, expectation.target, market, keys)


def _keys(records: Sequence[tuple[int, Record]], columns: Sequence[str]) -> Iterator[tuple[int, ReferenceKey]]:
    """The keys that records bear, with the row of each; one with a part that is missing is none."""
    for row, record in records:
        key = tuple(getattr(record, column) for column in columns)
        if None not in key:
            yield row, key


def _stored(database: Database, stated: Sequence[_Reference]) -> dict[Target, set[ReferenceKey]]:
    wanted: defaultdict[Target, dict[ReferenceKey, None]] = defaultdict(dict)
    for reference in stated:
        wanted[reference.target].update((key, None) for _, key in reference.keys)
    with database.reading() as connection:
        return {target: known_keys(connection, target, keys) for target, keys in wanted.items()}


def _given(
    mapping: StreamMapping, raws: Sequence[MappedRaw], rows: Sequence[int], stated: Sequence[_Reference]
) -> dict[Target, dict[ReferenceKey, set[int]]]:
    given: dict[Target, dict[ReferenceKey, set[int]]] = {}
    for target in {reference.target for reference in stated}:
        found = given.setdefault(target, defaultdict(set))
        for row in rows:
            for record in raws[row].records:
                if type(record).__name__ == target.entity and target.is_given_by(
                    record.source_system, mapping.stream
                ):
                    found[tuple(getattr(record, name) for name in target.fields)].add(row)
    return {target: dict(keys) for target, keys in given.items()}


def _refused(stated: Sequence[_Reference], known: _Known) -> dict[int, _Missing]:
    """Rows that are refused, with the keys they lack; one that is refused gives nothing that others may refer to."""
    strict = [reference for reference in stated if reference.refuses_rows]
    while True:
        missing: defaultdict[int, _Missing] = defaultdict(list)
        for reference in strict:
            for row, key in reference.keys:
                if not known.has(reference.target, key):
                    missing[row].append((reference, key))
        if missing.keys() == known.refused:
            return dict(missing)
        known.refused |= missing.keys()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a reference found in a page.

    Attributes:
        lacking: its keys that are not known, with their rows.
    """

    reference: _Reference
    lacking: list[tuple[int, ReferenceKey]]
    is_whole_page: bool

    @property
    def is_of_the_pull(self) -> bool:
        return self.reference.expectation.is_of_the_pull and self.is_whole_page

    @property
    def observed(self) -> str:
        told = f"{len(self.lacking)} of {len(self.reference.keys)} rows"
        return f"{told} in {self.reference.market}" if self.reference.market else told

    @property
    def verdict(self) -> Verdict:
        one, evaluated = self.reference.expectation, len(self.reference.keys)
        if not evaluated or one.is_of_the_pull or (one.is_tolerant and not self.is_whole_page):
            return "not_judged"
        has_failed = evaluated - len(self.lacking) < one.mostly * evaluated
        return verdict_of(one.severity, has_failed=has_failed, is_of_the_page=one.is_tolerant)

    @property
    def warning(self) -> FailedExpectation:
        one = self.reference.expectation
        return FailedExpectation(
            one.name, one.severity, one.columns, self.observed, tuple((row,) for row in self.rows)
        )

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(row for row, _ in self.lacking))

    @property
    def share(self) -> PageShare:
        of = self.reference
        return PageShare(of.entity.__name__, of.expectation, of.market, len(of.keys), len(self.lacking), self.rows)

    @property
    def unsafe(self) -> str:
        told = f"{self.reference.expectation.name!r} ({self.observed})"
        return unsafe_page(self.reference.suite, len(self.reference.keys), [told])

    def judgement(self, raws: Sequence[MappedRaw]) -> Judgement:
        return judgement_of(
            self.reference.entity.__name__,
            self.reference.suite,
            self.reference.expectation,
            evaluated=len(self.reference.keys),
            failed=len(self.lacking),
            observed=self.observed,
            verdict=self.verdict,
            sample=sampled(raws[row].landed_id for row, _ in self.lacking),
            market=self.reference.market,
        )


def _found(reference: _Reference, known: _Known, *, is_whole_page: bool) -> _Found:
    lacking = [(row, key) for row, key in reference.keys if not known.has(reference.target, key)]
    return _Found(reference, lacking, is_whole_page)


def _set_aside(raw: MappedRaw, missing: _Missing) -> MappedRaw:
    (first, _), *_ = missing
    verb = "is" if len(first.expectation.columns) == 1 else "are"
    because = f": its {' and '.join(first.expectation.columns)} {verb} of no known {first.target.named}"
    refused = refused_by(raw, first.entity.__name__, first.expectation.name, because)
    if refused.rejection is None:
        return refused
    waits_for = tuple(dict.fromkeys(MissingKey(reference.target, key) for reference, key in missing))
    return refused._replace(rejection=replace(refused.rejection, waits_for=waits_for))
