"""What persons say of differences: they explain a field for a while, or take that back."""

from datetime import datetime

from canonical_model.errors import ConfigurationError
from handoffs.shadow.explanation import Explanation, problems_of
from hub.operator_folder.comparisons_folder import Comparisons
from hub.snapshots import market_of
from hub.workplace import Hub
from storage.audit import note
from storage.shadow_explanations import keep_explanation, withdraw_explanation


def explain_difference(hub: Hub, explanation: Explanation, comparisons: Comparisons | None = None) -> Explanation:
    """Take a person's explanation; the next pass counts what it is true of as explained.

    Args:
        hub: the operator's hub.
        explanation: with an owner and an end.
        comparisons: how hand-offs are compared; None for the operator's.

    Returns:
        It with its number.

    Raises:
        ConfigurationError: it lacks an owner, a reason or an end, or names what there is not.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, explanation.market)
    known = comparisons or hub.operator.comparisons
    problems = problems_of(explanation, frozenset(known[explanation.handoff].pack.fields))
    if problems:
        raise ConfigurationError("; ".join(problems))
    with hub.database.writing() as connection:
        kept = keep_explanation(connection, explanation)
        subject = f"{explanation.market}/{explanation.handoff}/{explanation.field}"
        detail = {
            "number": kept.number,
            "condition": explanation.condition,
            "owner": explanation.owner,
            "reason": explanation.reason,
            "expires_at": explanation.expires_at.isoformat(),
        }
        note(connection, explanation.at, explanation.by, "shadow.explain", subject, detail)
    return kept


def withdraw(hub: Hub, market_id: str, number: int, actor: str, now: datetime) -> None:
    """Take an explanation back; what it explained is open again at the next pass.

    Raises:
        ConfigurationError: there is none of that number in the market that still counts.
        RetryableError: the database is out of reach.
    """
    with hub.database.writing() as connection:
        if not withdraw_explanation(connection, market_id, number, now):
            raise ConfigurationError(f"market {market_id} has no explanation {number} that still counts")
        note(connection, now, actor, "shadow.withdraw", market_id, {"number": number})
