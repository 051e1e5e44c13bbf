"""Open questions by pattern: how many there are, how much money is billed to whom they are about, and a sample."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from hub.identity.compared import compared_fields
from hub.workplace import Hub
from identity.answers import OPEN
from identity.patterns import pattern_id
from identity.settings import Subject
from storage.identity_links import IdentityLink, identity_links
from storage.identity_questions import accounts_in_question, newest_bills, pattern_counts

Fields = Mapping[str, tuple[str, str]]
"""What the two records of a link say, by field."""


@dataclass(frozen=True, slots=True)
class QuestionPattern:
    """Questions of one kind.

    Attributes:
        id: six characters.
        pattern: why it is asked, what agrees and what differs, in words.
        least, most: probabilities; None where only keys speak for them.
        billed: what the newest bills of all accounts in question came to, tax excluded, in minor units by currency.
    """

    id: str
    subject: Subject
    pattern: str
    questions: int
    least: float | None
    most: float | None
    billed: Mapping[str, int]


def question_patterns(hub: Hub, subject: Subject | None = None) -> list[QuestionPattern]:
    """All patterns with open questions, those first behind which the most is billed, then the most frequent.

    Amounts of several currencies are put in order by their minor units, as if a unit of each were worth the same.
    """
    with hub.database.reading() as connection:
        counts = pattern_counts(connection, subject)
        links = identity_links(connection, OPEN, "customer") if subject != "premise" else []
        accounts = accounts_in_question(connection) if links else {}
        bills = newest_bills(connection, set().union(*accounts.values()))
    of_pattern: defaultdict[str, set[str]] = defaultdict(set)
    for link in links:
        of_pattern[link.pattern] |= accounts.get(link.id, set())
    found = [
        QuestionPattern(
            pattern_id(each.subject, each.pattern),
            each.subject,
            each.pattern,
            each.questions,
            each.least,
            each.most,
            _total(of_pattern.get(each.pattern, set()) if each.subject == "customer" else set(), bills),
        )
        for each in counts
    ]
    return sorted(found, key=lambda each: (-sum(each.billed.values()), -each.questions, each.id))


def one_pattern(hub: Hub, wanted: str) -> QuestionPattern:
    """The pattern of that name.

    Raises:
        ConfigurationError: no open question has it.
    """
    found = {each.id: each for each in question_patterns(hub)}
    if wanted not in found:
        raise ConfigurationError(
            f"no open question has the pattern {wanted!r}{nearest(wanted, list(found))}; "
            "`splice identity review patterns` lists them"
        )
    return found[wanted]


def sample_of(hub: Hub, pattern: QuestionPattern, size: int, seed: int = 0) -> Sequence[tuple[IdentityLink, Fields]]:
    """Questions of a pattern drawn at random, with what both records say; the same seed draws the same ones.

    Args:
        hub: the operator's hub.
        pattern: whose questions.
        size: so many at most.
        seed: another one draws others.
    """
    with hub.database.reading() as connection:
        links = identity_links(connection, OPEN, pattern.subject, pattern=pattern.pattern)
        drawn = sorted(links, key=lambda link: sha256(f"{seed}/{link.id}".encode()).digest())[:size]
        return [(link, compared_fields(connection, link)) for link in drawn]


def _total(accounts: set[str], bills: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    total: defaultdict[str, int] = defaultdict(int)
    for account in accounts:
        for currency, amount in bills.get(account, {}).items():
            total[currency] += amount
    return dict(sorted(total.items()))
