"""Who may act: the question every effect is put to before it is journaled, and again before it is sent."""

from collections.abc import Callable

from handoffs.stages import Authority, Handoff, authority_over
from hub.operator_folder.load import Operator

MayAct = Callable[[str, Handoff, str], Authority]
"""Takes market, hand-off and subject; the hub sends nothing where the actor is another."""


def declared_authority(operator: Operator) -> MayAct:
    """The stages that ``operator.yaml`` declares; what it is silent about belongs to the legacy systems.

    No cohort is known here, so that in ``canary`` the legacy system acts.
    """

    def may_act(market: str, handoff: Handoff, subject: str) -> Authority:
        del subject
        stage = operator.file.handoffs.get(market, {}).get(handoff, "observe")
        return authority_over(stage, in_cohort=False)

    return may_act
