"""Who may act: the question every effect is put to before it is journaled, and again before it is sent."""

from collections.abc import Callable

from handoffs.stages import Authority, Mandate, authority_over
from hub.operator_folder.load import Operator

MayAct = Callable[[str, Mandate, str], Authority]
"""Takes market, hand-off (or ``remedies``) and subject; the hub sends nothing where the actor is another."""


_REMEDIES = {
    True: "remedies.yaml lets the hub send remedies in this market",
    False: "remedies.yaml does not let the hub send remedies in this market",
}


def declared_authority(operator: Operator) -> MayAct:
    """The stages that ``handoffs.yaml`` declares; what it is silent about belongs to the legacy systems.

    No cohort is known here, so that in ``canary`` the legacy system acts. Remedies are sent where ``remedies.yaml``
    says so; whether one is approved is known where it is put into the journal.
    """

    def may_act(market: str, handoff: Mandate, subject: str) -> Authority:
        del subject
        if handoff == "remedies":
            sends = operator.remedies.of(market).sends
            return Authority("hub" if sends else "legacy", False, _REMEDIES[sends])
        stage = operator.handoffs.declared.get(market, {}).get(handoff, "observe")
        return authority_over(stage, in_cohort=False)

    return may_act
