"""Find out which records of all systems are one customer or premise, after what they say was pulled."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.artifacts import show_matches
from flows.asked import IdentityRequest
from flows.ending import completed
from flows.opening import opened
from flows.pulling import ended, pull_systems
from flows.steps import match_records, write_question_files
from hub.identity.match import Matched, streams_that_tell


@flow(name="match_identities", flow_run_name="match customers and premises", persist_result=False)
def match_identities(request: IdentityRequest) -> State[Any]:
    """Pull who and what the systems know, match it, and say what a person is asked.

    Where a pull fails the others go on, but nothing is matched: links would lapse for want of a record.
    """
    with opened(request) as at_hand:
        if request.pull_first:
            told = streams_that_tell(at_hand.hub.operator, request.subjects)
            pulls = pull_systems(at_hand, [request.for_system(system) for system in told], only=told)
            if any(pull.failed for pull in pulls):
                return ended(pulls)
        matched = [match_records(at_hand, request, subject) for subject in request.subjects]
        files = write_question_files(at_hand, request)
    show_matches(matched, files)
    said = "; ".join(map(_said, matched))
    if files.questions:
        return completed(f"{said}; see {files.page.name}", f"{files.questions:,} questions")
    return completed(said)


def _said(matched: Matched) -> str:
    changes = matched.changes
    text = f"{matched.subject}: {matched.records:,} records, {changes.new:,} new links and questions"
    return f"{text}, the records have changed since learning" if matched.shifted else text
