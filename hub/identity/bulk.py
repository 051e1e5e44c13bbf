"""Answers to many links at once: each is a step of its link and a row of the audit, and all are undone at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.acquisition.open_items import why_no_merge
from hub.decision import Decision
from hub.identity.answering import followed, known_link, stored_answer
from hub.identity.questions import one_pattern
from hub.workplace import Hub
from identity.answers import OPEN, Answer, after
from identity.settings import Subject
from storage.audit import note
from storage.identity_batches import links_of_batch, start_batch
from storage.identity_links import IdentityLink, identity_links


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one link."""

    link_id: int
    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of many answers.

    Attributes:
        batch: number by which all of them are undone; None where none was recorded.
        links: what was answered, as it is now.
        refused: links that stay as they were, each with the reason.
    """

    batch: int | None
    links: tuple[IdentityLink, ...]
    refused: Mapping[int, str] = field(default_factory=dict)


def answer_pattern(hub: Hub, pattern: str, count: int, said: Answer, decision: Decision) -> Answers:
    """Give all open questions of a pattern the same answer.

    Args:
        hub: the operator's hub.
        pattern: its six characters.
        count: how many questions the person saw that it has; with another number nothing is answered.
        said: accept or reject.
        decision: who, when and why.

    Raises:
        ConfigurationError: there is no such pattern, it has another number of questions now, or no reason is given.
    """
    found = one_pattern(hub, pattern)
    if found.questions != count:
        raise ConfigurationError(
            f"pattern {pattern} has {found.questions:,} questions now and not {count:,}: look at its sample again"
        )
    with hub.database.writing() as connection:
        links = identity_links(connection, OPEN, found.subject, pattern=found.pattern)
        answers = [Said(link.id, said, decision.why) for link in links]
        return _recorded(hub, connection, answers, decision, f"pattern {pattern}")


def answer_all(hub: Hub, answers: Sequence[Said], decision: Decision, source: str) -> Answers:
    """Record what a person says of many links, one after the other in one transaction.

    Raises:
        ConfigurationError: there is no such link, or no reason is given.
    """
    with hub.database.writing() as connection:
        return _recorded(hub, connection, answers, decision, source)


def undo_batch(hub: Hub, batch: int, decision: Decision) -> Answers:
    """Take back every answer of a batch that nobody has spoken about since.

    Raises:
        ConfigurationError: there is no such batch, or no reason is given.
    """
    with hub.database.writing() as connection:
        answered = links_of_batch(connection, batch)
        if not answered:
            raise ConfigurationError(f"there is no batch {batch}; `splice identity review batches` lists them")
        answers = [Said(link_id, "undo", decision.why) for link_id, is_last in answered.items() if is_last]
        done = _recorded(hub, connection, answers, decision, f"batch {batch}")
    later = {link_id: "somebody answered it since" for link_id, is_last in answered.items() if not is_last}
    return Answers(done.batch, done.links, {**done.refused, **later})


def _recorded(hub: Hub, connection: Connection, answers: Sequence[Said], decision: Decision, source: str) -> Answers:
    if any(not said.why.strip() for said in answers):
        raise ConfigurationError("an answer needs a reason, for whoever asks later")
    links = {said.link_id: known_link(connection, said.link_id, locked=True) for said in answers}
    refused = _without_sense(answers, links)
    for subject in sorted({link.subject for link in links.values()}):
        mine = [said for said in answers if links[said.link_id].subject == subject and said.link_id not in refused]
        refused |= _contradicting(hub, connection, subject, mine, links)
    refused |= _with_something_open(hub, connection, answers, links)
    recorded = [said for said in answers if said.link_id not in refused]
    if not recorded:
        return Answers(None, (), refused)
    kinds = {said.answer for said in recorded}
    batch = start_batch(
        connection,
        decision.at,
        decision.actor,
        kinds.pop() if len(kinds) == 1 else "several",
        source,
        decision.why,
        len(recorded),
    )
    detail = {"source": source, "why": decision.why, "answers": len(recorded), "refused": len(refused)}
    note(connection, decision.at, decision.actor, "identity.batch", f"identity_batch/{batch}", detail)
    changed = (
        stored_answer(connection, links[said.link_id], said.answer, replace(decision, why=said.why), batch)
        for said in recorded
    )
    return Answers(batch, tuple(changed), refused)


def _without_sense(answers: Sequence[Said], links: Mapping[int, IdentityLink]) -> dict[int, str]:
    """Answers that make no sense for the link, as another person has spoken before."""
    refused: dict[int, str] = {}
    for said in answers:
        link = links[said.link_id]
        if after(link.state, said.answer, is_decided=link.is_decided) is None:
            by = f" by {link.decided_by}" if link.decided_by else ""
            refused[link.id] = f"it is {link.state}{by}: there is nothing to {said.answer}"
    return refused


def _with_something_open(
    hub: Hub, connection: Connection, answers: Sequence[Said], links: Mapping[int, IdentityLink]
) -> dict[int, str]:
    """Acceptances that would make a customer who was bought one with another while either has something open."""
    bought = hub.operator.acquisitions.acquisitions
    wanted = (said.link_id for said in answers if said.answer == "accept")
    return {link_id: why for link_id in wanted if (why := why_no_merge(connection, links[link_id], bought))}


def _contradicting(
    hub: Hub,
    connection: Connection,
    subject: Subject,
    answers: Sequence[Said],
    links: Mapping[int, IdentityLink],
) -> dict[int, str]:
    """Acceptances that would bring records together that a person keeps apart, by an answer of now or of before."""
    mine = {said.link_id for said in answers}
    others = [link for link in identity_links(connection, ("linked", "apart"), subject) if link.id not in mine]
    apart = [links[said.link_id].names for said in answers if said.answer == "reject"]
    wanted = {links[said.link_id].names: said.link_id for said in answers if said.answer == "accept"}
    largest = hub.operator.matching[subject].largest_group
    refused = followed(others, largest, tuple(wanted), apart).refused
    return {wanted[names]: reason for names, reason in refused.items() if names in wanted}
