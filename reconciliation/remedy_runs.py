"""What a run means for the remedies of a case: verified, out of date, not needed any more, or to be proposed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from reconciliation.remedies import LIVE, MONEY_KINDS, RemedyState
from rules.remedy import RemedyKind


@dataclass(frozen=True, slots=True)
class KnownRemedy:
    """A remedy before a run, as far as the run asks.

    Attributes:
        amount_minor: what it moves, positive.
        of_minor: the finding's money when it was proposed.
        settled_minor: what adjustments had brought for the case by then; negative to the customer.
        may_be_taken_back: nothing of it has left the hub.
    """

    number: int
    kind: RemedyKind
    state: RemedyState
    amount_minor: int
    of_minor: int
    settled_minor: int
    may_be_taken_back: bool = True

    @property
    def moves_money(self) -> bool:
        """Whether it brings the finding's money by itself."""
        return self.kind in MONEY_KINDS


Verdict = Literal["keep", "verified", "revise", "withdraw"]


def came_minor(remedy: KnownRemedy, settled_minor: int, to_customer: bool) -> int:
    """What adjustments have brought for a case since its remedy was proposed, in the direction of its finding."""
    came = settled_minor - remedy.settled_minor
    return max(-came if to_customer else came, 0)


def verdict(remedy: KnownRemedy, exposure_minor: int | None, settled_minor: int) -> Verdict:
    """What becomes of a live remedy.

    Args:
        remedy: the remedy.
        exposure_minor: the finding's money now; None where the finding is gone.
        settled_minor: what adjustments have brought for the case by now.
    """
    is_out = remedy.state in ("sent", "done") and not remedy.may_be_taken_back
    if is_out:
        if remedy.moves_money:
            came = came_minor(remedy, settled_minor, to_customer=remedy.kind == "credit")
            return "verified" if came >= remedy.amount_minor else "keep"
        return "verified" if exposure_minor is None and remedy.state == "done" else "keep"
    if exposure_minor is None:
        return "withdraw"
    return "revise" if remedy.moves_money and exposure_minor != remedy.of_minor else "keep"


def kinds_to_propose(
    kinds: Collection[RemedyKind], before: Sequence[KnownRemedy], exposure_minor: int
) -> tuple[RemedyKind, ...]:
    """Kinds of remedy that a run proposes for a finding that it sees.

    None that is under way already, none that was proposed before for the very same money (whoever withdrew it had a
    reason), and none after one that was given up in the outbox: it may have happened, and a person has to know.
    """

    def was_tried(kind: RemedyKind) -> bool:
        own = [remedy for remedy in before if remedy.kind == kind]
        if any(remedy.state in LIVE for remedy in own):
            return True
        return bool(own) and (own[-1].state == "failed" or own[-1].of_minor == exposure_minor)

    return tuple(kind for kind in kinds if not was_tried(kind))
