"""The form by which a person decides about a step of a take-over."""

from typing import Annotated, Any, Literal

from prefect.input import RunInput, read_flow_run_input
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Suspended
from pydantic import Field, WithJsonSchema, create_model

Decided = Literal["stay", "approve"]


class Approval(RunInput):
    """What a person says; who says nothing says to stay.

    Attributes:
        decision: whether the step is taken.
        approver: who says so, as handoffs.yaml names people.
        reason: for the history and the audit.
    """

    decision: Decided = Field(default="stay", title="Decision", description="Approve takes the step at once.")
    approver: str = Field(title="Your name", description="As handoffs.yaml names you; it is kept with the decision.")
    reason: str = Field(title="Why", description="For the history and the audit.", min_length=1)


def typed_already(key: str) -> Approval | None:
    """What a person has said in the form of a pause of this run; None where nobody has yet.

    Who asks before anything else is looked at loses no answer, whatever has become of its ground meanwhile.

    Args:
        key: of the pause.
    """
    said = read_flow_run_input(keyset_from_paused_state(Suspended(pause_key=key))["response"])
    return None if said is None else Approval.model_validate(said)


def approval_form(people: tuple[str, ...], description: str) -> type[Approval]:
    """The form, with those who may answer to choose from.

    Args:
        people: who is asked.
        description: what is asked, in Markdown; it stands above the form.
    """
    # a list to choose from, of one person too: of a single value the form makes an input that takes none
    listed = WithJsonSchema({"type": "string", "enum": list(people)})
    name: Any = (
        (Annotated[Literal[people], listed], Field(title="Your name", description="It is kept with the decision."))
        if people
        else (str, Field(title="Your name", description="handoffs.yaml names nobody for this market."))
    )
    form: type[Approval] = create_model("Approval", __base__=Approval, approver=name)
    return form.with_initial_data(description=description)
