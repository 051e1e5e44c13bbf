"""What a person says of a link; each answer is a step of the link and a row of the audit."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.acquisition.open_items import why_no_merge
from hub.decision import Decision
from hub.workplace import Hub
from identity.answers import Answer, after
from identity.groups import BY_A_PERSON, Grouping, group
from identity.pairs import Names
from identity.settings import Subject
from storage.audit import note
from storage.identity_links import IdentityLink, identity_links, link_with, record_answer


def answer(hub: Hub, link_id: int, said: Answer, decision: Decision) -> IdentityLink:
    """Accept a link, reject it, or take back what joined it or what was answered.

    An answer holds whatever later runs find, until it is undone. Undoing what was joined by itself keeps the two
    records apart; undoing a person's answer asks the question again.

    Raises:
        ConfigurationError: there is no such link, the answer makes no sense for it, no reason is given, two
            records would come together that a person keeps apart, or one of them was bought and either has a bill,
            a balance or a dispute open.
    """
    if not decision.why.strip():
        raise ConfigurationError(f"link {link_id}: an answer needs a reason, for whoever asks later")
    with hub.database.writing() as connection:
        link = known_link(connection, link_id, locked=True)
        if after(link.state, said, is_decided=link.is_decided) is None:
            decided = f" by {link.decided_by}" if link.decided_by else ""
            raise ConfigurationError(f"link {link_id} is {link.state}{decided}: there is nothing to {said}")
        if said == "accept":
            _refuse_contradiction(connection, link, hub.operator.matching[link.subject].largest_group)
            if open_ones := why_no_merge(connection, link, hub.operator.acquisitions.acquisitions):
                raise ConfigurationError(f"link {link_id} cannot be accepted: {open_ones}; settle that first")
        return stored_answer(connection, link, said, decision)


def stored_answer(
    connection: Connection, link: IdentityLink, said: Answer, decision: Decision, batch: int | None = None
) -> IdentityLink:
    """Store an answer that makes sense as a step of the link, and note it in the audit; the link is locked."""
    then = after(link.state, said, is_decided=link.is_decided)
    if then is None:
        raise ValueError(f"link {link.id} is {link.state}: there is nothing to {said}")
    changed = record_answer(connection, link, said, then, decision.actor, decision.at, decision.why, batch)
    detail = {"from": link.state, "to": changed.state, "why": decision.why, "records": list(link.names)}
    note(
        connection,
        decision.at,
        decision.actor,
        f"identity.{said}",
        f"identity_link/{link.id}",
        detail if batch is None else {**detail, "batch": batch},
    )
    return changed


def known_link(connection: Connection, link_id: int, *, locked: bool = False) -> IdentityLink:
    """The link of that number.

    Raises:
        ConfigurationError: there is none.
    """
    link = link_with(connection, link_id, locked=locked)
    if link is None:
        raise ConfigurationError(f"there is no link {link_id}; `splice identity review list` shows them")
    return link


def identities(hub: Hub, subject: Subject) -> tuple[tuple[str, ...], ...]:
    """Records of one customer or premise together, as all links say now; who stands alone is left out."""
    with hub.database.reading() as connection:
        links = identity_links(connection, ("linked", "apart"), subject)
    return followed(links, hub.operator.matching[subject].largest_group).groups


def followed(
    links: Sequence[IdentityLink], largest: int, last: Sequence[Names] = (), apart: Iterable[Names] = ()
) -> Grouping:
    """All links followed: a person's first, then keys, then by weight, and ``last`` at the end.

    Args:
        links: joined and kept apart.
        largest: a group is not larger.
        last: more pairs that are to be joined.
        apart: more pairs that are kept apart.
    """
    joined = [link for link in links if link.state == "linked"]
    joined.sort(key=lambda link: (not link.is_decided, link.basis != "key", -(link.weight or 0), link.id))
    kept_apart = [*(link.names for link in links if link.state == "apart"), *apart]
    names = [*(link.names for link in joined), *last]
    return group(names, dict.fromkeys(kept_apart, BY_A_PERSON), largest)


def _refuse_contradiction(connection: Connection, link: IdentityLink, largest: int) -> None:
    others = [each for each in identity_links(connection, ("linked", "apart"), link.subject) if each.id != link.id]
    if reason := followed(others, largest, (link.names,)).refused.get(link.names):
        raise ConfigurationError(f"link {link.id} cannot be accepted: {reason}; answer that one first")
