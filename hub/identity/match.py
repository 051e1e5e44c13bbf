"""Match what all systems say of customers or premises, and keep what a person answered."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from canonical_model.record import SourceReference
from hub.identity.learning import weights_for
from hub.identity.records import ENTITIES_OF, Compared, compared_records
from hub.operator_folder.load import Operator
from hub.workplace import Hub
from identity.judgement import Verdict, judge_all
from identity.matching import find_pairs
from identity.pairs import Pair, evidence_of
from identity.patterns import pattern_of
from identity.rivals import Heard
from identity.settings import MatchSettings, Subject
from identity.weights import LARGE_SHIFT, degrees_of, shifts
from storage.identity_links import FoundLink, IdentityLink, LinkChanges, count_by_state, identity_links, record_run
from storage.identity_runs import record_matched
from storage.identity_weights import StoredWeights

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a run came to.

    Attributes:
        records: how many were compared.
        changes: what is different from the run before.
        crowded: records about which there are too many questions to ask, with their number.
        weights: the version that was used; None where the shares of the settings were.
        has_learnt: whether this run had to learn it.
        shifted: comparisons in which the records are not of the kind any more that was learnt from, with the
            population stability index.
        counts: links of the subject by their state, when the run was done.
    """

    subject: Subject
    records: int
    changes: LinkChanges
    crowded: Mapping[str, int]
    weights: StoredWeights | None = None
    has_learnt: bool = False
    shifted: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def match(hub: Hub, subject: Subject, now: datetime) -> Matched:
    """Compare the records of all systems with each other, and store links and questions.

    Args:
        hub: the operator's hub.
        subject: customers or premises.
        now: when this happens.

    Raises:
        ConfigurationError: what matching needs is not installed.
    """
    settings = hub.operator.matching[subject]
    with hub.database.reading() as connection:
        records = compared_records(connection, subject)
    weights, has_learnt = weights_for(hub, subject, records, now)
    pairs = _pairs(records, settings, weights)
    with hub.database.writing() as connection:
        known = identity_links(connection, subject=subject)
        judged = judge_all(pairs, settings, _heard(known), () if weights is None else weights.weights.distrusted)
        found = [_found(pair, verdict, records.sources, settings, weights) for pair, verdict in judged.verdicts]
        changes = record_run(connection, subject, known, found, now)
        record_matched(connection, subject, now)
        counts = count_by_state(connection, subject)
    facts = {"subject": subject, "records": len(records.rows), "crowded": len(judged.crowded), "new": changes.new}
    logger.info("records are matched", extra=facts)
    shifted = _shifted(pairs, settings, weights)
    return Matched(subject, len(records.rows), changes, judged.crowded, weights, has_learnt, shifted, counts)


def streams_that_tell(operator: Operator, subjects: Collection[Subject]) -> dict[str, list[str]]:
    """Streams whose mappings give customers or premises, by system."""
    wanted = {ENTITIES_OF[subject] for subject in subjects}
    told = {
        system: [each.stream for each in mappings if any(record.entity in wanted for record in each.records)]
        for system, mappings in operator.mappings.items()
    }
    return {system: streams for system, streams in told.items() if streams}


def _pairs(records: Compared, settings: MatchSettings, weights: StoredWeights | None) -> list[Pair]:
    if len(records.rows) < 2:
        return []
    return find_pairs(records.table(), settings, None if weights is None else weights.weights)


def _heard(known: Sequence[IdentityLink]) -> Heard:
    decided = [link for link in known if link.is_decided]
    return Heard(
        accepted=[link.names for link in decided if link.state == "linked"],
        apart=[link.names for link in decided if link.state == "apart"],
    )


def _shifted(pairs: Sequence[Pair], settings: MatchSettings, weights: StoredWeights | None) -> dict[str, float]:
    if weights is None:
        return {}
    found = shifts(weights.weights.degrees, degrees_of(pairs, settings))
    return {name: shift for name, shift in found.items() if shift > LARGE_SHIFT}


def _found(
    pair: Pair,
    verdict: Verdict,
    sources: Mapping[str, SourceReference],
    settings: MatchSettings,
    weights: StoredWeights | None,
) -> FoundLink:
    return FoundLink(
        (sources[pair.left], sources[pair.right]),
        verdict.state,
        verdict.basis,
        verdict.reason,
        pair.probability,
        pair.weight,
        evidence_of(pair, settings),
        settings.version,
        None if weights is None or pair.probability is None else weights.version,
        pattern_of(pair, verdict, settings),
    )
