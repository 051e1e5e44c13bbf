"""Match what all systems say of customers or premises, and keep what a person answered."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection

from canonical_model.customers import Customer
from canonical_model.places import Premise
from canonical_model.record import SourceReference
from hub.workplace import Hub
from identity.groups import group
from identity.judgement import Judged, Verdict, judge_all
from identity.matching import find_pairs
from identity.pairs import Pair, evidence_of
from identity.settings import MatchSettings, Subject
from identity.standard_forms import customer_row, premise_row, without_doubtful_units
from storage.extract import entity_batches
from storage.identity_links import FoundLink, IdentityLink, LinkChanges, identity_links, record_run

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a run came to.

    Attributes:
        records: how many were compared.
        changes: what is different from the run before.
        crowded: records about which there are too many questions to ask, with their number.
    """

    subject: Subject
    records: int
    changes: LinkChanges
    crowded: Mapping[str, int]


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
        rows, sources = _rows(connection, subject)
    judged = _judged(rows, settings)
    with hub.database.writing() as connection:
        known = identity_links(connection, subject=subject)
        found = [_found(pair, verdict, sources, settings) for pair, verdict in _grouped(judged, known, settings)]
        changes = record_run(connection, subject, known, found, now)
    facts = {"subject": subject, "records": len(rows), "crowded": len(judged.crowded), "new": changes.new}
    logger.info("records are matched", extra=facts)
    return Matched(subject, len(rows), changes, judged.crowded)


def _rows(connection: Connection, subject: Subject) -> tuple[list[dict[str, Any]], dict[str, SourceReference]]:
    """What is known now, in the forms that are compared, and which record each row is of."""
    if subject == "customer":
        customers = [
            Customer.model_construct(**row)
            for batch in entity_batches(connection, Customer)
            for row in batch.to_pylist()
        ]
        rows = without_doubtful_units(map(customer_row, customers), "address", "postal_code")
        return rows, {str(each.source): each.source for each in customers}
    premises = [
        Premise.model_construct(**row) for batch in entity_batches(connection, Premise) for row in batch.to_pylist()
    ]
    rows = without_doubtful_units(map(premise_row, premises), "house", "street")
    return rows, {str(each.source): each.source for each in premises}


def _judged(rows: list[dict[str, Any]], settings: MatchSettings) -> Judged:
    if len(rows) < 2:
        return Judged((), {})
    return judge_all(find_pairs(pa.Table.from_pylist(rows), settings), settings)


def _grouped(
    judged: Judged, known: Iterable[IdentityLink], settings: MatchSettings
) -> Iterable[tuple[Pair, Verdict]]:
    """The verdicts, those links turned into questions that would bring together what a person keeps apart."""
    decided = [link for link in known if link.is_decided]
    apart = [link.names for link in decided if link.state == "apart"]
    barred = {frozenset(names) for names in apart}
    accepted = [link.names for link in decided if link.state == "linked"]
    joined = [pair.names for pair, verdict in judged.verdicts if verdict.state == "linked"]
    joined = [names for names in joined if frozenset(names) not in barred]
    refused = group([*accepted, *joined], apart, settings.largest_group).refused
    for pair, verdict in judged.verdicts:
        if verdict.state == "linked" and (reason := refused.get(pair.names)):
            yield pair, Verdict("review", verdict.basis, reason)
        else:
            yield pair, verdict


def _found(
    pair: Pair, verdict: Verdict, sources: Mapping[str, SourceReference], settings: MatchSettings
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
    )
