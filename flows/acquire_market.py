"""Bring an acquired operator in, wave by wave: judge what lacks, ask persons, go on; for months if need be.

The run writes to no system: pulls and reconciliations of the market go on beside it, and so does service. It is
suspended while it waits, and begins from the top each time, by what our own ledger holds.
"""

from datetime import UTC, datetime
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import flow_run
from prefect.states import Completed

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from flows.acquisition_artifacts import asked_about_wave, show_acquisition
from flows.approval import Approval, approval_form, typed_already
from flows.asked import AcquisitionRequest
from flows.migrate_market import LOOK_KEY
from flows.opening import opened
from flows.run_names import named
from handoffs.acquisition.waves import WaveQuestion
from hub.acquisition.answering import answer_wave, asked_now, open_wave_question
from hub.acquisition.bought import acquisition_of
from hub.acquisition.leading import AcquisitionLook, look_on_acquisition
from hub.decision import Decision
from hub.workplace import Hub

WAVE_KEY = "wave-question-"
"""How the key of a pause begins that waits for a person about a wave; the number of the question follows."""


def _name() -> str:
    return f"{flow_run.parameters['request'].market}: acquisition"


@flow(name="acquire_market", flow_run_name=_name, persist_result=False)
def acquire_market(request: AcquisitionRequest) -> State[Any]:
    """Lead an acquisition through its waves; each is begun by a person, and signed by one."""
    with opened(request) as at_hand:
        while True:
            _ask(at_hand.hub, request.market)
            look = _looked(at_hand.hub, request.market)
            if look.judged is None:
                return Completed(message=look.said)
            if look.question is None:
                suspend_flow_run(key=f"{LOOK_KEY}{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def _looked(hub: Hub, market: str) -> AcquisitionLook:
    look = look_on_acquisition(hub, market, datetime.now(UTC))
    show_acquisition(hub, look)
    named(f"{look.market}: acquisition: {look.said}")
    return look


def _ask(hub: Hub, market: str) -> None:
    """Have the open question answered, if there is one; a wrong answer is asked again, with what was wrong."""
    question, tries, fault = open_wave_question(hub, market), 0, ""
    while question is not None:
        key = f"{WAVE_KEY}{question.id}-{tries}"
        said = typed_already(key)
        if said is None:
            look = _looked(hub, market)
            if look.question is None:
                return  # something lacks by now, and the question is void
            if look.question.id != question.id:
                question, tries, fault = look.question, 0, ""
                continue
            said = _awaited(hub, question, look, key, fault)
        fault = _carried_out(hub, question, said)
        if not fault:
            return
        tries += 1


def _awaited(hub: Hub, question: WaveQuestion, look: AcquisitionLook, key: str, fault: str) -> Approval:
    """Wait for an answer: the run ends here, and begins from the top once there is one."""
    block = acquisition_of(hub, question.market)
    text = asked_about_wave(question, look, asked_now(hub, question, datetime.now(UTC)), fault)
    # a form stays as it was made: deputies stand in it from the beginning, and whose turn it is is asked later
    listed = tuple(dict.fromkeys((*block.approvers, *block.deputies)))
    return suspend_flow_run(approval_form(listed, text), key=key)


def _carried_out(hub: Hub, question: WaveQuestion, said: Approval) -> str:
    """Do what was answered; what was wrong with it."""
    decision = Decision(said.approver, datetime.now(UTC), said.reason)
    try:
        answer_wave(hub, question.id, decision, approves=said.decision == "approve")
    except ConfigurationError as error:
        return str(error)
    except UnsafeToContinue:
        return ""  # the question is void by now; the next look asks anew, or says what lacks
    return ""
